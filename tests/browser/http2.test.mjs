// WebSockets over HTTP/2 in a real browser: the page of the echo sample over HTTPS, and the server's
// own record of what carries its sockets.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { launchBrowser, limit, makeCertificate, startProgram } from "./support.mjs";

let certificate;
let server;
let browser;

before(async () => {
  certificate = makeCertificate();
  server = await startProgram("SAKER_ECHO", 0, certificate.arguments);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.kill();
  rmSync(certificate.directory, { recursive: true });
});

async function withContext(action) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    await action(context);
  } finally {
    await context.close();
  }
}

async function openPage(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(limit);
  const response = await page.goto(server.address, { timeout: limit });
  assert.equal(response.status(), 200);
  return page;
}

const sockets = (page) => page.evaluate(async () => (await fetch("/sockets")).json());

test("the page's socket comes as extended CONNECT over HTTP/2", () => withContext(async (context) => {
  const page = await openPage(context);
  await page.locator("#connectButton").click();
  await page.locator('#stateLabel[data-state="open"]').waitFor();
  await page.locator("#carrierLabel", { hasText: "Over HTTP/2, on a stream of a shared connection, with TLSv1.3" })
    .waitFor();
  const open = await sockets(page);
  assert.equal(open.length, 1);
  assert.equal(open[0].method, "CONNECT");
  assert.equal(open[0].protocol, "HTTP/2");
  await page.locator("#sendMessage").fill("over a stream");
  await page.locator("#sendButton").click();
  await page.locator("#commsLog .commslog-data", { hasText: "over a stream" }).nth(1).waitFor();
  await page.locator("#closeButton").click();
  await page.locator("#commsLog", { hasText: "Connection closed. Code: 1000. Reason: Closing from client" }).waitFor();
  await page.waitForFunction(async () => (await (await fetch("/sockets")).json()).length === 0);
}));

test("two pages share one connection", () => withContext(async (context) => {
  const pages = [await openPage(context), await openPage(context)];
  for (const page of pages) {
    await page.locator("#connectButton").click();
    await page.locator('#stateLabel[data-state="open"]').waitFor();
  }
  const open = await sockets(pages[0]);
  assert.equal(open.length, 2);
  assert.equal(open[0].connection, open[1].connection, "one TCP connection carries both");
}));

test("a page and its 50 sockets do not block each other", () => withContext(async (context) => {
  const page = await openPage(context);
  const result = await page.evaluate(async () => {
    const base = `wss://${location.host}`;
    const paths = ["/ws", "/controller/ws", "/background/ws"];
    const opened = await Promise.all(Array.from({ length: 50 }, (_, i) => new Promise((found, failed) => {
      const socket = new WebSocket(base + paths[i % paths.length]);
      socket.binaryType = "arraybuffer";
      socket.onopen = () => found(socket);
      socket.onerror = () => failed(new Error(`socket ${i} did not open`));
    })));
    const record = await (await fetch("/sockets")).json();
    // One socket sends much and reads nothing of it for now...
    const busy = opened.pop();
    busy.send(new Uint8Array(8 * 1024 * 1024));
    // ...while the others talk to and fro, and the page loads its parts.
    const talk = (socket, rounds) => new Promise((done, failed) => {
      let round = 0;
      socket.onclose = () => failed(new Error("closed"));
      socket.onmessage = ({ data }) => {
        if (data !== `message ${round}`) return failed(new Error(`unexpected ${data}`));
        round += 1;
        if (round === rounds) return done();
        socket.send(`message ${round}`);
      };
      socket.send("message 0");
    });
    const bytes = new Promise((done) => {
      let received = 0;
      busy.onmessage = ({ data }) => {
        received += data.byteLength;
        if (received === 8 * 1024 * 1024) done(received);
      };
    });
    const parts = Array.from({ length: 20 }, async (_, i) => {
      const answer = await fetch(`/app.js?${i}`);
      return (await answer.text()).length;
    });
    await Promise.all(opened.map((socket) => talk(socket, 100)));
    const sizes = await Promise.all(parts);
    return { record, sizes, received: await bytes };
  });
  assert.equal(result.record.length, 50);
  assert.equal(new Set(result.record.map((each) => each.connection)).size, 1);
  assert.ok(result.record.every((each) => each.protocol === "HTTP/2"));
  assert.equal(new Set(result.sizes).size, 1);
  assert.equal(result.received, 8 * 1024 * 1024);
}));
