// Two people in two browsers' contexts talk through the chat sample.
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { launchBrowser, limit, startProgram } from "./support.mjs";

let server;
let browser;
let people = [];

before(async () => {
  server = await startProgram("SAKER_CHAT");
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.kill();
});

afterEach(async () => {
  for (const { context } of people) await context.close();
  people = [];
});

async function openPage() {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(limit);
  await page.goto(server.address, { timeout: limit });
  people.push({ context });
  return page;
}

async function join(name, room) {
  const page = await openPage();
  await page.locator("#name").fill(name);
  await page.locator("#room").fill(room);
  await page.keyboard.press("Enter");
  await page.locator('#state[data-state="open"]').waitFor();
  return page;
}

async function say(page, text) {
  await page.locator("#text").fill(text);
  await page.keyboard.press("Enter");
}

async function expectLines(page, expected) {
  await page.locator("#lines li").nth(expected.length - 1).waitFor();
  assert.deepEqual(await page.locator("#lines li").allTextContents(), expected);
}

async function expectHere(page, names) {
  await page.waitForFunction((wanted) =>
    [...document.querySelectorAll("#here li")].map((each) => each.textContent).join() === wanted, names.join());
}

test("two pages talk to each other and see who is here", async () => {
  const ann = await join("Ann", "kitchen");
  await expectHere(ann, ["Ann"]);
  const bob = await join("Bob", "kitchen");
  await expectHere(ann, ["Ann", "Bob"]);
  await expectHere(bob, ["Ann", "Bob"]);

  await say(ann, "Hello, Bob!");
  await expectLines(bob, ["AnnHello, Bob!"]);
  await say(bob, "grüße 漢字 🦅 \"quoted\" <b>not markup</b>");
  const both = ["AnnHello, Bob!", "Bobgrüße 漢字 🦅 \"quoted\" <b>not markup</b>"];
  await expectLines(ann, both);
  await expectLines(bob, both);
  assert.equal(await ann.locator("#lines li b b").count(), 0, "lines are text, not markup");

  await bob.locator("#leaveButton").click();
  await expectHere(ann, ["Ann"]);
  assert.equal(await bob.locator("#state").getAttribute("data-state"), "idle");
});

test("rooms are apart, and a name that is taken gets a number", async () => {
  const ann = await join("Ann", "one");
  const other = await join("Ann", "one");
  const elsewhere = await join("Ann", "two");
  await expectHere(ann, ["Ann", "Ann (2)"]);
  await expectHere(elsewhere, ["Ann"]);
  assert.equal(await other.locator("#state").textContent(), "In one as Ann (2)");
  await say(ann, "only in one");
  await expectLines(other, ["Annonly in one"]);
  await say(elsewhere, "only in two");
  await expectLines(elsewhere, ["Annonly in two"]);
});

test("who comes later gets the last 50 lines", async () => {
  const ann = await join("Ann", "history");
  for (let i = 1; i <= 55; ++i) await say(ann, `line ${i}`);
  await ann.locator("#lines li").nth(54).waitFor();
  const late = await join("Late", "history");
  const expected = Array.from({ length: 50 }, (_, i) => `Annline ${i + 6}`);
  await expectLines(late, expected);
});

test("a closed page leaves the room", async () => {
  const ann = await join("Ann", "hall");
  await join("Bob", "hall");
  await expectHere(ann, ["Ann", "Bob"]);
  await people[1].context.close();
  await expectHere(ann, ["Ann"]);
});

test("after the server was killed and started again both pages come back", async () => {
  const ann = await join("Ann", "phoenix");
  const bob = await join("Bob", "phoenix");
  await say(ann, "before");
  await expectLines(bob, ["Annbefore"]);

  server.kill();
  await server.exited;
  for (const page of [ann, bob]) {
    await page.locator('#state[data-state="waiting"]').waitFor();
    assert.ok(await page.locator("#text").isDisabled(), "nothing can be said meanwhile");
  }
  server = await startProgram("SAKER_CHAT", server.port);
  for (const page of [ann, bob]) await page.locator('#state[data-state="open"]').waitFor({ timeout: 3 * limit });
  await expectHere(ann, ["Ann", "Bob"]);
  await say(bob, "after");
  await expectLines(ann, ["Annbefore", "Bobafter"]);
});
