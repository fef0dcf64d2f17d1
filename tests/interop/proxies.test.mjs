// Two servers behind real proxies, with the configurations of deploy/: sticky sessions, WebSockets,
// Server-Sent Events, long polling, and who the client is.
//
//   SAKER_HUB   the test server program (required)
//   CHROMIUM    the browser, /usr/bin/chromium if not given

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // the certificate is made on the spot

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { request } from "node:https";
import { after, before, describe, test } from "node:test";
import { launchBrowser, limit, makeCertificate } from "../browser/support.mjs";
import { startHaproxy, startNginx, startRedis, startServer } from "./cluster-support.mjs";
import { build, collect, enter, entered, eventually, items, transports, within } from "./signalr-support.mjs";

const require = createRequire(import.meta.url);

let certificate;
let browser;
let redis;

before(async () => {
  certificate = makeCertificate();
  [redis, browser] = await Promise.all([startRedis(), launchBrowser()]);
});

after(async () => {
  await browser?.close();
  await redis?.kill();
  rmSync(certificate.directory, { recursive: true });
});

// A request from another address of this machine, with what a liar would send.
function ask(url, address = "127.0.0.2") {
  return within(new Promise((done, failed) => {
    const headers = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.example", Forwarded: "for=6.6.6.6", Host: "chat.example.com" };
    request(url, { localAddress: address, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => { text += chunk; }).on("end", () => done(text));
    }).on("error", failed).end();
  }), `the answer of ${url}`);
}

const kinds = {
  nginx: {
    start: (servers) => startNginx(servers, certificate),
    server: ["--forwarded-headers"],
    http: "HTTP/1.1", sticky: "cookie",
  },
  haproxy: {
    start: (servers) => startHaproxy(servers, certificate),
    server: ["--forwarded-headers"],
    http: "HTTP/2", sticky: "cookie",
  },
  "haproxy-tcp": {
    start: (servers) => startHaproxy(servers, certificate, "haproxy-tcp.cfg"),
    server: ["--proxy-protocol"], secure: true,
    http: undefined, sticky: "address",
  },
};

for (const [name, kind] of Object.entries(kinds)) {
  describe(name, () => {
    let servers;
    let proxy;
    const start = (port) => startServer(redis, [...kind.server, ...(kind.secure ? certificate.arguments : [])], port);

    before(async () => {
      servers = await Promise.all([start(), start()]);
      proxy = await kind.start(servers);
    });

    after(async () => {
      await proxy?.kill();
      for (const server of servers ?? []) server.kill();
    });

    for (const [transportName, transport] of Object.entries(transports)) {
      test(`several clients, each on one server (${transportName})`, async () => {
        // One after the other: a proxy looks at who has the fewest, also of those that just end, or throws dice.
        const clients = [];
        const facts = [];
        const used = new Set();
        const wanted = kind.sticky === "cookie" ? 2 : 1;
        while (clients.length < 8 || (used.size < wanted && clients.length < 50)) {
          clients.push(await enter(`${proxy.url}/hub`, { transport }));
          facts.push(await clients.at(-1).invoke("Who"));
          used.add(facts.at(-1).server);
        }
        for (const fact of facts) {
          assert.equal(fact.transport, transport);
          assert.equal(fact.scheme, "https");
          if (kind.http) assert.equal(fact.http, kind.http);
          assert.match(fact.remote, /^127\.0\.0\.1:\d+$/);
        }
        // By address there is one for all of this machine's.
        assert.equal(used.size, wanted);
        // The servers are one hub.
        const notes = clients.map((each) => collect(each, "Note"));
        await clients[0].invoke("EnterGroup", "a");
        await clients[7].invoke("EnterGroup", "a");
        await clients[3].invoke("SendGroup", "a", "to the group");
        await clients[3].invoke("SendAll", "to all");
        for (const [index, each] of notes.entries()) {
          const expected = [0, 7].includes(index) ? ["to all", "to the group"] : ["to all"];
          assert.deepEqual([...await each.until(expected.length)].sort(), expected);
        }
        assert.deepEqual(await items(clients[5], "Counter", 5, 20), [0, 1, 2, 3, 4]);
        await Promise.all(clients.map((each) => each.stop()));
      });
    }

    test("events leave as they come", async () => {
      const client = await enter(`${proxy.url}/hub`, { transport: transports.ServerSentEvents });
      const times = [];
      await within(new Promise((done, failed) => client.stream("Counter", 3, 300).subscribe({ next: () => times.push(Date.now()), complete: done, error: failed })), "the stream");
      assert.ok(times[2] - times[0] > 300, "a buffer would have kept them together");
      await client.stop();
    });

    test("who the client is, whatever it says", async () => {
      const [scheme, host, remote] = (await ask(`${proxy.url}/client`)).split(" ");
      assert.equal(scheme, "https");
      assert.equal(host, "chat.example.com");
      assert.match(remote, kind.server.includes("--proxy-protocol") ? /^127\.0\.0\.2:[1-9]\d*$/ : /^127\.0\.0\.2:0$/);
    });

    test("WebSockets of a browser", async () => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(limit);
        await page.goto(`${proxy.url}/cookie`, { timeout: limit });
        await page.addScriptTag({ path: require.resolve("@microsoft/signalr/dist/browser/signalr.js") });
        const who = await page.evaluate(async (url) => {
          const connection = new signalR.HubConnectionBuilder().withUrl(url, { transport: 1, skipNegotiation: true }).configureLogging(signalR.LogLevel.None).build();
          await connection.start();
          return connection.invoke("Who");
        }, `${proxy.url}/hub`);
        assert.equal(who.transport, 1);
        // Chromium speaks HTTP/2 wherever it is offered; nginx does not take WebSockets over it.
        assert.equal(who.http, name === "nginx" ? "HTTP/1.1" : "HTTP/2");
      } finally {
        await context.close();
      }
    });

    test("a server that is away costs its clients a moment", async () => {
      const client = build(`${proxy.url}/hub`, { transport: transports.WebSockets, configure: (builder) => builder.withAutomaticReconnect([0, 100, 200, 400, 800, 1600, 3200]) });
      await within(client.start(), "the start");
      await entered(client);
      const { server } = await client.invoke("Who");
      const again = within(new Promise((done) => client.onreconnected(done)), "the new connection");
      const dead = servers.findIndex(({ process }) => process.pid === server);
      const { port } = servers[dead];
      servers[dead].kill();
      await again;
      const now = await client.invoke("Who");
      assert.equal(now.server, servers[1 - dead].process.pid);
      await client.stop();
      servers[dead] = await start(port);
      // And it is used again.
      if (kind.sticky === "cookie") {
        await eventually(async () => {
          // A proxy that finds out between two requests of a connection sends them to two servers.
          const each = await enter(`${proxy.url}/hub`).catch(() => undefined);
          if (!each) return false;
          const fact = await each.invoke("Who");
          await each.stop();
          return fact.server === servers[dead].process.pid;
        }, "the server that is back is used");
      }
    });
  });
}
