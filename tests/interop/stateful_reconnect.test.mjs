// Stateful reconnect with npm's client: the TCP connection is cut while both sides send.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startProgram } from "../browser/programs.mjs";
import { bursts, collect, connect, eventually, expectBurst, rejection, within } from "./signalr-support.mjs";
import { startWire } from "./wire.mjs";

let server;

before(async () => { server = await startProgram("SAKER_HUB"); });
after(() => server.kill());

const stateful = { configure: (builder) => builder.withStatefulReconnect({ bufferSize: 50_000 }) };
const upTo = (count) => Array.from({ length: count }, (_, i) => i);

for (const protocol of ["json", "messagepack", "lines"]) {
  test(`nothing is lost, doubled or out of order (${protocol})`, async () => {
    const wire = await startWire(server);
    const connection = await connect(`${wire.address}/hub`, { protocol, ...stateful });
    const id = connection.connectionId;
    const count = 3000;
    const recorded = collect(connection, "Recorded");
    const streamed = [];
    let streamEnded = false;
    connection.stream("Counter", count, 0).subscribe({
      next: (value) => { streamed.push(value); },
      complete: () => { streamEnded = true; },
      error: (error) => { streamEnded = error; },
    });
    let cuts = 0;
    const sends = []; // over its buffer's size the client waits for the server's Acks
    for (let i = 0; i < count; ++i) {
      sends.push(connection.send("Record", i));
      if (i % 500 === 250) {
        // In the middle of everything; what is under way is lost with the connection.
        wire.cut();
        ++cuts;
        await eventually(async () => await within(connection.invoke("Add", cuts, 1), "a call across the cut") === cuts + 1, "the way back");
      }
      if (i % 50 === 0) await new Promise((done) => setImmediate(done));
    }
    assert.equal(cuts, 6);
    await recorded.until(count);
    await within(Promise.all(sends), "the Acks");
    await eventually(() => streamEnded, "the end of the stream");
    assert.equal(streamEnded, true);
    assert.deepEqual(recorded.values, upTo(count));
    assert.deepEqual(streamed, upTo(count));
    assert.deepEqual(await connection.invoke("ReadRecords"), upTo(count));
    assert.equal((await connection.invoke("Who")).connectionId, id, "it is the same connection");
    await connection.stop();
    wire.close();
  });
}

test("a client that reads gets everything", async () => {
  for (const [method, count, size] of bursts) {
    const connection = await connect(`${server.address}/hub`, stateful);
    await expectBurst(connection, method, count, size);
    await connection.stop();
  }
});

test("sends go on after a way back", async () => {
  const wire = await startWire(server);
  const connection = await connect(`${wire.address}/hub`, stateful);
  for (let round = 0; round < 3; ++round) {
    // Each is over the client's own buffer: it waits for the server's Ack, which may be lost.
    const sends = upTo(8).map(() => connection.send("Echo", "x".repeat(30_000)));
    await within(sends[0], "a first send");
    wire.cut();
    await within(Promise.all(sends), "the sends behind the cut");
  }
  await connection.stop();
  wire.close();
});

test("what was agreed on is what was asked for", async () => {
  const wire = await startWire(server);
  const connection = await connect(`${wire.address}/hub`); // without stateful reconnect
  const closed = new Promise((done) => connection.onclose(done));
  wire.cut();
  await within(closed, "the close");
  wire.close();
});

test("who cannot come back is reconnected in the ordinary way", async () => {
  const wire = await startWire(server);
  const connection = await connect(`${wire.address}/hub`, { configure: (builder) => builder.withStatefulReconnect().withAutomaticReconnect(new Array(100).fill(50)) });
  const id = connection.connectionId;
  const back = new Promise((done) => connection.onreconnected(done));
  const lost = new Promise((done) => connection.onreconnecting(done));
  wire.refuses = true;
  wire.cut();
  await within(lost, "the loss");
  wire.refuses = false;
  assert.notEqual(await within(back, "the return"), id);
  assert.equal(await connection.invoke("Add", 1, 1), 2);
  await connection.stop();
  wire.close();
});

test("a client that was thrown out does not come back", async () => {
  const wire = await startWire(server);
  const connection = await connect(`${wire.address}/hub`, stateful);
  const closed = new Promise((done) => connection.onclose(done));
  connection.send("Abort");
  await within(closed, "the close");
  assert.match(await rejection(connection.invoke("Add", 1, 1)), /Connected/);
  wire.close();
});
