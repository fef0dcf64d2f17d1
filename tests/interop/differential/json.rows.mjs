import { answered, closing, inHub, json, path, handshake, last, leaving } from "./rows.mjs";
import { bytes, separator } from "./messages.mjs";

const send = (...texts) => texts.map((text) => ["send", text + separator]);

// Messages of each type, with what must be before them and behind.
const stream = '{"type":1,"invocationId":"1","target":"ErrorOfStream","arguments":[],"streamIds":["s"]}';
const endless = [...send('{"type":4,"invocationId":"1","target":"Endless","arguments":[]}'), ["until", '"item":1']];
const messages = {
  "invocation": { members: { type: "1", headers: '{"a":"b"}', invocationId: '"1"', target: '"Int"', arguments: "[1]" } },
  "invocation with a stream": {
    members: { type: "1", invocationId: '"1"', target: '"Sum"', arguments: "[]", streamIds: '["s"]' },
    behind: send('{"type":2,"invocationId":"s","item":1}', '{"type":3,"invocationId":"s"}'),
  },
  "stream invocation": { members: { type: "4", headers: '{"a":"b"}', invocationId: '"1"', target: '"Counter"', arguments: "[2]" } },
  "stream item": {
    before: send(stream), members: { type: "2", headers: '{"a":"b"}', invocationId: '"s"', item: "1" },
    behind: [...send('{"type":3,"invocationId":"s"}'), answered("json", "1")],
  },
  "completion with an error": {
    before: send(stream), members: { type: "3", headers: '{"a":"b"}', invocationId: '"s"', error: '"why"' },
    behind: [...send('{"type":3,"invocationId":"s"}'), answered("json", "1")],
  },
  "completion with a result": {
    before: send(stream), members: { type: "3", headers: '{"a":"b"}', invocationId: '"s"', result: "1" },
    behind: [...send('{"type":3,"invocationId":"s"}'), answered("json", "1")],
  },
  "completion of a question": {
    before: [...send('{"type":1,"invocationId":"1","target":"AskCaller","arguments":[]}'), ["until", "Question"]],
    members: { type: "3", headers: '{"a":"b"}', invocationId: '"{question}"', result: "1" },
    behind: [...send('{"type":3,"invocationId":"{question}","result":2}'), answered("json", "1")],
  },
  "cancel": {
    before: endless, members: { type: "5", headers: '{"a":"b"}', invocationId: '"1"' },
    behind: [...send('{"type":5,"invocationId":"1"}'), answered("json", "1")],
  },
  "ping": { members: { type: "6" } },
  "close": { members: { type: "7", error: '"why"', allowReconnect: "true" } },
  "ack": { members: { type: "8", sequenceId: "1" } },
  "sequence": { members: { type: "9", sequenceId: "1" } },
};
const others = ["null", '"x"', '""', "1", "-1", "1.5", "true", "[]", "{}", "[null]", "[1]", '["s"]', '{"a":1}', '{"a":null}', '{"":""}', "3000000000", "1e400"];

const text = (members) => `{${members.map(([name, value]) => `"${name}":${value}`)}}`;
// [what is changed, the message]
function* changed(members) {
  const all = Object.entries(members);
  yield ["as it is", all];
  yield ["reversed", [...all].reverse()];
  yield ["more members", [["x", "[{}]"], ...all, ["y", "null"]]];
  yield ["members of other types", [["item", "1"], ["allowReconnect", "false"], ["sequenceId", "1"], ["streamIds", "[]"], ["target", '"Int"'], ["arguments", "[2]"]].filter(([name]) => !(name in members)).concat(all)];
  for (const [place, [name, value]] of all.entries()) {
    yield [`no ${name}`, all.filter((_, at) => at !== place)];
    yield [`${name} twice`, [...all, [name, value]]];
    yield [`${name} with a capital`, all.map((each, at) => (at === place ? [name[0].toUpperCase() + name.slice(1), value] : each))];
    for (const other of others.filter((each) => !(name === "type" && each === "-1"))) yield [`${name} ${other}`, all.map((each, at) => (at === place ? [name, other] : each))];
  }
}
// Streams are answered when they are: what has an id that can be answered is waited for.
function waits(members) {
  const [, id] = members.findLast(([name]) => name === "invocationId") ?? [];
  const [, type] = members.findLast(([name]) => name === "type") ?? [];
  return (type === "1" || type === "4") && /^"."$/.test(id ?? "") ? [answered("json", id.slice(1, -1))] : [];
}
const shapes = Object.entries(messages).flatMap(([kind, { before = [], members, behind = [] }]) =>
  [...changed(members)].map(([name, each]) => inHub(`json/${kind}/${name}`, [...before, ...send(text(each)), ...behind, ...waits(each)])));

const nested = (depth) => `{"type":1,"invocationId":"1","target":"Anything","arguments":${"[".repeat(depth)}${"]".repeat(depth)}}`;
const call = (value) => `{"type":1,"invocationId":"1","target":"Int","arguments":[${value}]}`;
const texts = {
  "nothing": "", "blanks": " \r\n\t", "an array": "[]", "a number": "6", "a text": '"x"', "null": "null", "true": "true", "no JSON": "ping",
  "an empty object": "{}", "blanks around": ' \t{"type":6}\r\n ', "something behind": '{"type":6}x', "an object behind": '{"type":6}{"type":6}',
  "cut off": '{"type":6', "a comma at the end": '{"type":6,}', "two commas": '{"type":6,,"x":1}', "no colon": '{"type" 6}', "a comment": '{"type":6/* x */}', "a line comment": '{"type":6//x\n}',
  "a byte order mark": '\ufeff{"type":6}', "single quotes": "{'type':6}", "no quotes": "{type:6}", "escaped names": '{"\\u0074ype":1,"invocationId":"\\u0031","target":"\\u0049nt","arguments":[1]}',  "type 99999999999": '{"type":99999999999}', "type 6.0": '{"type":6.0}', "type 6e0": '{"type":6e0}', "type '6'": '{"type":"6"}',
  "64 levels": nested(63), "65 levels": nested(64), "deep where nobody looks": `{"type":6,"x":${"[".repeat(63)}${"]".repeat(63)}}`, "too deep where nobody looks": `{"type":6,"x":${"[".repeat(64)}${"]".repeat(64)}}`,
  "half a character in the target": '{"type":1,"invocationId":"1","target":"\\ud83d","arguments":[]}',
  "half a character in the id": '{"type":1,"invocationId":"\\ud83d","target":"Int","arguments":[1]}',
  "half a character in a name": '{"type":6,"\\ud83d":1}',
  "an emoji in the id": '{"type":1,"invocationId":"😀\\"<é\\u0001","target":"Int","arguments":[1]}',
  "an emoji in the target": '{"type":1,"invocationId":"1","target":"😀\\"<é\'&+`\\u0001\\u007f\\u2028","arguments":[1]}',
  "a number for no argument": '{"type":1,"invocationId":"1","target":"Int","arguments":[],"x":1e999}',
  "32768 bytes": call(`1${" ".repeat(32767 - call(1).length)}`), "32769 bytes": call(`1${" ".repeat(32768 - call(1).length)}`),
};
const wholes = Object.entries(texts).map(([name, each]) => inHub(`json/text/${name}`, send(each)));

const unknown = { "0": '{"type":0}', "10": '{"type":10}', "10 with what is not known": '{"type":10,"invocationId":"1","more":[{}]}', "-1": '{"type":-1}', "a byte's 6": '{"type":262}' };
const ignored = Object.entries(unknown).map(([name, each]) => inHub(`json/unknown type ${name}`, send(each), { end: leaving }));

const raw = {
  "no UTF-8 in the target": '{"type":1,"invocationId":"1","target":"\xff","arguments":[]}',
  "no UTF-8 in the id": '{"type":1,"invocationId":"\xff","target":"Int","arguments":[1]}',
  "no UTF-8 in an argument": '{"type":1,"invocationId":"1","target":"String","arguments":["\xff"]}',
  "no UTF-8 where nobody looks": '{"type":6,"x":"\xff"}',
  "no UTF-8 in a name": '{"type":6,"\xff":1}',
  "no UTF-8 outside": '{"type":6}\xff',
};
const rawTexts = Object.entries(raw).flatMap(([name, each]) => [["text", "sendText"], ["binary", "send"]].map(([kind, verb]) =>
  inHub(`json/bytes/${name} (${kind})`, [[verb, Buffer.from(each + separator, "latin1")]], kind === "text" ? { end: closing } : {})));

const one = json.call("1", "Int", 1);
const framing = {
  "every byte by itself": [...one].map((each) => ["send", each]),
  "three in one": [["send", one + json.call("2", "Int", 2) + json.call("3", "Int", 3)]],
  "one and a half": [["send", one + one.slice(0, 20)], ["send", one.slice(20)]],
  "binary": [["send", Buffer.from(one)]],
  "only separators": [["send", separator + separator]],
  "a bad one behind a good one": [["send", `${one}x${separator}`]],
  "a good one behind a bad one": [["send", `x${separator}${one}`]],
  "32769 bytes without end": [["send", "x".repeat(32769)]],
};
const frames = Object.entries(framing).map(([name, steps]) => inHub(`json/frames/${name}`, steps));

// Calls: what answers them with and without details.
const calls = {
  "no method": ["1", "Missing"], "an empty name": ["1", ""], "another case": ["1", "INT", 1], "an inherited method": ["1", "ToString"], "the life of a hub": ["1", "OnConnectedAsync"], "Dispose": ["1", "Dispose"],
  "no argument": ["1", "Int"], "two arguments": ["1", "Int", 1, 2], "one of two": ["1", "Two", 1], "three of two": ["1", "Two", 1, '"a"', 2], "swapped": ["1", "Two", '"a"', 1], "both": ["1", "Two", 1, '"a"'],
  "an argument for none": ["1", "Nothing", 1], "nothing": ["1", "Nothing"],
  "Fail": ["1", "Fail"], "FailOpenly": ["1", "FailOpenly"], "FailNamed": ["1", "FailNamed"],
  "a stream": ["1", "Counter", 2], "an empty id": ["", "Int", 1],
};
const withStreams = {
  "Counter": '"target":"Counter","arguments":[3]', "Counter of nothing": '"target":"Counter","arguments":[0]', "CounterLater": '"target":"CounterLater","arguments":[2]',
  "no argument": '"target":"Counter","arguments":[]', "a wrong argument": '"target":"Counter","arguments":["x"]', "no method": '"target":"Missing","arguments":[]', "no stream": '"target":"Int","arguments":[1]',
  "FailingStream": '"target":"FailingStream","arguments":[]', "FailingOpenly": '"target":"FailingOpenly","arguments":[]', "FailingAtOnce": '"target":"FailingAtOnce","arguments":[]', "NoStream": '"target":"NoStream","arguments":[]',
  "a stream that is not wanted": '"target":"Counter","arguments":[3],"streamIds":["s"]',
  "no stream where one is wanted": '"target":"Doubled","arguments":[]', "an argument for a stream": '"target":"Doubled","arguments":[1],"streamIds":["s"]',
};
const hubs = ["plain", "detailed"];
const answers = hubs.flatMap((hub) => [
  ...Object.entries(calls).map(([name, words]) => inHub(`json/call/${hub}/${name}`, [["send", json.call(...words)]], { hub })),
  ...Object.entries(withStreams).map(([name, members]) => inHub(`json/stream/${hub}/${name}`, [...send(`{"type":4,"invocationId":"1",${members}}`), answered("json", "1")], { hub })),
]);

const item = (id, value) => `{"type":2,"invocationId":"${id}","item":${value}}`;
const done = (id, more = "") => `{"type":3,"invocationId":"${id}"${more}}`;
const sum = (streams = '"s"', target = "Sum", values = "") => `{"type":1,"invocationId":"1","target":"${target}","arguments":[${values}],"streamIds":[${streams}]}`;
const uploads = {
  "items": [sum(), item("s", 1), item("s", 2), done("s")],
  "nothing": [sum(), done("s")],
  "the end in one frame": [[sum(), item("s", 1), done("s")].join(separator)],
  "twelve items": [sum(), ...Array.from({ length: 12 }, (_, i) => item("s", i)), done("s")],
  "an error": [sum('"s"', "ErrorOfStream"), item("s", 1), done("s", ',"error":"why"')],
  "an empty error": [sum('"s"', "ErrorOfStream"), done("s", ',"error":""')],
  "an error that nobody catches": [sum(), done("s", ',"error":"why"')],
  "a wrong item": [sum(), item("s", '"x"'), done("s")],
  "a wrong item that is caught": [sum('"s"', "ErrorOfStream"), item("s", '"x"'), done("s")],
  "items of nobody": [item("s", 1), done("s"), json.call("1", "Int", 1).slice(0, -1)],
  "the end twice": [sum(), done("s"), done("s")],
  "items behind the end": [sum(), item("s", 1), done("s"), item("s", 2)],
  "two streams": [sum('"a","b"', "Join", '"+"'), item("a", '"1"'), item("b", '"2"'), item("a", '"3"'), done("a"), done("b")],
  "one stream of two": [sum('"a"', "Join", '"+"')],
  "three streams of two": [sum('"a","b","c"', "Join", '"+"')],
  "streams for none": [sum('"a"', "Int", "1")],
  "a null for an item": [sum(), item("s", "null"), done("s")],
  "no arguments but streams": [sum('"a","b"', "Join")],
};
const uploading = hubs.flatMap((hub) => Object.entries(uploads).map(([name, each]) => inHub(`json/upload/${hub}/${name}`, [...send(...each), answered("json", "1")], { hub })));

const more = [
  inHub("json/stream/both ways", [...send('{"type":4,"invocationId":"1","target":"Doubled","arguments":[],"streamIds":["s"]}', item("s", 1), item("s", 2), done("s")), answered("json", "1")]),
  inHub("json/stream/an id that is in use", [...endless, ...send('{"type":4,"invocationId":"1","target":"Counter","arguments":[2]}'), answered("json", "1")]),
  inHub("json/upload/an id twice", send(sum('"s","s"', "Join", '"+"'), done("s"))),
  inHub("json/stream/cancelled twice", [...endless, ...send('{"type":5,"invocationId":"1"}', '{"type":5,"invocationId":"1"}'), answered("json", "1")]),
  inHub("json/stream/cancelled by nobody", send('{"type":5,"invocationId":"none"}')),
  inHub("json/stream/the client leaves", [...endless, ["leave", 1000]]),
  inHub("json/call/to the caller", send('{"type":1,"target":"SendCaller","arguments":["a"]}', '{"type":1,"invocationId":"1","target":"SendCaller","arguments":["<é😀\\u0001\\u007f\'&+`\\"\\\\/\\u2028"]}')),
  inHub("json/call/no id", send('{"type":1,"target":"Int","arguments":[1]}', '{"type":1,"target":"Fail","arguments":[]}', '{"type":1,"target":"Missing","arguments":[]}', '{"type":1,"target":"Int","arguments":["x"]}')),
  inHub("json/call/the same id twice", send(...[1, 2].map((each) => json.call("1", "Int", each).slice(0, -1)))),
  inHub("json/call/Abort", [["send", json.call("1", "Abort")]]),
  inHub("json/call/behind Abort", [["send", json.call("1", "Abort") + json.call("2", "Int", 2)]]),
  inHub("json/close/and a call behind", send('{"type":7}', call(1))),
  inHub("json/completion/of nobody", send(done("none"), done("none", ',"result":1'), done("none", ',"error":"x"'), item("none", 1))),
];
const question = (name, answer, hub) => inHub(`json/question/${hub}/${name}`, [["send", json.call("1", "AskCaller")], ["until", "Question"], ...send(answer), answered("json", "1")], { hub });
const questions = hubs.flatMap((hub) => [
  question("a result", done("{question}", ',"result":5'), hub), question("an error", done("{question}", ',"error":"why"'), hub), question("a wrong result", done("{question}", ',"result":"x"'), hub),
  question("a null", done("{question}", ',"result":null'), hub), question("nothing", done("{question}"), hub), question("an empty error", done("{question}", ',"error":""'), hub),
]);

// The second version of the protocol, over a connection that may come back.
const stateful = (name, steps, version = 2, query = "&useStatefulReconnect=true") => ({ name: `json/stateful/${name}`, steps: [
  ["negotiate", path("stateful", `/negotiate?negotiateVersion=1${query}`)], ["socket", path("stateful", "?id={id}"), {}], ["send", handshake("json", version)], ...steps, ...last("json")] });
const again = [["cut"], ["socket", path("stateful", "?id={id}"), { again: true }], ["until", '{"type":9']];
const sequence = (id) => `{"type":9,"sequenceId":${id}}`;
const ack = (id) => `{"type":8,"sequenceId":${id}}`;
const resuming = [
  stateful("a call", send(call(1))), stateful("version 1", send(call(1), ack(1), sequence(1)), 1), stateful("not asked for", send(call(1), ack(1), sequence(1)), 2, ""),
  ...["0", "1", "2", "-1", "3000000000", "9223372036854775807", "9223372036854775808"].flatMap((id) => [stateful(`ack ${id}`, send(call(1), ack(id))), stateful(`sequence ${id}`, send(call(1), sequence(id), call(2), call(3), call(4)))]),
  stateful("back", [...send(call(1)), answered("json", "1"), ...again, ...send(sequence(2), call(2))]),
  stateful("back, acknowledged", [...send(call(1)), answered("json", "1"), ...send(ack(1)), ...last("json"), ...again, ...send(sequence(3), call(2))]),
  stateful("back, everything once more", [...send(call(1)), answered("json", "1"), ...again, ...send(sequence(1), call(1), call(2))]),
  stateful("back, too far", [...send(call(1)), answered("json", "1"), ...again, ...send(sequence(3), call(2))]),
  stateful("back twice", [...send(call(1)), answered("json", "1"), ...again, ...again, ...send(sequence(2), call(2))]),
  stateful("back without a sequence", [...send(call(1)), answered("json", "1"), ...again, ...send(call(2))]),
];

export const rows = [...shapes, ...wholes, ...ignored, ...rawTexts, ...frames, ...answers, ...uploading, ...more, ...questions, ...resuming];
