// Several servers in processes of their own on a real Redis, and what happens when one of them, or
// Redis, is killed, stands still or speaks nonsense.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startRedis, startServer } from "./cluster-support.mjs";
import { build, collect, enter, entered, eventually, rejection, token, within } from "./signalr-support.mjs";

const seconds = 1000;

async function stopAll(...all) { await Promise.all(all.map((each) => each?.stop().catch(() => {}))); }

const connected = (server, wanted = true) => eventually(async () => (await server.metrics()).connected === wanted, wanted ? "Redis is there" : "Redis is away");

describe("servers that share a Redis", () => {
  let redis;
  let servers;

  before(async () => {
    redis = await startRedis();
    servers = await Promise.all([startServer(redis), startServer(redis, ["--deliver-locally-first"])]);
  });
  after(async () => {
    for (const server of servers) server.kill();
    await redis.kill();
  });

  for (const protocol of ["json", "messagepack", "lines"]) {
    test(`everything reaches clients of other servers (${protocol})`, async () => {
      const [left, right] = await Promise.all(servers.map((server) => enter(`${server.address}/hub`, { protocol })));
      const other = await enter(`${servers[1].address}/hub`, { protocol: protocol === "json" ? "messagepack" : "json" });
      const notes = collect(right, "Note");
      const others = collect(other, "Note");
      await left.invoke("SendAll", "all");
      await left.invoke("SendClient", right.connectionId, "client");
      await left.invoke("SendClients", [right.connectionId, "nobody"], "clients");
      await right.invoke("EnterGroup", "a");
      await left.invoke("SendGroup", "a", "group");
      await left.invoke("SendExcept", [other.connectionId], "except");
      await left.invoke("EnterOther", right.connectionId, "b");
      await left.invoke("SendGroups", ["b"], "groups");
      await left.invoke("RemoveOther", right.connectionId, "b");
      await left.invoke("SendGroups", ["b"], "nobody");
      await left.invoke("SendAll", "end");
      // Of one channel in order; the channels beside each other.
      const wanted = ["all", "client", "clients", "end", "except", "group", "groups"];
      assert.deepEqual([...await notes.until(wanted.length)].sort(), wanted);
      assert.deepEqual(await others.until(2), ["all", "end"]);
      right.on("Question", () => "an answer");
      assert.equal(await within(left.invoke("Ask", right.connectionId, "Question"), "the answer"), "an answer");
      assert.equal(await within(left.invoke("Ask", "nobody", "Question"), "the answer"), "failed: Connection 'nobody' does not exist.");
      await stopAll(left, right, other);
    });
  }

  test("users", async () => {
    const options = { accessTokenFactory: () => token({ sub: "anna" }) };
    const [left, right] = await Promise.all(servers.map((server) => enter(`${server.address}/hub`, { options })));
    const notes = [left, right].map((each) => collect(each, "Note"));
    await left.invoke("SendUser", "anna", "to anna");
    for (const each of notes) assert.deepEqual(await each.until(1), ["to anna"]);
    await stopAll(left, right);
  });

  test("messages of others are counted by stateful reconnect", async () => {
    const [sender, receiver] = [await enter(`${servers[0].address}/hub`), build(`${servers[1].address}/hub`, { configure: (builder) => builder.withStatefulReconnect() })];
    const notes = collect(receiver, "Note");
    await within(receiver.start(), "the start");
    await entered(receiver);
    const id = receiver.connectionId;
    for (let i = 0; i < 300; ++i) {
      await sender.invoke("SendClient", id, `${i}`);
      // The TCP connection goes; the SignalR connection stays.
      if (i % 100 === 50) receiver.connection.transport._webSocket.terminate();
    }
    assert.deepEqual(await notes.until(300), Array.from({ length: 300 }, (_, i) => `${i}`));
    assert.equal(receiver.connectionId, id);
    await stopAll(sender, receiver);
  });
});

describe("failures", () => {
  let redis;
  let servers;
  let clients;
  let notes;

  // The first delivers locally first.
  const start = async (more = []) => {
    redis = await startRedis({ more });
    servers = await Promise.all([startServer(redis, ["--deliver-locally-first"]), startServer(redis), startServer(redis)]);
    clients = await Promise.all(servers.map((server) => enter(`${server.address}/hub`)));
    notes = clients.map((each) => collect(each, "Note"));
  };
  const end = async () => {
    await stopAll(...clients);
    for (const server of servers) server.kill();
    await redis.kill();
  };
  // From each to all, within that time.
  const flow = async (time = 5 * seconds) => {
    for (const [from, client] of clients.entries()) {
      const text = `from ${from} at ${Date.now()}`;
      await client.invoke("SendAll", text);
      for (const each of notes) await within(eventually(() => each.values.includes(text), "everybody hears it"), "the message", time);
    }
  };

  test("Redis is killed and comes back", async () => {
    await start();
    try {
      await flow();
      await redis.kill();
      await Promise.all(servers.map((server) => connected(server, false)));
      await clients[0].invoke("SendAll", "only here");
      await eventually(() => notes[0].values.includes("only here"), "a local send goes on");
      assert.equal((await servers[0].metrics()).connectionsLost, 1);
      redis = await startRedis({ port: redis.port });
      const begin = Date.now();
      await Promise.all(servers.map((server) => connected(server)));
      await flow();
      assert.ok(Date.now() - begin < 5 * seconds, "everything flows again within 5 s");
      for (const client of clients) assert.equal(client.state, "Connected", "nobody has lost the connection");
      for (const server of servers) {
        assert.equal(server.output.match(/Redis at .* is away/g)?.length, 1, "one line says that it is away");
        assert.equal(server.output.match(/Redis is back/g)?.length, 1, "one line says that it is back");
      }
    } finally { await end(); }
  });

  test("Redis is slow", async () => {
    await start();
    try {
      redis.signal("SIGSTOP");
      const sent = Array.from({ length: 50 }, (_, i) => `slow ${i}`);
      for (const each of sent) await clients[1].send("SendAll", each);
      // Less than it takes to give it up.
      await new Promise((done) => setTimeout(done, 500));
      redis.signal("SIGCONT");
      for (const each of notes) assert.deepEqual((await each.until(50)).slice(0, 50), sent);
      for (const server of servers) assert.equal((await server.metrics()).connectionsLost, 0);
      await flow();
    } finally { await end(); }
  });

  test("Redis ends the connection of a server that does not read", async () => {
    await start(["--client-output-buffer-limit", "pubsub", "1mb", "0", "0"]);
    try {
      servers[2].process.kill("SIGSTOP");
      // More than the limit and what sockets hold, but never so much at once that those who read
      // are over it.
      const large = "x".repeat(30_000);
      for (let sent = 1; sent <= 600; ++sent) {
        await clients[0].send("SendAll", large);
        if (sent % 5 === 0) await notes[1].until(sent);
      }
      servers[2].process.kill("SIGCONT");
      await eventually(async () => (await servers[2].metrics()).connectionsLost === 1, "the loss is counted");
      await connected(servers[2]);
      assert.ok(notes[2].values.length < 600, "what Redis has dropped is lost");
      if (clients[2].state !== "Connected") {
        clients[2] = await enter(`${servers[2].address}/hub`);
        notes[2] = collect(clients[2], "Note");
      }
      await flow();
    } finally { await end(); }
  });

  test("a server is killed", async () => {
    await start();
    try {
      const moving = build(`${servers[2].address}/hub`, { configure: (builder) => builder.withAutomaticReconnect([0, 0, 0]) });
      await within(moving.start(), "the start");
      await entered(moving);
      const movingNotes = collect(moving, "Note");
      const gone = within(new Promise((done) => moving.onclose(done)), "the end", 20 * seconds);
      await servers[2].end();
      await gone;
      // A proxy would send it to another server.
      moving.baseUrl = `${servers[1].address}/hub`;
      await within(moving.start(), "the new start");
      await entered(moving);
      clients.splice(2, 1);
      notes.splice(2, 1);
      clients.push(moving);
      notes.push(movingNotes);
      await flow();
      // Redis knows of the end: nobody waits for a client that was there.
      assert.match(await rejection(clients[0].invoke("Ask", "nobody", "Question").then((text) => { throw new Error(text); })), /does not exist/);
    } finally { await end(); }
  });

  test("a server stands still and goes on", async () => {
    await start();
    try {
      servers[2].process.kill("SIGSTOP");
      const sent = Array.from({ length: 20 }, (_, i) => `while it stood ${i}`);
      for (const each of sent) await clients[0].invoke("SendAll", each);
      assert.deepEqual(await notes[1].until(20), sent);
      servers[2].process.kill("SIGCONT");
      assert.deepEqual((await notes[2].until(20)).slice(0, 20), sent, "Redis has kept them for it");
      await flow();
    } finally { await end(); }
  });

  test("nonsense, and servers of another kind", async () => {
    await start();
    try {
      const channel = "Interop.TestHub:all";
      assert.equal(await redis.ask("PUBLISH", channel, "nonsense"), "3");
      await redis.ask("PUBLISH", channel, "more nonsense");
      await redis.ask("PUBLISH", "Interop.TestHub:internal:groups", "nonsense");
      // [[], {"protobuf": bin}]
      await redis.ask("EVAL", `return redis.call('PUBLISH', '${channel}', '\\146\\144\\129\\168protobuf\\196\\001x')`, "0");
      await redis.ask("EVAL", `return redis.call('PUBLISH', '${channel}', '\\146\\144\\129\\168protobuf\\196\\001x')`, "0");
      for (const server of servers) {
        await eventually(async () => {
          const { malformed, protocolsMissing } = await server.metrics();
          return malformed === 3 && protocolsMissing === 6;
        }, "it is counted");
        assert.equal(server.output.match(/cannot be read and was ignored/g)?.length, 1, "and logged once");
        assert.equal(server.output.match(/did not have the requested protocol/g)?.length, 1, "and logged once");
      }
      await flow();
    } finally { await end(); }
  });
});
