// SignalR with npm's own client in Chromium: three transports, two protocols, http and https, from
// pages of the same origin and of others.
//
//   SAKER_HUB   the test server program (required)
//   CHROMIUM    the browser, /usr/bin/chromium if not given

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launchBrowser, limit, makeCertificate, startProgram } from "../browser/support.mjs";
import { token, transports } from "./signalr-support.mjs";

const require = createRequire(import.meta.url);
const bundles = ["@microsoft/signalr/dist/browser/signalr.js", "@microsoft/signalr-protocol-msgpack/dist/browser/signalr-protocol-msgpack.js"];

let certificate;
let browser;
const servers = {};
const pages = {}; // servers whose pages call the others

before(async () => {
  certificate = makeCertificate();
  browser = await launchBrowser();
  pages.http = await startProgram("SAKER_HUB");
  pages.stranger = await startProgram("SAKER_HUB");
  for (const scheme of ["http", "https"]) {
    servers[scheme] = await startProgram("SAKER_HUB", 0, [...(scheme === "https" ? certificate.arguments : []), "--origin", pages.http.address]);
  }
});

after(async () => {
  await browser?.close();
  for (const server of [...Object.values(servers), ...Object.values(pages)]) server.kill();
  rmSync(certificate.directory, { recursive: true });
});

// Runs a function in a page of that address, with signalR and its protocols loaded.
async function inPage(address, work, argument) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(limit);
    await page.goto(`${address}/cookie`, { timeout: limit });
    for (const each of bundles) await page.addScriptTag({ path: require.resolve(each) });
    return await page.evaluate(work, argument);
  } finally {
    await context.close();
  }
}

// In the page: everything that a client does, in short.
async function everything({ url, transport, protocol, accessToken }) {
  let builder = new signalR.HubConnectionBuilder()
    .withUrl(url, { transport, ...(accessToken ? { accessTokenFactory: () => accessToken } : {}) })
    .configureLogging(signalR.LogLevel.None);
  if (protocol === "messagepack") builder = builder.withHubProtocol(new signalR.protocols.msgpack.MessagePackHubProtocol());
  const connection = builder.build();
  const notes = [];
  connection.on("Note", (text) => notes.push(text));
  connection.on("ClientAdd", (a, b) => a + b);
  await connection.start();
  const all = (method, ...args) => new Promise((complete, error) => {
    const items = [];
    connection.stream(method, ...args).subscribe({ next: (each) => items.push(each), complete: () => complete(items), error });
  });
  const numbers = new signalR.Subject();
  const sum = connection.invoke("Sum", numbers);
  for (let i = 1; i <= 20; ++i) numbers.next(i);
  numbers.complete();
  const facts = {
    add: await connection.invoke("Add", 2, 3),
    echo: await connection.invoke("Echo", { text: "größe \u{1F600}", list: [1, 2.5, null] }),
    error: await connection.invoke("FailOpenly").catch((error) => error.message),
    items: await all("Counter", 5, 1),
    sum: await sum,
    asked: await connection.invoke("AskCaller", 20, 3),
    who: await connection.invoke("Who"),
  };
  await connection.invoke("SendCaller", "note");
  facts.notes = notes;
  facts.sameId = facts.who.connectionId === connection.connectionId;
  await connection.stop();
  return facts;
}

function check(facts, transport, protocol) {
  assert.equal(facts.add, 5);
  assert.deepEqual(facts.echo, { text: "größe \u{1F600}", list: [1, 2.5, null] });
  assert.equal(facts.error, "An unexpected error occurred invoking 'FailOpenly' on the server. HubException: shown to everybody");
  assert.deepEqual(facts.items, [0, 1, 2, 3, 4]);
  assert.equal(facts.sum, 210);
  assert.equal(facts.asked, 23);
  assert.deepEqual(facts.notes, ["note"]);
  assert.deepEqual([facts.who.transport, facts.who.protocol, facts.sameId], [transport, protocol, true]);
}

for (const scheme of ["http", "https"]) {
  for (const [name, transport] of Object.entries(transports)) {
    for (const protocol of ["json", "messagepack"]) {
      if (name === "ServerSentEvents" && protocol === "messagepack") continue;
      test(`everything (${name}, ${protocol}, ${scheme})`, async () => {
        const { address } = servers[scheme];
        const facts = await inPage(address, everything, { url: `${address}/hub`, transport, protocol });
        check(facts, transport, protocol);
        assert.equal(facts.who.cookie, "vanilla", "the page's cookie comes with it");
        // The browser speaks HTTP/2 wherever there is TLS: also to open a WebSocket.
        assert.equal(facts.who.http, scheme === "https" ? "HTTP/2" : "HTTP/1.1");
        assert.equal(facts.who.method, scheme === "https" && name === "WebSockets" ? "CONNECT" : "GET");
      });
    }
  }
}

for (const [name, transport] of Object.entries(transports)) {
  test(`a page of an allowed origin, with a token (${name})`, async () => {
    const who = async ({ url, transport, accessToken }) => {
      const connection = new signalR.HubConnectionBuilder().withUrl(url, { transport, accessTokenFactory: () => accessToken }).configureLogging(signalR.LogLevel.None).build();
      await connection.start();
      const facts = await connection.invoke("Who");
      await connection.stop();
      return facts;
    };
    const facts = await inPage(pages.http.address, who, { url: `${servers.http.address}/secured`, transport, accessToken: token({ sub: "anna" }) });
    assert.equal(facts.user, "anna");
    assert.equal(facts.transport, transport);
  });

  test(`a page of another origin may not (${name})`, async () => {
    const attempt = async ({ url, transport }) => {
      const connection = new signalR.HubConnectionBuilder().withUrl(url, { transport }).configureLogging(signalR.LogLevel.None).build();
      return await connection.start().then(() => "started", (error) => error.message);
    };
    const outcome = await inPage(pages.stranger.address, attempt, { url: `${servers.http.address}/hub`, transport });
    assert.match(outcome, /Failed to complete negotiation with the server/);
  });
}
