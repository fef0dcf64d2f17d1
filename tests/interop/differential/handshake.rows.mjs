import { closing, handshake, inHub, json, last, onSocket, path } from "./rows.mjs";
import { bytes, separator } from "./messages.mjs";

const member = (protocol, version) => `{"protocol":${protocol},"version":${version}}`;
const filled = (size) => `{"protocol":"json","version":1,"more":"${"x".repeat(size)}"}`;
const padded = (size) => filled(size - filled(0).length);
const nested = (depth) => `{"protocol":"json","version":1,"more":${"[".repeat(depth)}${"]".repeat(depth)}}`;

const requests = {
  "as usual": member('"json"', 1),
  "with blanks": ' {\t"protocol" :\r\n"json" , "version": 1 } ',
  "escaped": '{"\\u0070rotocol":"js\\u006fn","version":1}',
  "reversed": '{"version":1,"protocol":"json"}',
  "members behind": '{"protocol":"json","version":1,"more":{"a":[1,null,"x"]}}',
  "members in front": '{"more":[{}],"protocol":"json","version":1}',
  "protocol twice": '{"protocol":"none","protocol":"json","version":1}',
  "protocol twice, the second unknown": '{"protocol":"json","protocol":"none","version":1}',
  "version twice": '{"protocol":"json","version":3,"version":1}',
  "version twice, the second too high": '{"protocol":"json","version":1,"version":3}',
  "capital names": '{"Protocol":"json","Version":1}',
  "an empty object": "{}",
  "no protocol": '{"version":1}',
  "no version": '{"protocol":"json"}',
  "nothing": "",
  "a blank": " ",
  "an array": "[]",
  "a number": "1",
  "a text": '"json"',
  "null": "null",
  "no JSON": "json",
  "single quotes": "{'protocol':'json','version':1}",
  "cut off": '{"protocol":"json","version":1',
  "cut off in a text": '{"protocol":"js',
  "a comma at the end": '{"protocol":"json","version":1,}',
  "a comment": '{"protocol":"json",/* x */"version":1}',
  "a byte order mark": `\ufeff${member('"json"', 1)}`,
  "something behind": `${member('"json"', 1)}x`,
  "an object behind": `${member('"json"', 1)}{}`,
  "64 levels": nested(63),
  "65 levels": nested(64),
  "a control character": '{"protocol":"js\non","version":1}',
  "half a character": '{"protocol":"\\ud83d","version":1}',
  "4096 bytes": padded(4096),
  "4097 bytes": padded(4097),
  "32768 bytes": padded(32767), // and its separator
  "32769 bytes": padded(32768),
};
for (const version of ["0", "-0", "2", "3", "-1", "-2147483648", "-2147483649", "2147483647", "2147483648", "1e0", "1.0", "1.5", "01", '"1"', "null", "true", "[]", "{}"]) {
  requests[`version ${version}`] = member('"json"', version);
}
for (const protocol of ["JSON", "Json", "MESSAGEPACK", "none", "", " json", "json ", "json\\u0000", "é", "<x>"]) {
  requests[`protocol '${protocol}'`] = member(`"${protocol}"`, 1);
}
for (const protocol of ["null", "1", "true", "[]", "{}", '["json"]']) requests[`protocol ${protocol}`] = member(protocol, 1);

// Nothing of these depends on the frames.
const whole = ["plain", "detailed"].flatMap((hub) => Object.entries(requests).map(([name, text]) =>
  onSocket(`handshake/${hub}/${name}`, [["send", text + separator]], { hub, protocol: /MESSAGEPACK/.test(text) ? "messagepack" : "json" })));

const usual = handshake("json");
const frames = {
  "binary": [["send", Buffer.from(usual)]],
  "every byte by itself": [...usual].map((each) => ["send", each]),
  "text and binary": [["send", usual.slice(0, 10)], ["send", Buffer.from(usual.slice(10))]],
  "empty frames": [["send", ""], ["send", Buffer.alloc(0)], ["send", usual], ["send", ""]],
  "a call right behind": [["send", usual + json.call("1", "Int", 1)]],
  "half a call right behind": [["send", usual + json.call("1", "Int", 1).slice(0, 9)], ["send", json.call("1", "Int", 1).slice(9)]],
  "twice": [["send", usual + usual]],
  "no UTF-8": [["send", Buffer.concat([Buffer.from('{"protocol":"'), bytes("ff"), Buffer.from(`","version":1}${separator}`)])]],
  "no UTF-8 where nobody looks": [["send", Buffer.concat([Buffer.from('{"protocol":"json","version":1,"more":"'), bytes("ff"), Buffer.from(`"}${separator}`)])]],
  "32769 bytes without end": [["send", "x".repeat(32769)]],
  "a ping in its place": [["send", `{"type":6}${separator}`]],
  "MessagePack in its place": [["send", bytes("0291 06")]],
  "MessagePack and the end": [["send", bytes("0291 061e")]],
};
const framing = [
  ...Object.entries(frames).map(([name, steps]) => onSocket(`handshake/frames/${name}`, steps)),
  onSocket("handshake/frames/no UTF-8 in a text", [["sendText", Buffer.concat([Buffer.from('{"protocol":"'), bytes("ff"), Buffer.from(`","version":1}${separator}`)])]], { end: closing }),
];

const binary = [
  onSocket("handshake/messagepack as text", [["send", handshake("messagepack")]], { protocol: "messagepack" }),
  onSocket("handshake/messagepack as binary", [["send", Buffer.from(handshake("messagepack"))]], { protocol: "messagepack" }),
  onSocket("handshake/messagepack, version 3", [["send", handshake("messagepack", 3)]], { protocol: "messagepack" }),
  inHub("handshake/refused by the hub", [], { hub: "refusing" }),
  inHub("handshake/refused by the hub, messagepack", [], { hub: "refusing", protocol: "messagepack" }),
];

// The client leaves.
const leaving = [1000, 1001, 3000, 4999].flatMap((code) => [
  { name: `handshake/the client leaves before it with ${code}`, steps: [["socket", path("detailed")], ["leave", code], ["until", "closed"]] },
  { name: `handshake/the client leaves behind it with ${code}`, steps: [["socket", path("detailed")], ["send", usual], ...last("json"), ["leave", code], ["until", "closed"]] },
  { name: `handshake/the client leaves within a message with ${code}`, steps: [["socket", path("detailed")], ["send", usual], ...last("json"), ["send", '{"type"'], ["leave", code], ["until", "closed"]] },
]);

export const rows = [...whole, ...framing, ...binary, ...leaving];
