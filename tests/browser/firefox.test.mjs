// The page of the echo sample in Firefox, and the server's own record of what carries its sockets.
//
//   SAKER_ECHO   the server program (required)
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { afterEach, test } from "node:test";
import { promisify } from "node:util";
import { click, expectText, fill, launchFirefox, overEachCarrier } from "./firefox.mjs";
import { eventually, limit, within } from "./programs.mjs";

const run = promisify(execFile);

async function connect(page) {
  await click(page, "#connectButton");
  await page.waitForSelector('#stateLabel[data-state="open"]');
}

async function talk(page, text) {
  await fill(page, "#sendMessage", text);
  await click(page, "#sendButton");
  await expectText(page, "#commsLog tr:last-child .commslog-client + .commslog-data", text);
}

// In the page: five sockets with messages under way both ways, without end; settles when some have come back on each.
function keepTalking() {
  const open = (_, i) => new Promise((done, failed) => {
    const path = ["/ws", "/controller/ws", "/background/ws"][i % 3];
    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
    const text = "to and fro ".repeat(1000);
    let received = 0;
    socket.onopen = () => { for (let n = 0; n < 4; ++n) socket.send(text); };
    socket.onclose = () => failed(new Error(`socket ${i} was closed`));
    socket.onmessage = ({ data }) => {
      if (data !== text) return failed(new Error(`socket ${i} got something else`));
      socket.send(text);
      if (++received === 30) done();
    };
  });
  return Promise.all(Array.from({ length: 5 }, open));
}

overEachCarrier({ variable: "SAKER_ECHO" }, (given) => {
  const { carrier } = given;

  // Asked for without the browser, which is under test.
  const sockets = async () => JSON.parse((await run("curl", ["-sSk", `${given.server.address}/sockets`], { timeout: limit })).stdout);
  const noSockets = () => eventually(async () => (await sockets()).length === 0, "the end of all sockets");

  async function expectCarried(count) {
    const open = await sockets();
    assert.equal(open.length, count);
    const wanted = { method: carrier.method, protocol: carrier.protocol, tls: carrier.tls ? "TLSv1.3" : "" };
    for (const { method, protocol, tls } of open) assert.deepEqual({ method, protocol, tls }, wanted);
    const connections = new Set(open.map((each) => each.connection)).size;
    assert.equal(connections, carrier.method === "CONNECT" ? 1 : count);
  }

  async function expectServing(page) {
    await connect(page);
    await talk(page, "still here");
    await expectCarried(1);
  }

  afterEach(noSockets);

  test("the page talks over its socket", async () => {
    const page = await given.openPage();
    await connect(page);
    await expectCarried(1);
    const how = carrier.method === "CONNECT" ? "on a stream of a shared connection" : "on a connection of its own";
    await expectText(page, "#carrierLabel", `Over ${carrier.protocol}, ${how}`);
    for (const text of ["Hello", "grüße 漢字 🦅", "<b>html</b>", "x".repeat(70_000)]) await talk(page, text);
    await click(page, "#closeButton");
    await expectText(page, "#commsLog tr:last-child", "Connection closed. Code: 1000. Reason: Closing from client");
    await noSockets();
  });

  test("every size comes back, text compressed and 8 MiB of noise", async () => {
    const page = await given.openPage();
    const result = await within(page.evaluate(async () => {
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
      socket.binaryType = "arraybuffer";
      const next = (name) => new Promise((found) => socket.addEventListener(name, found, { once: true }));
      await next("open");
      const wrong = [];
      for (const size of [0, 1, 125, 126, 4096, 65_535, 65_536, 1_000_000]) {
        const text = "to and fro ".repeat(size).slice(0, size);
        socket.send(text);
        if ((await next("message")).data !== text) wrong.push(size);
      }
      const noise = new Uint8Array(8 * 1024 * 1024);
      for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
      socket.send(noise);
      const echo = new Uint8Array((await next("message")).data);
      if (echo.length !== noise.length || echo.some((byte, i) => byte !== noise[i])) wrong.push("noise");
      socket.close(1000);
      const { code, wasClean } = await next("close");
      return { extensions: socket.extensions, wrong, code, wasClean };
    }), "every size", 3 * limit);
    assert.match(result.extensions, /^permessage-deflate/);
    assert.deepEqual(result, { extensions: result.extensions, wrong: [], code: 1000, wasClean: true });
  });

  test("40 sockets of two windows talk side by side, and the pages load their parts", async () => {
    const pages = [await given.openPage()];
    pages.push(await given.openPage({ context: pages[0].browserContext() }));
    const opened = await Promise.all(pages.map((page) => within(page.evaluateHandle(() => Promise.all(
      Array.from({ length: 20 }, () => new Promise((found, failed) => {
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
        socket.onopen = () => found(socket);
        socket.onerror = () => failed(new Error("a socket did not open"));
      })))), "the opening", 3 * limit)));
    await expectCarried(40);
    const rounds = (all) => {
      const toAndFro = (socket) => new Promise((done, failed) => {
        let round = 0;
        socket.onclose = () => failed(new Error("closed"));
        socket.onmessage = ({ data }) => {
          if (data !== `message ${round}`) return failed(new Error(`unexpected ${data}`));
          if (++round === 50) return done();
          socket.send(`message ${round}`);
        };
        socket.send("message 0");
      });
      const parts = Array.from({ length: 20 }, async (_, i) => (await (await fetch(`/app.js?${i}`)).text()).length);
      return Promise.all([Promise.all(parts), ...all.map(toAndFro)]).then(([sizes]) => new Set(sizes).size);
    };
    const sizes = await Promise.all(pages.map((page, i) => within(page.evaluate(rounds, opened[i]), "the talk", 3 * limit)));
    assert.deepEqual(sizes, [1, 1]);
  });

  test("the page closes with words of its own and gets them back", async () => {
    const page = await given.openPage();
    const closed = await within(page.evaluate(() => new Promise((found) => {
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/background/ws`);
      socket.onopen = () => socket.close(4321, "grüße 🦅");
      socket.onclose = ({ code, reason, wasClean }) => found({ code, reason, wasClean });
    })), "the close", 3 * limit);
    assert.deepEqual(closed, { code: 4321, reason: "grüße 🦅", wasClean: true });
    await noSockets();
    await expectServing(page);
  });

  test("a window is closed while messages come", async () => {
    const other = await given.openPage();
    const page = await given.openPage({ context: other.browserContext() });
    await within(page.evaluate(keepTalking), "the talk", 3 * limit);
    await expectCarried(5);
    await page.close();
    await noSockets();
    await expectServing(other);
  });

  test("a page is loaded again while messages come", async () => {
    const page = await given.openPage();
    await within(page.evaluate(keepTalking), "the talk", 3 * limit);
    await page.reload();
    await noSockets();
    await expectServing(page);
  });

  test("a page is left while messages come, and come back to", async () => {
    const page = await given.openPage();
    await within(page.evaluate(keepTalking), "the talk", 3 * limit);
    await page.goto("about:blank");
    await noSockets();
    await page.goBack();
    await expectServing(page);
  });

  test("sockets are given up while they open, and Firefox is killed while messages come", async () => {
    const own = await launchFirefox(carrier.preferences);
    try {
      const page = await given.openPage({ context: own.defaultBrowserContext() });
      for (let i = 0; i < 5; ++i) {
        await page.evaluate(() => {
          for (let n = 0; n < 10; ++n) new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
        });
        await page.reload();
      }
      // Firefox forgets to reset the stream of a socket that it gives up: that ends with the connection.
      if (carrier.method === "GET") await noSockets();
      await connect(page);
      await talk(page, "still here");
      await within(page.evaluate(keepTalking), "the talk", 3 * limit);
    } finally {
      own.process().kill("SIGKILL");
    }
    await noSockets();
    await expectServing(await given.openPage());
  });

  test("the server closes with 1001, and the page connects to the next one", async () => {
    const page = await given.openPage();
    await connect(page);
    await talk(page, "before");
    const { process, exited, port } = given.server;
    process.kill("SIGTERM");
    await expectText(page, "#commsLog tr:last-child", "Connection closed. Code: 1001.");
    assert.deepEqual(await within(exited, "the end of the server"), { code: 0, signal: null });
    await given.start(port);
    await expectServing(page);
  });
});
