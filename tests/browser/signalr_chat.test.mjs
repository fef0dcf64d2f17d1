// The SignalR chat sample in Chromium, over each transport.
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { startRedis } from "../interop/cluster-support.mjs";
import { launchBrowser, limit, startProgram } from "./support.mjs";

let server;
let browser;
let contexts = [];

before(async () => {
  server = await startProgram("SAKER_SIGNALR_CHAT");
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.kill();
});

afterEach(async () => {
  for (const each of contexts) await each.close();
  contexts = [];
});

// A page that is connected; { page, requests } with what it has asked the hub for.
async function openPage(transport) {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(limit);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const sockets = [];
  const streams = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  page.on("request", (request) => { if (request.method() === "GET" && /\/chat\?/.test(request.url())) streams.push(request.headers().accept ?? ""); });
  await page.goto(server.address, { timeout: limit });
  await state(page, /^Connected\.$/);
  if (transport !== "7") {
    sockets.length = streams.length = 0;
    await page.selectOption("#transport", transport);
    await state(page, /^Connected over /);
  }
  return { page, errors, sockets, streams };
}

async function state(page, pattern) {
  await page.waitForFunction(([source]) => new RegExp(source).test(document.getElementById("state").textContent), [pattern.source]);
}

const line = (page, list, text) => page.locator(`#${list} li`, { hasText: text }).first().waitFor();

async function say(page, user, text) {
  await page.fill("#userInput", user);
  await page.fill("#messageInput", text);
  await page.click("#sendButton");
}

for (const [name, transport] of [["automatic", "7"], ["WebSockets", "1"], ["Server-Sent Events", "2"], ["long polling", "4"]]) {
  test(`the chat, its rooms and its streams (${name})`, async () => {
    const [anna, bert] = [await openPage(transport), await openPage("7")];
    await say(anna.page, "Anna", "<b>hello</b> \u{1F44B}");
    for (const { page } of [anna, bert]) await line(page, "messagesList", "Anna says <b>hello</b> \u{1F44B}");
    await say(bert.page, "Bert", "hi");
    for (const { page } of [anna, bert]) await line(page, "messagesList", "Bert says hi");

    for (const { page } of [anna, bert]) {
      await page.fill("#roomInput", "falcons");
      await page.click("#joinButton");
    }
    for (const { page } of [anna, bert]) await page.locator("#people", { hasText: "falcons: 2 here" }).waitFor();
    await bert.page.locator("#roomMessageInput").pressSequentially("in");
    await anna.page.locator("#typing", { hasText: "Bert is typing" }).waitFor();
    await bert.page.locator("#roomMessageInput").pressSequentially(" the room");
    await bert.page.click("#roomSendButton");
    for (const { page } of [anna, bert]) await line(page, "roomMessages", "Bert: in the room");
    assert.equal(await anna.page.locator("#messagesList li").count(), 2, "what was said in the room stays there");

    await anna.page.click("#loadButton");
    await anna.page.locator("#loadLabel", { hasText: /% CPU, \d+ MB, 2 connected/ }).waitFor();
    await anna.page.click("#loadButton");
    await anna.page.locator("#loadButton", { hasText: "Watch" }).waitFor();

    await anna.page.fill("#uploadText", `${"x".repeat(99)}\n`.repeat(50));
    await anna.page.click("#uploadButton");
    await anna.page.locator("#uploadReport", { hasText: "79 pieces, 5000 bytes, 50 line breaks arrived." }).waitFor();

    await contexts[1].close();
    await anna.page.locator("#people", { hasText: "falcons: 1 here" }).waitFor();
    assert.deepEqual([...anna.errors, ...bert.errors], []);
    const uses = { sockets: anna.sockets.length > 0, events: anna.streams.some((each) => each.includes("text/event-stream")), polls: anna.streams.some((each) => !each.includes("text/event-stream")) };
    const wanted = { sockets: transport === "1" || transport === "7", events: transport === "2", polls: transport === "4" };
    assert.deepEqual(uses, wanted);
  });
}

test("an error of the hub is shown", async () => {
  const { page } = await openPage("7");
  await page.evaluate(() => document.getElementById("userInput").removeAttribute("maxlength"));
  await say(page, "x".repeat(40), "hello");
  await page.locator("#error", { hasText: "A name has 1 to 32 bytes." }).waitFor();
});

test("two servers on one Redis are one chat", async () => {
  const redis = await startRedis();
  const before = server;
  const servers = await Promise.all([1, 2].map(() => startProgram("SAKER_SIGNALR_CHAT", 0, ["--redis", redis.url])));
  try {
    const pages = [];
    for (const each of servers) {
      server = each;
      pages.push((await openPage("7")).page);
    }
    await say(pages[0], "Anna", "hello from the first");
    await line(pages[1], "messagesList", "Anna says hello from the first");
    for (const [index, page] of pages.entries()) {
      await page.fill("#roomInput", "falcons");
      await page.click("#joinButton");
      await page.locator("#people", { hasText: `falcons: 1 here on server ${servers[index].process.pid}` }).waitFor();
    }
    await pages[1].fill("#userInput", "Bert");
    await pages[1].fill("#roomMessageInput", "to the room");
    await pages[1].click("#roomSendButton");
    await line(pages[0], "roomMessages", "Bert: to the room");
  } finally {
    for (const each of servers) each.kill();
    await redis.kill();
    server = before;
  }
});

test("the page comes back after the server was away", async () => {
  const own = await startProgram("SAKER_SIGNALR_CHAT");
  const before = server;
  server = own;
  try {
    const { page } = await openPage("7");
    own.process.kill("SIGTERM");
    assert.deepEqual(await own.exited, { code: 0, signal: null });
    await state(page, /was lost/);
    server = await startProgram("SAKER_SIGNALR_CHAT", own.port);
    await state(page, /Connected again/);
    await say(page, "Anna", "back");
    await line(page, "messagesList", "Anna says back");
  } finally {
    server.kill();
    server = before;
  }
});
