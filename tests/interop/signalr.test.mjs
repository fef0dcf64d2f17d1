// SignalR with npm's own client in Node: three transports, two protocols and one of our own,
// http and https.
//
//   SAKER_HUB   the test server program (required)

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // the certificate is made on the spot

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { makeCertificate, startProgram } from "../browser/programs.mjs";
import { build, bursts, collect, connect, eventually, expectBurst, items, rejection, signalR, token, transports, within } from "./signalr-support.mjs";

let certificate;
const servers = {};

before(async () => {
  certificate = makeCertificate();
  servers.http = await startProgram("SAKER_HUB");
  servers.https = await startProgram("SAKER_HUB", 0, certificate.arguments);
});

after(() => {
  for (const server of Object.values(servers)) server.kill();
  rmSync(certificate.directory, { recursive: true });
});

const order = (protocol) => ({
  id: 2 ** 40, price: 2.5, urgent: true, items: [{ name: "größe \u{1F600} \"quoted\"", count: 3 }], tags: { a: 1, "b c": -2 },
  blob: protocol !== "messagepack" ? "AQID" : Uint8Array.of(1, 2, 3), created: new Date("2000-01-01T12:30:15.250Z"),
});

const changedOrder = (protocol) => ({
  ...order(protocol), id: 2 ** 40 + 1, items: [{ name: "größe \u{1F600} \"quoted\"", count: 6 }],
  blob: protocol !== "messagepack" ? "AwIB" : Uint8Array.of(3, 2, 1),
  created: protocol !== "messagepack" ? "2000-01-02T12:30:15.25Z" : new Date("2000-01-02T12:30:15.250Z"),
});

for (const scheme of ["http", "https"]) {
  for (const [name, transport] of Object.entries(transports)) {
    for (const protocol of ["json", "messagepack", "lines"]) {
      if (protocol === "lines" && scheme === "https") continue;
      if (name === "ServerSentEvents" && protocol === "messagepack") continue;
      everything(scheme, name, transport, protocol);
    }
  }
}

function everything(scheme, name, transport, protocol) {
  const how = `${name}, ${protocol}, ${scheme}`;
  const hub = () => `${servers[scheme].address}/hub`;
  const settings = { transport, protocol };

  test(`results (${how})`, async () => {
    const connection = await connect(hub(), settings);
    assert.equal(await connection.invoke("Add", 2, 3), 5);
    assert.equal(await connection.invoke("aDD", 2, 3), 5, "method names compare without case");
    assert.equal(await connection.invoke("Nothing"), null);
    assert.equal(await connection.invoke("Slow", 30), "slept 30");
    assert.equal(await connection.invoke("Maybe", null), null);
    assert.equal(await connection.invoke("Maybe", 7), 7);
    for (const value of [null, true, -1, 1.5, "text", [1, [2]], { a: { b: null } }, "x".repeat(20_000)]) {
      assert.deepEqual(await connection.invoke("Echo", value), value);
    }
    assert.deepEqual(await connection.invoke("Change", order(protocol)), changedOrder(protocol));
    assert.deepEqual([await connection.invoke("CountCalls"), await connection.invoke("CountCalls")], [1, 2], "items belong to the connection");
    const who = await connection.invoke("Who");
    assert.equal(who.connectionId, connection.connectionId);
    assert.equal(who.protocol, protocol);
    assert.equal(who.transport, transport);
    await connection.stop();
  });

  test(`a client that reads gets everything (${how})`, async () => {
    for (const [method, count, size] of bursts) {
      const connection = await connect(hub(), settings);
      await expectBurst(connection, method, count, size);
      await connection.stop();
    }
  });

  test(`error texts (${how})`, async () => {
    const connection = await connect(hub(), settings);
    const failed = "due to an error on the server.";
    assert.equal(await rejection(connection.invoke("Fail")), "An unexpected error occurred invoking 'Fail' on the server.");
    assert.equal(await rejection(connection.invoke("FailOpenly")), "An unexpected error occurred invoking 'FailOpenly' on the server. HubException: shown to everybody");
    assert.equal(await rejection(connection.invoke("Nobody")), `Failed to invoke 'Nobody' ${failed} HubException: Method does not exist.`);
    assert.equal(await rejection(connection.invoke("Add", 1)), `Failed to invoke 'Add' ${failed}`);
    assert.equal(await rejection(connection.invoke("Add", 1, "two")), `Failed to invoke 'Add' ${failed}`);
    assert.equal(await rejection(connection.invoke("Add", 1, 2 ** 40)), `Failed to invoke 'Add' ${failed}`);
    assert.equal(await rejection(connection.invoke("Counter", 1, 0)), "The client attempted to invoke the streaming 'Counter' method with a non-streaming invocation.");
    assert.equal(await rejection(items(connection, "Add", 1, 2)), "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation.");
    assert.equal(await rejection(connection.invoke("Sum")), "An unexpected error occurred invoking 'Sum' on the server. HubException: Client sent 0 stream(s), Hub method expects 1.");
    assert.equal(await rejection(connection.invoke("ForAdministrators")), "Failed to invoke 'ForAdministrators' because user is unauthorized");
    assert.equal(await connection.invoke("Add", 1, 1), 2, "the connection lives on");
    await connection.stop();
  });

  test(`streams of the server (${how})`, async () => {
    const connection = await connect(hub(), settings);
    assert.deepEqual(await items(connection, "Counter", 100, 0), Array.from({ length: 100 }, (_, i) => i));
    assert.deepEqual(await items(connection, "Counter", 0, 0), []);
    assert.deepEqual(await items(connection, "Later", "again"), ["again", "again", "again"]);
    assert.equal(await rejection(items(connection, "FailingStream")), "An error occurred on the server while streaming results.");
    assert.equal(await rejection(items(connection, "FailingOpenly")), "An error occurred on the server while streaming results. HubException: shown to everybody");
    assert.match(await rejection(items(connection, "NoStream")), /is not a ChannelReader<> or IAsyncEnumerable<>\.$/);
    await connection.stop();
  });

  test(`a stream that is cancelled (${how})`, async () => {
    const connection = await connect(hub(), settings);
    let subscription;
    await within(new Promise((done, failed) => {
      subscription = connection.stream("Counter", 1_000_000, 1).subscribe({ next: (value) => { if (value === 3) done(); }, complete: failed, error: failed });
    }), "the stream");
    subscription.dispose();
    const line = `stream stopped ${connection.connectionId}`;
    await eventually(async () => (await connection.invoke("ReadJournal")).includes(line), "the end of the stream");
    await connection.stop();
  });

  test(`streams of the client (${how})`, async () => {
    const connection = await connect(hub(), settings);
    const numbers = new signalR.Subject();
    const sum = connection.invoke("Sum", numbers);
    for (let i = 1; i <= 50; ++i) numbers.next(i); // more than the server buffers
    numbers.complete();
    assert.equal(await within(sum, "the sum"), 1275);

    const [left, right] = [new signalR.Subject(), new signalR.Subject()];
    const joined = connection.invoke("Join", left, "+", right); // the client does not manage two side by side
    left.next("a"); right.next("b"); left.next("c"); left.complete(); right.complete();
    assert.equal(await within(joined, "both streams"), "a+b;c+-;");

    const broken = new signalR.Subject();
    const text = connection.invoke("ErrorOfStream", broken);
    broken.next(1); broken.error(new Error("broken"));
    assert.match(await within(text, "the error"), /broken/);

    const wrong = new signalR.Subject();
    const bound = connection.invoke("ErrorOfStream", wrong);
    wrong.next("no number");
    assert.equal(await within(bound, "the binding error"), "Failed to bind Stream message.");

    const both = new signalR.Subject();
    const doubled = items(connection, "Doubled", both);
    for (const each of [1, 2, 3]) both.next(each);
    both.complete();
    assert.deepEqual(await doubled, [2, 4, 6]);
    await connection.stop();
  });

  test(`client results (${how})`, async () => {
    const [one, other] = [await connect(hub(), settings), await connect(hub(), settings)];
    one.on("ClientAdd", (a, b) => a + b);
    other.on("Name", () => "the other");
    other.on("Broken", () => { throw new Error("cannot"); });
    assert.equal(await within(one.invoke("AskCaller", 3, 4), "the caller's answer"), 7);
    assert.equal(await one.invoke("Ask", other.connectionId, "Name"), "the other");
    assert.equal(await one.invoke("Ask", other.connectionId, "Broken"), "failed: Error: cannot");
    assert.equal(await one.invoke("Ask", other.connectionId, "Nobody"), "failed: Client didn't provide a result.");
    assert.equal(await one.invoke("Ask", "nobody", "Name"), "failed: Connection 'nobody' does not exist.");
    const { connectionId } = other;
    let asked;
    const reached = new Promise((done) => { asked = done; });
    other.on("Never", () => { asked(); return new Promise(() => {}); });
    const pending = one.invoke("Ask", connectionId, "Never");
    await within(reached, "the question");
    await other.stop();
    assert.equal(await within(pending, "the end of the question"), `failed: Connection '${connectionId}' disconnected.`);
    await one.stop();
  });

  test(`who gets what (${how})`, async () => {
    const connections = [];
    for (let i = 0; i < 3; ++i) connections.push(await connect(hub(), settings));
    const [a, b, c] = connections;
    const notes = connections.map((each) => collect(each, "Note"));
    await a.invoke("EnterGroup", "g");
    await a.invoke("EnterGroup", "g"); // twice changes nothing
    await b.invoke("EnterGroup", "g");
    await b.invoke("EnterGroup", "h");
    assert.deepEqual(await a.invoke("GroupFacts", "g"), { count: 2, members: [a.connectionId, b.connectionId].sort() });
    await a.invoke("SendAll", "all");
    await a.invoke("SendOthers", "others");
    await a.invoke("SendCaller", "caller");
    await a.invoke("SendExcept", [a.connectionId, b.connectionId], "except");
    await a.invoke("SendClient", c.connectionId, "client");
    await a.invoke("SendClient", "nobody", "lost");
    await a.invoke("SendClients", [a.connectionId, c.connectionId], "clients");
    await c.invoke("SendGroup", "g", "group");
    await c.invoke("SendGroup", "nobody", "lost");
    await c.invoke("SendGroups", ["g", "h"], "groups");
    await a.invoke("SendOthersInGroup", "g", "others in group");
    await a.invoke("LeaveGroup", "g");
    await c.invoke("SendGroup", "g", "without a");
    for (const each of connections) await each.invoke("SendCaller", "end");
    for (const [i, each] of connections.entries()) await eventually(() => notes[i].values.includes("end"), `the last note of ${each.connectionId}`);
    assert.deepEqual(notes[0].values, ["all", "caller", "clients", "group", "groups", "end"]);
    assert.deepEqual(notes[1].values, ["all", "others", "group", "groups", "groups", "others in group", "without a", "end"]);
    assert.deepEqual(notes[2].values, ["all", "others", "except", "client", "clients", "end"]);
    for (const each of connections) await each.stop();
    const last = await connect(hub(), settings);
    await eventually(async () => (await last.invoke("GroupFacts", "g")).count === 0, "that who has gone is in no group");
    await last.stop();
  });

  test(`users and tokens (${how})`, async () => {
    const secured = hub().replace("/hub", "/secured");
    const [anna, bert] = [token({ sub: "anna" }), token({ sub: "bert", role: ["reader", "administrator"] })];
    const as = (which) => connect(secured, { ...settings, options: { accessTokenFactory: () => which } });
    const [first, second, other] = [await as(anna), await as(anna), await as(bert)];
    const notes = [first, second, other].map((each) => collect(each, "Note"));
    assert.equal((await first.invoke("Who")).user, "anna");
    await other.invoke("SendUser", "anna", "for anna");
    await notes[0].until(1);
    await notes[1].until(1);
    await other.invoke("ForAdministrators");
    assert.equal(await rejection(first.invoke("ForAdministrators")), "Failed to invoke 'ForAdministrators' because user is unauthorized");
    assert.deepEqual(notes.map((each) => each.values), [["for anna"], ["for anna"], []]);
    for (const each of [first, second, other]) await each.stop();
    assert.match(await rejection(connect(secured, settings)), /Unauthorized: Status code '401'/);
    assert.match(await rejection(as(token({ sub: "anna" }, "another secret of thirty-two bytes!!"))), /Status code '401'/);
    const administrators = hub().replace("/hub", "/administrators");
    assert.match(await rejection(connect(administrators, { ...settings, options: { accessTokenFactory: () => anna } })), /Status code '403'/);
  });

  test(`ends of connections (${how})`, async () => {
    const witness = await connect(hub(), settings);
    const ended = async (id) => (await witness.invoke("ReadJournal")).find((line) => line.startsWith(`disconnected ${id}`));
    const stopped = await connect(hub(), settings);
    const id = stopped.connectionId;
    await stopped.stop();
    assert.equal(await eventually(() => ended(id), "the end"), `disconnected ${id} none`);

    const aborted = await connect(hub(), { ...settings, configure: (builder) => builder.withAutomaticReconnect() });
    const [abortedId, closed] = [aborted.connectionId, new Promise((done) => aborted.onclose(done))];
    aborted.send("Abort");
    await within(closed, "the close");
    assert.equal(aborted.state, signalR.HubConnectionState.Disconnected, "who is thrown out does not come back");
    await eventually(() => ended(abortedId), "the end of the aborted one");

    // The refusal comes so soon that it may be the start that fails.
    const refused = build(`${servers[scheme].address}/refusing`, settings);
    const why = new Promise((done) => { refused.onclose(done); refused.start().catch(done); });
    assert.match((await within(why, "the refusal")).message, /Connection closed with an error\. HubException: not today/);
    await witness.stop();
  });

  test(`a message that is too big ends its own connection only (${how})`, async () => {
    const [big, small] = [await connect(hub(), settings), await connect(hub(), settings)];
    const closed = new Promise((done) => big.onclose(done));
    big.invoke("Echo", "x".repeat(40_000)).catch(() => {});
    assert.match((await within(closed, "the close")).message, /Connection closed with an error\./);
    assert.equal(await small.invoke("Add", 1, 1), 2);
    await small.stop();
  });
}

// What does not depend on the transport.

test("errors in detail where that was asked for", async () => {
  const connection = await connect(`${servers.http.address}/detailed`);
  assert.equal(await rejection(connection.invoke("Fail")), "An unexpected error occurred invoking 'Fail' on the server. Exception: secret");
  assert.equal(await rejection(connection.invoke("FailNamed")), "An unexpected error occurred invoking 'FailNamed' on the server. InvalidOperationException: named");
  assert.equal(await rejection(items(connection, "FailingStream")), "An error occurred on the server while streaming results. Exception: secret");
  assert.equal(await rejection(connection.invoke("Add", 1)), "Failed to invoke 'Add' due to an error on the server. InvalidDataException: Invocation provides 1 argument(s) but target expects 2.");
  assert.match(await rejection(connection.invoke("Add", 1, "x")), /InvalidDataException: Error binding arguments\. Make sure that the types of the provided values match the types of the hub method being invoked\.$/);
  await connection.stop();
});

test("without negotiation", async () => {
  const connection = await connect(`${servers.http.address}/hub`, { options: { skipNegotiation: true } });
  assert.equal(await connection.invoke("Add", 1, 2), 3);
  await connection.stop();
});

test("the client falls back to the transports that there are", async () => {
  const withoutSockets = { transport: 7, options: { WebSocket: class { constructor() { throw new Error("no sockets here"); } } } };
  const connection = await connect(`${servers.http.address}/hub`, withoutSockets);
  assert.equal((await connection.invoke("Who")).transport, transports.ServerSentEvents);
  await connection.stop();
});

test("paths compare without case", async () => {
  const connection = await connect(`${servers.http.address}/HUB`);
  assert.equal(await connection.invoke("Add", 1, 2), 3);
  await connection.stop();
});

test("redirects", async () => {
  const redirected = await connect(`${servers.http.address}/redirected`);
  assert.equal(await redirected.invoke("Add", 1, 2), 3);
  await redirected.stop();
  const given = await connect(`${servers.http.address}/redirected-with-token?token=${token({ sub: "carl" })}`);
  assert.equal((await given.invoke("Who")).user, "carl");
  await given.stop();
  const moved = await connect(`${servers.http.address}/moved`, { transport: transports.LongPolling });
  assert.equal(await moved.invoke("Add", 1, 2), 3);
  await moved.stop();
  assert.match(await rejection(connect(`${servers.http.address}/loop`)), /Negotiate redirection limit exceeded/);
});

test("cookies and header fields of the client arrive", async () => {
  const options = { headers: { "X-Test": "hello", Cookie: "flavour=vanilla" } };
  const connection = await connect(`${servers.http.address}/hub`, { transport: transports.LongPolling, options });
  const who = await connection.invoke("Who");
  assert.deepEqual([who.header, who.cookie], ["hello", "vanilla"]);
  await connection.stop();
});

test("messages from outside of the hub", async () => {
  const connections = [];
  for (const transport of Object.values(transports)) connections.push(await connect(`${servers.http.address}/hub`, { transport }));
  const notes = connections.map((each) => collect(each, "Note"));
  await fetch(`${servers.http.address}/shout`, { method: "POST", body: "to whom it may concern" });
  for (const each of notes) assert.deepEqual(await each.until(1), ["to whom it may concern"]);
  for (const each of connections) await each.stop();
});

test("a silent client is given up and comes back", async () => {
  const connection = await connect(`${servers.http.address}/impatient`, { configure: (builder) => builder.withAutomaticReconnect([0]).withKeepAliveInterval(60_000) });
  const before = connection.connectionId;
  const back = new Promise((done) => connection.onreconnected(done));
  const after = await within(back, "the reconnect");
  assert.notEqual(after, before);
  assert.equal(await connection.invoke("Add", 1, 1), 2);
  await connection.stop();
});

test("a client that pings, and a server that does, stay together", async () => {
  // The server gives up after 2 s of silence, this client after 3 s: only pings keep them together.
  const connection = await connect(`${servers.http.address}/impatient`, { configure: (builder) => builder.withServerTimeout(3000).withKeepAliveInterval(500) });
  let closed = false;
  connection.onclose(() => { closed = true; });
  await within(connection.invoke("Slow", 4500), "a slow call");
  assert.ok(!closed);
  await connection.stop();
});

test("an expired token ends the connection, which comes back with a new one", async () => {
  let expires = Math.floor(Date.now() / 1000) + 2;
  const options = { accessTokenFactory: () => token({ sub: "anna", exp: expires }) };
  const connection = await connect(`${servers.http.address}/secured`, { options, configure: (builder) => builder.withAutomaticReconnect([0, 100, 1000]) });
  const back = new Promise((done) => connection.onreconnected(done));
  connection.onreconnecting(() => { expires += 60; });
  await within(back, "the reconnect");
  assert.equal((await connection.invoke("Who")).user, "anna");
  await connection.stop();
});

test("the server stops and starts again", async () => {
  let server = await startProgram("SAKER_HUB");
  const connections = [];
  for (const transport of Object.values(transports)) {
    connections.push(await connect(`${server.address}/hub`, { transport, configure: (builder) => builder.withAutomaticReconnect(new Array(50).fill(100)) }));
  }
  const gone = connections.map((each) => new Promise((done) => each.onreconnecting(done)));
  const back = connections.map((each) => new Promise((done) => each.onreconnected(done)));
  server.process.kill("SIGTERM");
  assert.deepEqual(await within(server.exited, "the stop"), { code: 0, signal: null });
  await within(Promise.all(gone), "the loss of all");
  server = await startProgram("SAKER_HUB", server.port);
  try {
    await within(Promise.all(back), "the return of all");
    for (const each of connections) assert.equal(await each.invoke("Add", 20, 3), 23);
    for (const each of connections) await each.stop();
  } finally {
    server.kill();
  }
});

test("connections without a hub", async () => {
  const negotiated = await (await fetch(`${servers.http.address}/echo/negotiate?negotiateVersion=1`, { method: "POST" })).json();
  const url = `${servers.http.address}/echo?id=${negotiated.connectionToken}`;
  assert.equal((await fetch(url)).status, 200); // the first poll begins it
  const poll = fetch(url);
  assert.equal((await fetch(url, { method: "POST", body: "hello" })).status, 200);
  assert.equal(await (await within(poll, "the poll")).text(), "hello");
  assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
  await eventually(async () => (await fetch(url)).status === 404, "that it is gone");
});
