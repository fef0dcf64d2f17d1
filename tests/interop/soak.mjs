// Four servers on one Redis, with clients that come and go, enter groups and leave them, while others
// send numbered messages: every message must reach exactly those who are members when it is sent,
// once, and in the order of its channel.
//
//   SAKER_HUB   the server program (required)
//   node tests/interop/soak.mjs [SECONDS]     (./dev soak)

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startRedis, startServer } from "./cluster-support.mjs";
import { enter, eventually, within } from "./signalr-support.mjs";

const groups = Array.from({ length: 10 }, (_, i) => `g${i}`);
const everybody = "everybody";
const patience = 20_000;
// The server gives clients up that say nothing for two seconds.
const settings = { configure: (builder) => builder.withKeepAliveInterval(500) };

// What has been sent to the channels: sent[channel][sender] counts what was begun, done[...] what the
// hub has taken.
class Ledger {
  sent = {};
  done = {};
  published = 0;
  constructor(channels, senders) {
    for (const channel of channels) {
      this.sent[channel] = Array(senders).fill(0);
      this.done[channel] = Array(senders).fill(0);
    }
  }
}

// A client that checks what it gets.
class Listener {
  windows = new Map(); // channel -> by sender: the last number, undefined before the first
  faults = [];
  lost = 0;
  received = 0;
  mayLose = false;

  constructor(connection, ledger) {
    this.connection = connection;
    this.ledger = ledger;
    connection.on("Note", (text) => this.take(text));
    connection.onclose((error) => { if (error) this.faults.push(`the connection was lost: ${error.message}`); });
  }

  take(text) {
    const [channel, sender, number] = text.split(" ").map((each, index) => (index === 0 ? each : Number(each)));
    ++this.received;
    const window = this.windows.get(channel);
    if (!window) { this.faults.push(`'${text}' came to somebody who is no member`); return; }
    const expected = (window.last[sender] ?? number - 1) + 1;
    if (window.last[sender] === undefined && number > window.begin[sender] + 1) this.faults.push(`'${text}' is the first, ${window.begin[sender] + 1} was sent after the join`);
    if (number < expected) this.faults.push(`'${text}' came twice, or late: ${expected} was next`);
    if (number > expected) {
      if (this.mayLose) this.lost += number - expected;
      else this.faults.push(`'${text}' came, ${expected} was next`);
    }
    window.last[sender] = number;
  }

  async enter(channel) {
    // What comes before the hub has said yes belongs to the window too.
    const window = { begin: Array(this.ledger.sent[channel].length).fill(Infinity), last: [] };
    this.windows.set(channel, window);
    if (channel !== everybody) await within(this.connection.invoke("EnterGroup", channel), "entering a group", patience);
    window.begin = [...this.ledger.sent[channel]];
  }

  // Waits for everything that the hub has taken so far.
  async settle(channel) {
    const window = this.windows.get(channel);
    const wanted = [...this.ledger.done[channel]];
    const missing = () => wanted.findIndex((number, sender) => number > (window.last[sender] ?? window.begin[sender]));
    try {
      await eventually(() => missing() < 0, "everything arrives", patience);
    } catch {
      const sender = missing();
      if (!this.mayLose) this.faults.push(`of ${channel} ${window.last[sender]} was the last from ${sender}, ${wanted[sender]} has been sent`);
    }
  }

  async leave(channel) {
    await this.settle(channel);
    await within(this.connection.invoke("LeaveGroup", channel), "leaving a group", patience);
    this.windows.delete(channel);
  }
}

export async function soak(seconds, { options = [], log = () => {} } = {}) {
  const redis = await startRedis();
  const servers = await Promise.all([0, 1, 2, 3].map((index) => startServer(redis, options[index] ?? [])));
  const address = (index) => `${servers[index % servers.length].address}/hub`;
  const senderCount = 8;
  const ledger = new Ledger([...groups, everybody], senderCount);
  const end = Date.now() + 1000 * seconds;
  const running = () => Date.now() < end;
  const counts = { connects: 0, changes: 0 };
  const report = [];
  try {
    const open = async (index) => {
      ++counts.connects;
      return new Listener(await enter(address(index), settings), ledger);
    };
    const steady = await Promise.all(Array.from({ length: 12 }, (_, i) => open(i)));
    for (const [index, each] of steady.entries()) {
      await each.enter(everybody);
      for (const group of groups) if ((index + Number(group.slice(1))) % 3 === 0) await each.enter(group);
    }
    const senders = await Promise.all(Array.from({ length: senderCount }, (_, i) => enter(address(i), settings)));
    const send = async (sender, channel) => {
      const number = ++ledger.sent[channel][sender];
      const text = `${channel} ${sender} ${number}`;
      ++ledger.published;
      await within(channel === everybody ? senders[sender].invoke("SendAll", text) : senders[sender].invoke("SendGroup", channel, text), "sending", patience);
      ledger.done[channel][sender] = number;
    };
    const sending = senders.map(async (connection, sender) => {
      connection.off("Note");
      for (let turn = sender; running(); ++turn) await send(sender, turn % 10 === 0 ? everybody : groups[(turn * 7) % groups.length]);
    });
    const visiting = Array.from({ length: 6 }, async (_, visitor) => {
      const faults = [];
      for (let turn = visitor; running(); turn += 5) {
        const listener = await open(turn);
        // It is a member of all from before its first call on.
        await listener.enter(everybody);
        for (let change = 0; change < 3 && running(); ++change) {
          const group = groups[(turn + change * 3) % groups.length];
          await listener.enter(group);
          await listener.leave(group);
          counts.changes += 2;
        }
        await listener.settle(everybody);
        await listener.connection.stop();
        faults.push(...listener.faults);
        report.push(listener.received);
      }
      return faults;
    });
    const progress = setInterval(() => log(`${Math.round((end - Date.now()) / 1000)} s to go, ${ledger.published} published`), 10_000);
    await Promise.all(sending);
    const visitors = (await Promise.all(visiting)).flat();
    clearInterval(progress);
    for (const each of steady) for (const channel of each.windows.keys()) await each.settle(channel);
    const faults = [...steady.flatMap((each) => each.faults), ...visitors];
    const strict = { ...counts, published: ledger.published, received: steady.reduce((sum, each) => sum + each.received, 0) + report.reduce((sum, each) => sum + each, 0) };
    for (const server of servers) {
      const metrics = await server.metrics();
      assert.equal(metrics.connectionsLost, 0, "no server has lost Redis");
      assert.equal(metrics.publishesFailed, 0, "Redis has confirmed everything");
      assert.equal(metrics.malformed, 0);
    }
    assert.deepEqual(faults.slice(0, 10), [], `${faults.length} faults`);

    // Now servers are cut off from Redis, again and again: they must say so, and nothing may come
    // twice or out of order. What is lost is counted.
    for (const each of steady) { each.mayLose = true; each.received = 0; }
    const before = ledger.published;
    const cuts = Math.max(2, Math.min(20, Math.round(seconds / 5)));
    for (let cut = 0; cut < cuts; ++cut) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % senderCount, everybody)));
      await redis.ask("CLIENT", "KILL", "TYPE", "pubsub");
      await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % senderCount, everybody)));
      await eventually(async () => (await Promise.all(servers.map((server) => server.metrics()))).every((each) => each.connected && each.connectionsLost === cut + 1), "all servers are back", patience);
    }
    await send(0, everybody);
    await eventually(() => steady.every((each) => each.windows.get(everybody).last[0] === ledger.sent[everybody][0]), "the last message arrives", patience);
    const late = steady.flatMap((each) => each.faults);
    assert.deepEqual(late.slice(0, 10), [], `${late.length} faults`);
    const cutOff = { cuts, published: ledger.published - before, lost: steady.map((each) => each.lost).reduce((sum, each) => sum + each, 0), of: (ledger.published - before) * steady.length };
    await Promise.all([...steady.map((each) => each.connection), ...senders].map((each) => each.stop()));
    return { seconds, strict, cutOff };
  } finally {
    for (const server of servers) server.kill();
    await redis.kill();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await soak(Number(process.argv[2] ?? 300), { log: console.log });
  console.log(JSON.stringify(result, undefined, 1));
}
