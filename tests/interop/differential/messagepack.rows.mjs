import { answered, closing, handshake, inHub, leaving, messagepack, path } from "./rows.mjs";
import { bytes, framed, pack } from "./messages.mjs";

const settings = { protocol: "messagepack" };
const send = (...parts) => parts.map((each) => ["send", framed(arrayOf(each))]);
const arrayOf = (parts) => (0x90 + parts.length).toString(16) + parts.join("");
const reply = (parts) => [["reply", arrayOf(parts)]];
const row = (name, steps) => inHub(`messagepack/${name}`, steps, settings);
const wait = (id) => answered("messagepack", id);

const id = pack("1");
const s = pack("s");
const upload = ["01", "80", id, pack("ErrorOfStream"), "90", `91${s}`];
const endOfUpload = [...send(["03", "80", s, "02"]), wait("1")];
const endless = [...send(["04", "80", id, pack("Endless"), "90", "90"]), ["until", '[2,{},"1"']];
// Messages of each type: the names of their parts are for the table.
const messages = {
  "invocation": { parts: { type: "01", headers: "81a161a162", invocationId: id, target: pack("Int"), arguments: "9101", streamIds: "90" } },
  "invocation with a stream": { parts: { type: "01", headers: "80", invocationId: id, target: pack("Sum"), arguments: "90", streamIds: `91${s}` }, behind: send(["02", "80", s, "01"], ["03", "80", s, "02"]) },
  "stream invocation": { parts: { type: "04", headers: "80", invocationId: id, target: pack("Counter"), arguments: "9102", streamIds: "90" } },
  "stream item": { before: send(upload), parts: { type: "02", headers: "80", invocationId: s, item: "01" }, behind: endOfUpload },
  "completion with an error": { before: send(upload), parts: { type: "03", headers: "80", invocationId: s, kind: "01", error: pack("why") }, behind: endOfUpload },
  "completion with nothing": { before: send(upload), parts: { type: "03", headers: "80", invocationId: s, kind: "02" }, behind: endOfUpload },
  "completion with a result": { before: send(upload), parts: { type: "03", headers: "80", invocationId: s, kind: "03", result: "01" }, behind: endOfUpload },
  "completion of a question": {
    before: [...send(["01", "80", id, pack("AskCaller"), "90", "90"]), ["until", "Question"]],
    parts: { type: "03", headers: "80", invocationId: "{question}", kind: "03", result: "01" },
    behind: [...reply(["03", "80", "{question}", "03", "02"]), wait("1")],
  },
  "cancel": { before: endless, parts: { type: "05", headers: "80", invocationId: id }, behind: [...send(["05", "80", id]), wait("1")] },
  "ping": { parts: { type: "06" } },
  "close": { parts: { type: "07", error: pack("why"), allowReconnect: "c3" } },
  "ack": { parts: { type: "08", sequenceId: "01" } },
  "sequence": { parts: { type: "09", sequenceId: "01" } },
};
const others = { "nil": "c0", "false": "c2", "true": "c3", "1": "01", "-1": "ff", "uint 8 1": "cc01", "int 64 1": "d30000000000000001", "uint 64 max": "cfffffffffffffffff", "float 64 1": "cb3ff0000000000000", "an empty text": "a0", "a text": "a178", "str 32": "db0000000178", "no UTF-8": "a1ff", "bytes": "c40178", "no bytes": "c400",
  "an array": "90", "array 32": "dd00000000", "an array with nil": "91c0", "an array with a text": "91a173", "an array with an empty text": "91a0", "an array with 1": "9101", "a map": "80", "map 32": "df00000000", "a map with texts": "81a161a162", "a map with 1": "81a16101", "a map with nil": "81a161c0", "a map with nil as key": "81c0a162", "a map with an empty key": "81a0a162", "a map with an integer as key": "8101a162", "a map with an empty text": "81a161a0", "a key twice": "82a161a162a161a163", "an extension": "d40100", "a time": "d6ff00000000", "never used": "c1", "cut off": "91" };

function* changed(parts) {
  const all = Object.entries(parts);
  yield ["as it is", all];
  yield ["one more part", [...all, ["more", "c0"]]];
  yield ["three more parts", [...all, ["more", "81a16191c0"], ["more", "d40100"], ["more", "c40100"]]];
  for (let i = 0; i < all.length; ++i) yield [`${i} parts`, all.slice(0, i)];
  for (const [place, [name]] of all.entries()) {
    for (const [other, value] of Object.entries(others).filter(([each]) => !(name === "type" && each === "-1"))) yield [`${name} ${other}`, all.map((each, at) => (at === place ? [name, value] : each))];
  }
}
// Streams are answered when they are: what has an id that can be answered is waited for.
function waits(parts) {
  const { type, invocationId } = Object.fromEntries(parts);
  return /^(01|04|cc01|d30000000000000001)$/.test(type) && /(31|78|ff)$/.test(invocationId) && /^(a1|db)/.test(invocationId) ? [wait(bytes(invocationId).toString().at(-1))] : [];
}
const shapes = Object.entries(messages).flatMap(([kind, { before = [], parts, behind = [] }]) =>
  [...changed(parts)].map(([name, each]) => row(`${kind}/${name}`, [...before, ...reply(each.map(([, value]) => value)), ...behind, ...waits(each)])));

const call = arrayOf(["01", "80", id, pack("Int"), "9101", "90"]);
const of = (prefix, body) => [["send", bytes(prefix + body)]];
const nested = (depth) => framed(arrayOf(["01", "80", id, pack("Anything"), "91".repeat(depth) + "c0", "90"]));
const filled = (size) => messagepack.call("1", "String", pack("x".repeat(size)));
const padded = (size) => filled(30_000 + size - filled(30_000).length);
const framing = {
  "two in one": of("", framed(call).toString("hex") + framed(call).toString("hex")),
  "every byte by itself": [...framed(call)].map((each) => ["send", Buffer.of(each)]),
  "length in two bytes": of("8200", "9106"),
  "length in three bytes": of("828000", "9106"),
  "length in five bytes": of("8280808000", "9106"),
  "length in six bytes": of("828080808000", "9106"),
  "length of more than 2 GB": of("8080808008", ""),
  "length without end": of("ffffffffff", ""),
  "length 0": of("00", ""),
  "length 0 and a message": of("00029106", ""),
  "32768 bytes": [["send", padded(32768)]],
  "32769 bytes": [["send", padded(32769)]],
  "a byte behind": [["send", framed("910600")]],
  "a message behind": [["send", framed("91069106")]],
  "cut off": [["send", framed("92")]],
  "cut off in the call": [["send", framed(call.slice(0, -4))]],
  "a map": [["send", framed("80")]],
  "an integer": [["send", framed("06")]],
  "nil": [["send", framed("c0")]],
  "a text": [["send", framed("a16a")]],
  "never used": [["send", framed("c1")]],
  "array 16": [["send", framed("dc000106")]],
  "array 32": [["send", framed("dd0000000106")]],
  "an array of 4294967295": [["send", framed("ddffffffff06")]],
  "arguments of 4294967295": [["send", framed(`96 01 80 ${id} ${pack("Int")} ddffffffff 01 90`)]],
  "headers of 4294967295": [["send", framed(`96 01 dfffffffff ${id} ${pack("Int")} 9101 90`)]],
  "type in 64 bits": [["send", framed("91cf0000000000000006")]], "type of 2147483648": [["send", framed("91ce80000000")]],
  "60 levels": [["send", nested(60)]], "65 levels": [["send", nested(65)]], "600 levels": [["send", nested(600)]],
};
const unfinished = {
  "length of 2 GB": of("ffffffff07", ""),
  "32769 bytes that do not come": of("818002", ""),
  "JSON": [["send", '{"type":6}\x1e']],
};
const frames = Object.entries(framing).map(([name, steps]) => row(`frames/${name}`, steps)).concat(Object.entries(unfinished).map(([name, steps]) => ({
  name: `messagepack/frames/${name}`, steps: [["socket", path("detailed"), settings], ["send", handshake("messagepack")], ["until", "{}"], ...steps, ["leave", 1000], ["until", "closed"]] })),
  inHub("messagepack/frames/as text", [["sendText", framed("9106")]], { ...settings, end: closing }));

const unknown = { "0": "9100", "10": "910a", "10 with parts": "930ac0d40100", "-1": "91ff", "262": "91cd0106" };
const ignored = Object.entries(unknown).map(([name, each]) => inHub(`messagepack/unknown type ${name}`, [["send", framed(each)]], { ...settings, end: leaving }));

const calls = {
  "no method": messagepack.call("1", "Missing"), "no argument": messagepack.call("1", "Int"), "two arguments": messagepack.call("1", "Int", "01", "02"), "swapped": messagepack.call("1", "Two", pack("a"), "01"), "both": messagepack.call("1", "Two", "01", pack("a")),
  "nothing": messagepack.call("1", "Nothing"), "Fail": messagepack.call("1", "Fail"), "FailOpenly": messagepack.call("1", "FailOpenly"), "a stream": messagepack.call("1", "Counter", "02"), "an empty id": messagepack.call("", "Int", "01"), "another case": messagepack.call("1", "iNT", "01"),
  "to the caller": messagepack.call("1", "SendCaller", pack("é😀")), "Abort": messagepack.call("1", "Abort"), "a long id": messagepack.call("i".repeat(300), "Int", "01"),
};
const streams = { "Counter": "9103", "CounterLater": "9102", "FailingStream": "90", "FailingOpenly": "90", "FailingAtOnce": "90", "NoStream": "90", "Missing": "90" };
const answers = ["plain", "detailed"].flatMap((hub) => [
  ...Object.entries(calls).map(([name, frame]) => inHub(`messagepack/call/${hub}/${name}`, [["send", frame]], { ...settings, hub })),
  ...Object.entries(streams).map(([target, values]) => inHub(`messagepack/stream/${hub}/${target}`, [...send(["04", "80", id, pack(target), values, "90"]), wait("1")], { ...settings, hub })),
]);
const item = (value) => ["02", "80", s, value];
const uploads = {
  "a wrong item": [["01", "80", id, pack("Sum"), "90", `91${s}`], item("a178"), ["03", "80", s, "02"]],
  "an error": [upload, item("01"), ["03", "80", s, "01", pack("why")]],
  "no text as error": [upload, ["03", "80", s, "01", "c0"]],
  "both ways": [["04", "80", id, pack("Doubled"), "90", `91${s}`], item("01"), item("02"), ["03", "80", s, "02"]],
  "no streams": [["01", "80", id, pack("Sum"), "90"]],
};
const uploading = Object.entries(uploads).map(([name, each]) => row(`upload/${name}`, [...send(...each), wait("1")]));
const answersToQuestion = { "a result": ["03", "05"], "an error": ["01", pack("why")], "nothing": ["02"], "a wrong result": ["03", "a178"], "a float": ["03", "cb3ff0000000000000"], "nil": ["03", "c0"] };
const questions = Object.entries(answersToQuestion).map(([name, parts]) => row(`question/${name}`, [
  ["send", messagepack.call("1", "AskCaller")], ["until", "Question"], ...reply(["03", "80", "{question}", ...parts]), wait("1")]));

export const rows = [...shapes, ...frames, ...ignored, ...answers, ...uploading, ...questions];
