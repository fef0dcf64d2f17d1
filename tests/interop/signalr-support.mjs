// What the SignalR tests have in common: the stock client, and how it is pointed at the server.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { within } from "../browser/programs.mjs";
import { LinesProtocol } from "./lines_protocol.mjs";

export { eventually, within } from "../browser/programs.mjs";

const require = createRequire(import.meta.url);
export const signalR = require("@microsoft/signalr");
const { MessagePackHubProtocol } = require("@microsoft/signalr-protocol-msgpack");

const protocols = { messagepack: MessagePackHubProtocol, lines: LinesProtocol };

export const transports = { WebSockets: 1, ServerSentEvents: 2, LongPolling: 4 };

export function build(url, { transport = 1, protocol = "json", options = {}, configure = (builder) => builder } = {}) {
  let builder = new signalR.HubConnectionBuilder()
    .withUrl(url, { transport, ...options })
    .configureLogging(signalR.LogLevel.None);
  if (protocol !== "json") builder = builder.withHubProtocol(new protocols[protocol]());
  return configure(builder).build();
}

export async function connect(url, settings) {
  const connection = build(url, settings);
  await within(connection.start(), "the start");
  return connection;
}

// A call is answered when the hub has let the client in, which others reach from then on: a client
// that has started is not there yet, least of all for other servers. Any hub answers one for a
// method that it does not have.
export async function entered(connection) {
  await assert.rejects(within(connection.invoke("Nothing of that name"), "being let in"), /Method does not exist/);
  return connection;
}
export const enter = async (url, settings) => entered(await connect(url, settings));

// Collects what a client method is called with: { values, until(count) }.
export function collect(connection, method) {
  const values = [];
  let waiting = [];
  connection.on(method, (value) => {
    values.push(value);
    waiting = waiting.filter(({ count, done }) => values.length < count || done());
  });
  return { values, until: (count) => within(new Promise((found) => {
    if (values.length >= count) found(values);
    else waiting.push({ count, done: () => { found(values); return false; } });
  }), () => `call ${count} of ${method} behind ${JSON.stringify(values.slice(-20))}`) };
}

// What a hub method sends to its caller, awaited or not: [method, count, size].
export const bursts = [["Burst", 20_000, 200], ["Burst", 60, 600_000], ["Flood", 20_000, 200], ["Flood", 30, 50_000]];

// All of it comes, in order, before the call's result.
export async function expectBurst(connection, method, count, size) {
  let next = 0, wrong;
  connection.on("Burst", (number, text) => {
    if (number !== next++ || text.length !== size) wrong ??= `${number} where ${next - 1} was due`;
  });
  await within(connection.invoke(method, count, size), `${method} of ${count} times ${size} bytes`, 60_000);
  assert.equal(wrong, undefined);
  assert.equal(next, count);
}

// All items of a stream.
export function items(connection, method, ...args) {
  const all = [];
  return within(new Promise((done, failed) => {
    connection.stream(method, ...args).subscribe({ next: (each) => all.push(each), complete: () => done(all), error: failed });
  }), `the stream ${method}`);
}

export async function rejection(promise) {
  try { await within(promise, "the refusal"); } catch (error) { return error.message; }
  return assert.fail("nothing was refused");
}

const encode = (object) => Buffer.from(JSON.stringify(object)).toString("base64url");

// A token as the server's test secret signs it.
export function token(claims = {}, secret = "a secret of thirty-two bytes and more", algorithm = "HS256") {
  const body = { iss: "saker-tests", aud: "saker", exp: Math.floor(Date.now() / 1000) + 60, ...claims };
  const signed = `${encode({ alg: algorithm, typ: "JWT" })}.${encode(body)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
