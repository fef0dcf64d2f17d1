// Drives the page of the echo sample in a real browser, against the real server program.
//
//   SAKER_ECHO   the server program, e.g. build/release/bin/saker-echo (required)
//   CHROMIUM     the browser, /usr/bin/chromium if not given
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startScriptedPeer } from "./scripted_peer.mjs";
import { launchBrowser, limit, startProgram, within } from "./support.mjs";

const paths = ["/ws", "/controller/ws", "/background/ws"];
const controls = ["connectionUrl", "connectButton", "sendMessage", "sendButton", "closeButton"];
const enabledWhenClosed = ["connectionUrl", "connectButton"];
const enabledWhenOpen = ["sendMessage", "sendButton", "closeButton"];

let server;
let browser;

before(async () => {
  server = await startProgram("SAKER_ECHO");
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.kill();
});

// A fresh page; what it reports as an error fails the test, unless the test provokes errors.
async function withPage(action, { viewport = { width: 1280, height: 800 }, errorsExpected = false } = {}) {
  const context = await browser.newContext({ viewport });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(limit);
    const problems = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => problems.push(`exception: ${error}`));
    page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
    await page.goto(server.address, { timeout: limit });
    await action(page);
    if (!errorsExpected) assert.deepEqual(problems, [], "the page reported errors");
  } finally {
    await context.close();
  }
}

const byId = (page, id) => page.locator(`#${id}`);
const urlOf = (path) => server.address.replace("http:", "ws:") + path;

async function expectText(page, id, text) {
  const exact = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  await page.locator(`#${id}`, { hasText: exact }).waitFor();
}

async function expectState(page, name, text, enabled) {
  await page.locator(`#stateLabel[data-state="${name}"]`).waitFor();
  await expectText(page, "stateLabel", text);
  const now = [];
  for (const id of controls) if (await byId(page, id).isEnabled()) now.push(id);
  assert.deepEqual(now, enabled, `enabled while ${name}`);
}

async function expectFocus(page, id) {
  await page.locator(`#${id}:focus`).waitFor();
}

// The rows of the log, each an array of its cells' texts, once there are `count` of them.
async function logRows(page, count) {
  const rows = page.locator("#commsLog tr");
  await rows.nth(count - 1).waitFor();
  const texts = [];
  for (const row of await rows.all()) texts.push(await row.locator("td").allTextContents());
  return texts;
}

async function connectByKeyboard(page, url) {
  await byId(page, "connectionUrl").fill(url);
  await page.keyboard.press("Enter");
  await expectState(page, "open", "Open", enabledWhenOpen);
  await expectFocus(page, "sendMessage");
}

async function sendByKeyboard(page, text) {
  await byId(page, "sendMessage").fill(text);
  await page.keyboard.press("Enter");
}

const sentRow = (text) => ["Client", "Server", text];
const receivedRow = (text) => ["Server", "Client", text];
const closedByClient = ["Connection closed. Code: 1000. Reason: Closing from client"];

test("the page starts ready to connect, with the URL of its own server", () => withPage(async (page) => {
  assert.equal(await page.title(), "WebSocket Sample Application");
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "WebSocket Sample Application");
  assert.equal(await page.getByRole("heading", { level: 2 }).textContent(), "Communication Log");
  assert.deepEqual(await page.getByRole("columnheader").allTextContents(), ["From", "To", "Data"]);
  await expectState(page, "idle", "Ready to connect...", enabledWhenClosed);
  assert.equal(await page.getByLabel("WebSocket Server URL:").inputValue(), urlOf("/ws"));
  assert.equal(await page.getByLabel("Message to send:").inputValue(), "");
  for (const name of ["Connect", "Send", "Close Socket", "Clear log"]) {
    assert.ok(await page.getByRole("button", { name, exact: true }).isVisible(), name);
  }
}));

for (const path of paths) {
  test(`messages go and come back through ${path}, by keyboard`, () => withPage(async (page) => {
    await connectByKeyboard(page, urlOf(path));
    assert.ok(await page.locator(`#endpoints input[value="${path}"]`).isChecked());

    const expected = [["Connection opened"]];
    for (const text of ["Hello", "grüße 漢字 🦅", "<b>html</b> & <img src=x>", "", "x".repeat(70_000)]) {
      await sendByKeyboard(page, text);
      expected.push(sentRow(text), receivedRow(text));
      assert.deepEqual(await logRows(page, expected.length), expected);
    }
    assert.equal(await page.locator("#commsLog :is(b, img)").count(), 0, "messages are text, not markup");
    assert.equal(await page.locator(".counts").textContent(), "5 sent, 5 received");

    await page.getByRole("button", { name: "Close Socket" }).press("Enter");
    expected.push(closedByClient);
    assert.deepEqual(await logRows(page, expected.length), expected);
    await expectState(page, "closed", "Closed", enabledWhenClosed);
    await expectFocus(page, "connectButton");
  }));
}

test("after closing it connects again, elsewhere, and the log can be cleared", () => withPage(async (page) => {
  await connectByKeyboard(page, urlOf("/ws"));
  await byId(page, "closeButton").click();
  await expectState(page, "closed", "Closed", enabledWhenClosed);

  await page.locator('#endpoints input[value="/ws"]').press("ArrowRight");
  assert.equal(await byId(page, "connectionUrl").inputValue(), urlOf("/controller/ws"));
  await byId(page, "connectButton").press("Enter");
  await expectState(page, "open", "Open", enabledWhenOpen);
  await sendByKeyboard(page, "again");
  assert.deepEqual(await logRows(page, 5),
    [["Connection opened"], closedByClient, ["Connection opened"], sentRow("again"), receivedRow("again")]);

  await byId(page, "clearButton").click();
  assert.equal(await page.locator("#commsLog tr").count(), 0);
  assert.equal(await page.locator(".counts").textContent(), "0 sent, 0 received");
  await expectState(page, "open", "Open", enabledWhenOpen);
}));

test("the browser agrees to compression, and every size comes back", () => withPage(async (page) => {
  const result = await page.evaluate(async ([url, time]) => {
    const socket = new WebSocket(url);
    const next = (name) => new Promise((found, failed) => {
      setTimeout(() => failed(new Error(`no ${name} within ${time} ms`)), time);
      socket.addEventListener(name, found, { once: true });
    });
    await next("open");
    const wrong = [];
    for (const size of [0, 1, 125, 1024, 4096, 70_000, 1_000_000]) {
      const text = JSON.stringify({ text: "to and fro ".repeat(size) }).slice(0, size);
      socket.send(text);
      // The sample echoes in fragments, which the browser joins.
      if ((await next("message")).data !== text) wrong.push(size);
    }
    socket.close(1000);
    const { code } = await next("close");
    return { extensions: socket.extensions, wrong, code };
  }, [urlOf("/ws"), limit]);
  assert.match(result.extensions, /^permessage-deflate/);
  assert.deepEqual(result, { extensions: result.extensions, wrong: [], code: 1000 });
}));

test("a long log scrolls in its panel and shows the newest row", () => withPage(async (page) => {
  await connectByKeyboard(page, urlOf("/ws"));
  for (let i = 1; i <= 30; ++i) {
    await sendByKeyboard(page, `message ${i}`);
    await page.locator("#commsLog tr").nth(2 * i).waitFor();
  }
  const panel = await byId(page, "logPanel").boundingBox();
  const newest = await page.locator("#commsLog tr").last().boundingBox();
  assert.ok(panel.y + panel.height <= 800, "the panel fits the window");
  assert.ok(newest.y >= panel.y && newest.y + newest.height <= panel.y + panel.height + 1, "the newest row is in view");
}));

test("connecting, closing, binary data and the peer's own close are shown", () => withPage(async (page) => {
  const peer = await startScriptedPeer();
  try {
    await byId(page, "connectionUrl").fill(peer.url);
    await page.keyboard.press("Enter");
    await within(peer.requested, "the handshake request");
    await expectState(page, "connecting", "Connecting...", []);
    peer.accept();
    await expectState(page, "open", "Open", enabledWhenOpen);
    peer.send(0x2, Buffer.from([0, 255, 60]));
    peer.send(0x1, Buffer.from("<i>text</i>"));
    await logRows(page, 3);
    await byId(page, "closeButton").click(); // the peer does not answer yet
    await expectState(page, "closing", "Closing...", []);
    peer.send(0x8, Buffer.concat([Buffer.from([0x03, 0xf3]), Buffer.from("<u>off</u>")])); // 1011
    assert.deepEqual(await logRows(page, 4), [["Connection opened"], receivedRow("[binary, 3 bytes]"),
      receivedRow("<i>text</i>"), ["Connection closed. Code: 1011. Reason: <u>off</u>"]]);
    await expectState(page, "closed", "Closed", enabledWhenClosed);
  } finally {
    peer.stop();
  }
}));

test("an unusable URL gets a message beside the box", () => withPage(async (page) => {
  for (const url of ["", "nonsense", "http://127.0.0.1/ws", "ws://", "ws://host:port/", "ws://127.0.0.1:99999/ws"]) {
    await byId(page, "connectionUrl").fill(url);
    assert.equal(await byId(page, "urlError").textContent(), "", "typing clears the message");
    await page.keyboard.press("Enter");
    await page.locator("#urlError:not(:empty)").waitFor();
    await expectFocus(page, "connectionUrl");
    await expectState(page, "idle", "Ready to connect...", enabledWhenClosed);
  }
  await connectByKeyboard(page, urlOf("/ws"));
  assert.equal(await byId(page, "urlError").textContent(), "");
}));

test("a refused handshake ends closed, with code 1006 and a hint", () => withPage(async (page) => {
  await byId(page, "connectionUrl").fill(urlOf("/no-such-endpoint"));
  await page.keyboard.press("Enter");
  assert.deepEqual(await logRows(page, 1), [["Connection closed. Code: 1006. Reason: "]]);
  await expectState(page, "closed", "Closed", enabledWhenClosed);
  await page.locator("#urlError", { hasText: "Could not connect" }).waitFor();
}, { errorsExpected: true }));

// What a visitor sees first, and after connecting, at the usual sizes of windows: every block of the
// page in its place. Answers with what is wrong.
function layoutFaults(page) {
  return page.evaluate(() => {
    const blocks = ["header", "#statePill", "#connectForm", "#sendForm", ".log"];
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    const wrong = [];
    const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    blocks.forEach((name, at) => {
      const here = box(name);
      if (here.left < 0 || here.right > innerWidth) wrong.push(`${name} leaves the screen`);
      for (const other of blocks.slice(at + 1)) if (overlap(here, box(other))) wrong.push(`${name} lies on ${other}`);
    });
    const most = 32; // pixels between a block and the next
    const apart = (upper, lower) => {
      const space = box(lower).top - box(upper).bottom;
      if (space > most) wrong.push(`${space} pixels between ${upper} and ${lower}`);
    };
    const wide = box(".log").left > box("#connectForm").right;
    apart(wide ? "header" : "#statePill", "#connectForm");
    apart("#connectForm", "#sendForm");
    apart(wide ? "header" : "#sendForm", ".log");
    if (wide && Math.abs(box(".log").top - box("#connectForm").top) > 1) wrong.push("the columns begin apart");
    if (!wide) apart("header", "#statePill");
    const within = (inner, outer) => {
      const [a, b] = [box(inner), box(outer)];
      if (a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom) wrong.push(`${inner} leaves ${outer}`);
    };
    for (const inner of ["#stateLabel", "#carrierLabel"]) if (box(inner).width > 0) within(inner, "#statePill");
    for (const button of ["#connectButton", "#endpoints"]) within(button, "#connectForm");
    for (const button of ["#sendButton", "#closeButton"]) within(button, "#sendForm");
    within("#logPanel", ".log");
    within("#clearButton", ".log");
    if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page scrolls sideways");
    return wrong;
  });
}

for (const [width, height] of [[375, 812], [896, 700], [1280, 800], [1440, 900], [1920, 1080]]) {
  test(`nothing overlaps, leaves the screen or stands apart at ${width} x ${height}`, () => withPage(async (page) => {
    assert.deepEqual(await layoutFaults(page), [], "ready to connect");
    const places = () => page.locator(".card").evaluateAll((all) => all.map((card) => card.getBoundingClientRect().top));
    const before = await places();
    await connectByKeyboard(page, urlOf("/ws"));
    await page.locator("#carrierLabel:not(:empty)").waitFor();
    assert.deepEqual(await layoutFaults(page), [], "open");
    assert.deepEqual(await places(), before, "nothing moves when the socket opens");
    await byId(page, "closeButton").click();
    await expectState(page, "closed", "Closed", enabledWhenClosed);
    assert.deepEqual(await layoutFaults(page), [], "closed");
  }, { viewport: { width, height } }));
}

for (const width of [390, 320]) {
  test(`a phone of ${width} pixels scrolls in one direction only`, () => withPage(async (page) => {
    await connectByKeyboard(page, urlOf("/ws"));
    await sendByKeyboard(page, "unbroken".repeat(100));
    await logRows(page, 3);
    const { content, window } = await page.locator("html").evaluate((html) =>
      ({ content: html.scrollWidth, window: innerWidth }));
    assert.ok(content <= window && window === width, `content ${content}, window ${window}`);
    const panel = await byId(page, "logPanel").evaluate((it) => it.scrollWidth - it.clientWidth);
    assert.equal(panel, 0, "the log wraps long messages");
  }, { viewport: { width, height: 844 } }));
}

test("a plain request to an endpoint is answered 400, another path 404", async () => {
  for (const [path, status] of [...paths.map((path) => [path, 400]), ["/no-such-file", 404]]) {
    const response = await fetch(server.address + path, { signal: AbortSignal.timeout(limit) });
    await response.arrayBuffer();
    assert.equal(response.status, status, path);
  }
});

// The last one, as it ends the server.
test("SIGTERM closes open sockets with 1001 and ends the server with code 0", () => withPage(async (page) => {
  await connectByKeyboard(page, urlOf("/ws"));
  server.process.kill("SIGTERM");
  const rows = await logRows(page, 2);
  assert.match(rows[1][0], /^Connection closed\. Code: 1001\. Reason: /);
  await expectState(page, "closed", "Closed", enabledWhenClosed);
  const ended = await within(server.exited, "the end of the server");
  assert.deepEqual(ended, { code: 0, signal: null }, server.output);
}));
