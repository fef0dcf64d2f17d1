// What the SignalR tests have in common: the stock client, and how it is pointed at the server.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { limit } from "../browser/programs.mjs";

const require = createRequire(import.meta.url);
export const signalR = require("@microsoft/signalr");
const { MessagePackHubProtocol } = require("@microsoft/signalr-protocol-msgpack");

export const transports = { WebSockets: 1, ServerSentEvents: 2, LongPolling: 4 };

export function build(url, { transport = 1, protocol = "json", options = {}, configure = (builder) => builder } = {}) {
  let builder = new signalR.HubConnectionBuilder()
    .withUrl(url, { transport, ...options })
    .configureLogging(signalR.LogLevel.None);
  if (protocol === "messagepack") builder = builder.withHubProtocol(new MessagePackHubProtocol());
  return configure(builder).build();
}

export async function connect(url, settings) {
  const connection = build(url, settings);
  await within(connection.start(), "the start");
  return connection;
}

// The promise's result, or a failure after the limit that says what did not happen.
export function within(promise, what, time = limit) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what} took more than ${time} ms`)), time); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

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
  }), `call ${count} of ${method}`) };
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

// Asks until the answer satisfies, for what the server does a moment later.
export async function eventually(ask, what, time = limit) {
  const end = Date.now() + time;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) assert.fail(`${what} did not happen within ${time} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
