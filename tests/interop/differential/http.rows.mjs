import { answered, handshake, json, last, messagepack, path } from "./rows.mjs";
import { separator } from "./messages.mjs";

const row = (name, ...steps) => ({ name: `http/${name}`, steps });
const ask = (method, target, more = {}) => ["ask", { method, path: target, ...more }];

// Negotiation.
const queries = ["", "?", "?negotiateVersion", "?negotiateVersion=", ...["0", "1", "2", "-1", "-2147483648", "-2147483649", "2147483647", "2147483648", "99999999999999999999", "1.0", "1e0", "0x1", "abc", "%31", "+1", "%2B1", "%2B", "-", "--1", "%201", "1%20", "%091%0A", "1%00", "01", "-0", "1,0", "١", "null"].map((value) => `?negotiateVersion=${encodeURI(value).replace(/%25/g, "%")}`),
  "?NEGOTIATEVERSION=1", "?negotiate%56ersion=1", "?negotiateVersion=1&negotiateVersion=1", "?negotiateVersion=1&negotiateVersion=0", "?negotiateVersion=0&negotiateVersion=1", "?negotiateVersion=x&negotiateVersion=1", "?x=1&negotiateVersion=1", "?negotiateVersion=1&x", "?&&negotiateVersion=1&", "?negotiateVersion=1;x=2", "?negotiateVersion=1=1", "?=1", "?%zz=1&negotiateVersion=1", "?negotiateVersion=%zz", "?negotiateVersion=1#x"];
const reconnect = ["", "=", "=true", "=True", "=TRUE", "=1", "=yes", "=%20true%20", "=false", "=tru%65", "=true%00", "=true&useStatefulReconnect=true", "=true&useStatefulReconnect=false"];
const negotiations = [
  ...["detailed", "newest"].flatMap((hub) => queries.filter((query) => hub === "detailed" || /^(\?negotiateVersion=[-\w]*)?$/.test(query)).map((query) => row(`negotiate/${hub}/${query}`, ask("POST", path(hub, `/negotiate${query}`))))),
  ...["stateful", "detailed"].flatMap((hub) => reconnect.map((value) => row(`negotiate/${hub}/useStatefulReconnect${value}`, ask("POST", path(hub, `/negotiate?negotiateVersion=1&useStatefulReconnect${value}`))))),
  ...["?UseStatefulReconnect=true", "?negotiateVersion=0&useStatefulReconnect=true"].map((query) => row(`negotiate/stateful/${query}`, ask("POST", path("stateful", `/negotiate${query}`)))),
  ...["polling", "sockets", "refusing", "plain"].map((hub) => row(`negotiate/${hub}`, ask("POST", path(hub, "/negotiate?negotiateVersion=1")))),
  ...["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "FOO"].map((method) => row(`negotiate/${method}`, ask(method, path("detailed", "/negotiate?negotiateVersion=1")))),
  ...["/COMPARED/Detailed/NEGOTIATE", "/compared/detailed/negotiate/", "/compared/detailed//negotiate", "/compared/detailed/negotiat%65", "/compared/detailed/negotiate/x", "/compared/none/negotiate", "/compared/detailed/refresh"].map((each) => row(`negotiate/path ${each}`, ask("POST", `${each}?negotiateVersion=1`))),
  row("negotiate/with a body", ask("POST", path("detailed", "/negotiate?negotiateVersion=1"), { body: "x".repeat(1000) })),
  row("negotiate/with a body in chunks", ask("POST", path("detailed", "/negotiate?negotiateVersion=1"), { body: "x", headers: { "Transfer-Encoding": "chunked" } })),
  row("negotiate/Accept: text/html", ask("POST", path("detailed", "/negotiate?negotiateVersion=1"), { headers: { Accept: "text/html" } })),
];

// Requests of connections that are not there.
const upgrade = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
const events = { Accept: "text/event-stream" };
const kinds = { "a poll": ["GET"], "events": ["GET", { headers: events }], "a socket": ["GET", { headers: upgrade }], "a POST": ["POST", { body: "x" }], "an empty POST": ["POST"], "a DELETE": ["DELETE"] };
const ids = { "no query": "", "no id": "?x=1", "an empty id": "?id=", "a wrong id": "?id=AAAAAAAAAAAAAAAAAAAAAA", "a long id": `?id=${"x".repeat(3000)}`, "ID": "?ID=none", "two ids": "?id=a&id=b", "an escaped id": "?id=%00%ff" };
const nobody = ["detailed", "polling", "sockets"].flatMap((hub) => Object.entries(kinds).flatMap(([kind, [method, more]]) =>
  Object.entries(ids).map(([id, query]) => row(`nobody/${hub}/${kind} with ${id}`, ask(method, path(hub, query), more)))));
const methods = ["HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "FOO"].flatMap((method) => [
  row(`method/${method}`, ask(method, path("detailed"))), row(`method/${method} with an id`, ask(method, path("detailed", "?id=x")))]);

const accepts = ["text/event-stream", "TEXT/Event-Stream", "text/event-stream;q=0", "text/event-stream; charset=utf-8", "text/html, text/event-stream", "text/html,text/event-stream;q=0.5, */*", "*/*", "text/*", "text/event-stream2", "text/event-streamx, x", ", text/event-stream", '"text/event-stream"', ""];
const accepted = accepts.map((value) => row(`events/Accept: ${value}`, ["negotiate", path("detailed", "/negotiate")], ["begin", { path: path("detailed", "?id=none"), headers: { Accept: value } }], ["first"]));

// WebSocket's own handshake.
const upgrades = {
  "as it is": upgrade, "other case": { ...upgrade, Connection: "upgrade", Upgrade: "WebSocket" }, "Connection: keep-alive, Upgrade": { ...upgrade, Connection: "keep-alive, Upgrade" }, "Connection: keep-alive": { ...upgrade, Connection: "keep-alive" },
  "no Upgrade": { ...upgrade, Upgrade: undefined }, "another Upgrade": { ...upgrade, Upgrade: "h2c" }, "two Upgrades": { ...upgrade, Upgrade: "h2c, websocket" },
  "no version": { ...upgrade, "Sec-WebSocket-Version": undefined }, "version 8": { ...upgrade, "Sec-WebSocket-Version": "8" }, "version 14": { ...upgrade, "Sec-WebSocket-Version": "14" }, "version x": { ...upgrade, "Sec-WebSocket-Version": "x" }, "two versions": { ...upgrade, "Sec-WebSocket-Version": "8, 13" },
  "no key": { ...upgrade, "Sec-WebSocket-Key": undefined }, "an empty key": { ...upgrade, "Sec-WebSocket-Key": "" }, "a short key": { ...upgrade, "Sec-WebSocket-Key": "AAAA" }, "a key that is no base64": { ...upgrade, "Sec-WebSocket-Key": "????????????????????????" }, "a long key": { ...upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSBhbmQgbW9yZQ==" }, "a key with other last bits": { ...upgrade, "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR==" },
  "a sub-protocol": { ...upgrade, "Sec-WebSocket-Protocol": "json" }, "sub-protocols": { ...upgrade, "Sec-WebSocket-Protocol": "a, b" }, "compression": { ...upgrade, "Sec-WebSocket-Extensions": "permessage-deflate" }, "an origin": { ...upgrade, Origin: "http://elsewhere.example" },
  "events wanted as well": { ...upgrade, ...events },
};
const sockets = Object.entries(upgrades).map(([name, headers]) => row(`socket/${name}`, ask("GET", path("detailed"), { headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) })));
const posted = row("socket/by POST", ask("POST", path("detailed"), { headers: { ...upgrade } }));

// Connections that are there.
const own = (hub = "detailed") => path(hub, "?id={id}");
const negotiated = (hub = "detailed", version = 1) => ["negotiate", path(hub, `/negotiate?negotiateVersion=${version}`)];
const poll = ask("GET", own());
const post = (body, more = {}) => ask("POST", own(), { body, ...more });
const remove = ask("DELETE", own());
const shake = post(handshake("json"));
const polling = [["poll", own()]];
const call = post(json.call("1", "Int", 1));
const gone = [["until", "nothing of that kind"]];
const behind = ([, asked]) => ["askStatus", asked];
const inPolls = (name, ...steps) => row(`polling/${name}`, negotiated(), poll, ...steps);
const inEvents = (name, ...steps) => row(`events/${name}`, negotiated(), ["events", own()], ...steps);
const inSocket = (name, ...steps) => row(`sockets/${name}`, negotiated(), ["socket", own(), {}], ["send", handshake("json")], ["until", "{}"], ...steps);
const connected = [
  inPolls("a call", shake, ...polling, call, answered("json", "1")),
  inPolls("a call behind the handshake", post(handshake("json") + json.call("1", "Int", 1)), ...polling, answered("json", "1")),
  inPolls("a call in pieces", shake, ...polling, post(json.call("1", "Int", 1).slice(0, 20)), post(json.call("1", "Int", 1).slice(20)), answered("json", "1")),
  inPolls("chunks", shake, ...polling, post(json.call("1", "Int", 1), { headers: { "Transfer-Encoding": "chunked" } }), answered("json", "1")),
  inPolls("messagepack", post(handshake("messagepack")), ["poll", own(), "messagepack"], post(messagepack.call("1", "Nothing")), answered("messagepack", "1")),
  inPolls("DELETE twice", remove, behind(remove)),
  inPolls("DELETE of one that is being closed", shake, remove, behind(post("x"))),
  inPolls("POST behind DELETE", remove, behind(post("x"))),
  inPolls("a poll behind DELETE", remove, behind(poll)),
  inPolls("an empty POST", post(""), shake, ...polling, call, answered("json", "1")),
  inPolls("a large POST", shake, ...polling, post(json.call("1", "String", `"${"x".repeat(32768 - 70)}"`)), answered("json", "1")),
  inPolls("too large a POST", shake, ...polling, post(json.call("1", "String", `"${"x".repeat(32768)}"`)), ...gone),
  inPolls("a bad handshake", post(`x${separator}`), ...polling, ...gone),
  inPolls("another protocol", post(handshake("none")), ...polling, ...gone),
  inPolls("a bad message", shake, ...polling, post(`x${separator}`), ...gone),
  inPolls("the client's Close", shake, ...polling, post(`{"type":7}${separator}`), ...gone),
  inPolls("Abort", shake, ...polling, post(json.call("1", "Abort")), ...gone),
  inPolls("events on it", ask("GET", own(), { headers: events })),
  inPolls("a socket on it", ask("GET", own(), { headers: upgrade })),
  inPolls("two polls", ["begin", { path: own() }], ["begin", { path: own() }], ["first"], shake, ["first"]),
  inPolls("a ping", shake, ...polling, post(`{"type":6}${separator}`), call, answered("json", "1")),
  inPolls("another content type", post(handshake("json"), { headers: { "Content-Type": "application/x-www-form-urlencoded" } }), ...polling, call, answered("json", "1")),
  row("polling/POST before the first poll", negotiated(), shake, poll, ...polling, call, answered("json", "1")),
  row("polling/everything before the first poll", negotiated(), post(handshake("json") + json.call("1", "Int", 1)), ...polling, answered("json", "1")),
  row("polling/DELETE before the first poll", negotiated(), remove, behind(poll)),
  row("polling/version 0", negotiated("detailed", 0), poll, shake, ...polling, call, answered("json", "1")),
  row("polling/HEAD", negotiated(), ask("HEAD", own())),
  row("polling/refused by the hub", negotiated("refusing"), ask("GET", own("refusing")), ask("POST", own("refusing"), { body: handshake("json") }), ["poll", own("refusing")], ...gone),
  row("polling/another hub's connection", negotiated("plain"), poll),
  row("polling/where only sockets are", negotiated("sockets"), ask("GET", own("sockets"))),
  row("polling/POST where only sockets are", negotiated("sockets"), ask("POST", own("sockets"), { body: "x" })),
  row("polling/DELETE where only sockets are", negotiated("sockets"), ask("DELETE", own("sockets"))),
  row("polling/the id in capitals", negotiated(), ask("GET", path("detailed", "?ID={id}"))),
  row("polling/more query", negotiated(), ask("GET", path("detailed", "?id={id}&_=123&x"))),
  inEvents("a call", shake, call, answered("json", "1")),
  inEvents("a line feed", shake, post(json.call("1", "Anything", '"a\\nb"')), answered("json", "1"), post('{"type":1,"invocationId":"2","target":"Anything","arguments":[{"a":\n1}]}\x1e'), answered("json", "2")),
  inEvents("messagepack", post(handshake("messagepack")), ...gone),
  inEvents("a bad handshake", post(`x${separator}`), ...gone),
  inEvents("a bad message", shake, post(`x${separator}`), ...gone),
  inEvents("the client's Close", shake, post(`{"type":7}${separator}`), ...gone),
  inEvents("Abort", shake, post(json.call("1", "Abort")), ...gone),
  inEvents("a second time", ask("GET", own(), { headers: events })),
  inEvents("a poll on it", poll),
  inEvents("a socket on it", ask("GET", own(), { headers: upgrade })),
  inEvents("DELETE", remove),
  row("events/DELETE before them", negotiated(), remove),
  row("events/POST before them", negotiated(), shake, ["events", own()], call, answered("json", "1")),
  row("events/where only polling is", negotiated("polling"), ask("GET", own("polling"), { headers: events })),
  row("events/HEAD", negotiated(), ask("HEAD", own(), { headers: events })),
  inSocket("a call", ["send", json.call("1", "Int", 1)], ...last("json")),
  inSocket("a second one", ask("GET", own(), { headers: upgrade }), ...last("json")),
  inSocket("a poll on it", poll, ...last("json")),
  inSocket("events on it", ask("GET", own(), { headers: events }), ...last("json")),
  inSocket("a POST to it", post("x"), ...last("json")),
  inSocket("an empty POST to it", post(""), ...last("json")),
  inSocket("a DELETE of it", remove, ...last("json")),
  inSocket("a poll behind it", ["leave", 1000], ["until", "closed"], behind(poll)),
  row("sockets/POST before it", negotiated(), shake, ["socket", own(), {}], ["until", "{}"], ...last("json")),
  row("sockets/DELETE before it", negotiated(), remove, ["socket", own(), {}]),
  row("sockets/version 0", negotiated("detailed", 0), ["socket", own(), {}], ["send", handshake("json")], ...last("json")),
  row("sockets/where only polling is", ask("GET", path("polling"), { headers: upgrade })),
  row("sockets/where only polling is, negotiated", negotiated("polling"), ask("GET", own("polling"), { headers: upgrade })),
];

export const rows = [...negotiations, ...nobody, ...methods, ...accepted, ...sockets, posted, ...connected];
