// Carries out a row of the table against one server, and writes down what that answers.

import http from "node:http";
import { createRequire } from "node:module";
import { limit } from "../../browser/programs.mjs";
import { within } from "../signalr-support.mjs";
import { framed, pack, takeMessage } from "./messages.mjs";

const require = createRequire(import.meta.url);
const WebSocket = createRequire(require.resolve("@microsoft/signalr"))("ws");

// How long a body is, HTTP says in more than one way.
const comparedHeaders = ["allow", "cache-control", "content-encoding", "content-type", "expires", "pragma",
  "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol", "sec-websocket-version", "upgrade", "www-authenticate"];

// What a timer sends: Pings and Acks.
const isTimed = (line) => /^\w+ (\{"type":[68]\b|\[6\]|\[8,)/.test(line);
const namesOf = (text) => text.replace(/("connection(?:Id|Token)":)"[\w-]{22}"/g, '$1"..."');

// What has come and has not been read: { put, take }. Behind the end there is nothing.
function makeInbox() {
  const waiting = [];
  let wake = () => {};
  return {
    put(event) { waiting.push(event); wake(); },
    async take() {
      while (waiting.length === 0) await new Promise((arrived) => { wake = arrived; });
      return waiting.shift();
    },
  };
}

// Cuts what a transport brings into hub messages; the first is the answer to the handshake.
function makeCutter(inbox, protocol, shaken) {
  let rest = Buffer.alloc(0);
  let current = shaken ? protocol : "handshake";
  return (chunk, kind) => {
    rest = Buffer.concat([rest, chunk]);
    for (let message; (message = takeMessage(rest, current)); current = protocol) {
      rest = rest.subarray(message.size);
      inbox.put({ line: `${kind} ${message.text}` });
    }
  };
}

function request(state, { method = "GET", path, headers = {}, body }) {
  const sent = http.request({ host: "127.0.0.1", port: state.port, agent: false, method, path: state.fill(path), headers });
  state.open.push(() => sent.destroy());
  const answered = new Promise((done, failed) => {
    sent.on("response", done);
    sent.on("upgrade", (response, socket) => { socket.on("error", () => {}); state.open.push(() => socket.destroy()); done(response); });
    sent.on("error", failed);
  });
  sent.end(body);
  return answered;
}

async function bodyOf(response) {
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const describe = (response) => [`${response.statusCode}`, ...comparedHeaders.filter((name) => response.headers[name] !== undefined)
  .map((name) => `  ${name}: ${response.headers[name]}`)];

async function answerOf(state, asked) {
  const response = await request(state, asked);
  const lines = describe(response);
  if (response.statusCode === 101) return lines;
  const body = await bodyOf(response);
  return body.length === 0 ? lines : [...lines, `  ${namesOf(body.toString())}`];
}

async function negotiate(state, path) {
  const response = await request(state, { method: "POST", path });
  const { connectionId, connectionToken } = JSON.parse(await bodyOf(response));
  state.id = connectionToken ?? connectionId;
}

const openSocket = (state, path, { protocol = "json", again = false } = {}) => new Promise((done) => {
  const socket = new WebSocket(`ws://127.0.0.1:${state.port}${state.fill(path)}`, { perMessageDeflate: false });
  const cut = makeCutter(state.inbox, protocol, again);
  state.socket = socket;
  state.open.push(() => socket.terminate());
  socket.on("message", (data) => cut(Buffer.from(data), typeof data === "string" ? "text" : "binary"));
  socket.on("close", (code, reason) => {
    if (state.socket === socket) state.inbox.put({ line: `closed ${code} ${reason}`, end: true });
  });
  socket.on("error", () => {}); // is followed by the close
  socket.on("unexpected-response", (_, response) => { state.lines.push(...describe(response)); response.destroy(); socket.terminate(); done(); });
  socket.on("open", done);
});

async function openEvents(state, path) {
  const response = await request(state, { path, headers: { Accept: "text/event-stream" } });
  state.lines.push(...describe(response));
  const cut = makeCutter(state.inbox, "json", false);
  let text = "";
  response.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
    for (let end; (end = text.indexOf("\r\n")) !== -1; text = text.slice(end + 2)) {
      const line = text.slice(0, end);
      if (line.startsWith("data: ")) cut(Buffer.from(line.slice(6)), "event");
      else if (line !== "") state.inbox.put({ line: `event ${line}` });
    }
  });
  response.on("close", () => state.inbox.put({ line: "ended", end: true })).on("error", () => {});
}

// Asks for what there is until it ends. Whether it says so itself (204) or is no more to be found (404)
// is a matter of who is first.
async function poll(state, path, protocol = "json") {
  const cut = makeCutter(state.inbox, protocol, false);
  for (;;) {
    const response = await request(state, { path });
    const body = await bodyOf(response);
    if (response.statusCode !== 200) {
      state.inbox.put({ line: response.statusCode === 204 || response.statusCode === 404 ? "ended" : describe(response).join("\n"), end: true });
      return;
    }
    cut(body, "polled");
  }
}

// A server numbers what it asks its clients.
function withoutQuestion(state, line) {
  if (/"Question"/.test(line)) state.question = /"(s\d+)"/.exec(line)[1];
  return state.question ? line.replaceAll(`"${state.question}"`, '"{question}"') : line;
}

// What a step of a row does; what is compared goes to `lines`.
const steps = {
  negotiate,
  ask: async (state, asked) => { state.lines.push(...await answerOf(state, asked)); },
  // Of a connection that is being taken down: whether a text says so, too, is a matter of when it is asked.
  async askStatus(state, asked) { const [status] = await answerOf(state, asked); state.lines.push(status); },
  begin: (state, asked) => { state.begun.push(answerOf(state, asked)); },
  // Of those that were begun, whichever is answered first.
  async first(state) {
    const [index, lines] = await Promise.race(state.begun.map((each, place) => each.then((answer) => [place, answer])));
    state.begun.splice(index, 1);
    state.lines.push(...lines);
  },
  socket: openSocket,
  events: openEvents,
  poll: (state, path, protocol) => { poll(state, path, protocol).catch(() => {}); }, // `until` waits for it
  send: (state, frame) => { state.socket.send(typeof frame === "string" ? state.fill(frame) : frame, { binary: typeof frame !== "string" }); },
  // A message in hexadecimal that has the question's id in it.
  reply: (state, hex) => { state.socket.send(framed(hex.replaceAll("{question}", pack(state.question)))); },
  sendText: (state, frame) => { state.socket.send(frame, { binary: false }); },
  cut: (state) => { const { socket } = state; state.socket = undefined; socket.terminate(); },
  leave: (state, code) => { state.socket.close(code); },
  // ASP.NET Core at times cuts the TCP connection before its Close has got through.
  async closed(state) {
    for (let end = false; !end;) ({ end = false } = await state.inbox.take());
    state.lines.push("closed");
  },
  // Reads until a message has the mark, or to the end.
  async until(state, mark) {
    while (!state.ended) {
      const { line: read, end = false } = await state.inbox.take();
      const line = withoutQuestion(state, read);
      if (!isTimed(line)) state.lines.push(line);
      state.ended = end;
      if (line.includes(mark)) return;
    }
  },
};

// Gives what was answered, a line for each thing. A step that is never answered fails the test.
export async function carryOut(row, address) {
  const state = { port: new URL(address).port, id: "none", inbox: makeInbox(), begun: [], open: [], lines: [], ended: false };
  state.fill = (text) => text.replaceAll("{id}", state.id).replaceAll("{question}", state.question);
  try {
    for (const [name, ...words] of row.steps) {
      await within(Promise.resolve(steps[name](state, ...words)), `'${row.name}' of ${address}: ${name} '${words[0]}' behind\n${state.lines.join("\n")}\nThat`, limit);
    }
  } finally {
    for (const close of state.open) close();
  }
  return state.lines.join("\n");
}
