import { inHub, json, messagepack } from "./rows.mjs";
import { pack } from "./messages.mjs";

// Values for parameters of each type, as they stand in the message.
const integers = ["0", "-0", "1", "-1", "1.0", "1e0", "1.5", "1e2", "12e-1", "127", "128", "-128", "-129", "255", "256", "32767", "32768", "-32769", "65535", "65536", "2147483647", "2147483648", "-2147483648", "-2147483649",
  "4294967295", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e400", "123456789012345678901234567890",
  "01", "+1", ".5", "1.", "-", "0x1", '"1"', '""', "true", "null", "[]", "[1]", "{}", "NaN"];
const floats = ["0", "-0", "-0.0", "0.1", "1", "1.0", "1.5", "100", "1e2", "1E5", "1e15", "1e16", "1e17", "1e20", "1e21", "1e22", "1e-4", "1e-5", "1e-6", "1e-7", "123456789012345680", "1234567.125", "16777217", "9007199254740993", "0.30000000000000004",
  "3.4028235e38", "3.5e38", "1.7976931348623157e308", "1e309", "-1e309", "5e-324", "1e-400", "1e-46", "123456789012345678901234567890", "2.2250738585072014e-308", "NaN", "Infinity", '"NaN"', '"Infinity"', '"1"', "true", "null", "[]", "01"];
const strings = ['""', '"a"', '"é"', '"\\u00e9"', '"\\u00E9"', '"😀"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\ud83d"', '"<>&\'+`="', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u0000"', '"\\u0001\\u001e\\u001f"', '"\\u007f\\u0080\\u009f\\u00a0\\u00ad"',
  '"\\u2028\\u2029\\ufeff\\ufffd\\uffff"', '"\\ue000\\u200d\\u0378"', '"\t"', '"\\x"', '"\\u12"', '"\\U0041"', "'a'", "1", "true", "null", '["a"]', "{}"];
const times = ['"2000-01-01T00:00:00Z"', '"2000-01-01T00:00:00"', '"2000-01-01"', '"2000-01-01T00:00Z"', '"2000-01-01T00:00:00.1Z"', '"2000-01-01T00:00:00.1234567Z"', '"2000-01-01T00:00:00.12345678Z"', '"2000-01-01T00:00:00.1234567890123456Z"', '"2000-01-01T00:00:00.12345678901234567Z"',
  '"2000-01-01T00:00:00+02:00"', '"2000-01-01T00:00:00-14:00"', '"2000-01-01T00:00:00+14:01"', '"2000-01-01T00:00:00+0200"', '"2000-01-01T00:00:00+02"', '"2000-01-01T00:00:00z"', '"2000-01-01t00:00:00Z"', '"2000-01-01 00:00:00Z"',
  '"2000-02-29T00:00:00Z"', '"1900-02-29T00:00:00Z"', '"2000-13-01T00:00:00Z"', '"2000-01-32T00:00:00Z"', '"2000-01-01T24:00:00Z"', '"2000-01-01T23:59:60Z"', '"2000-01-01T23:60:00Z"', '"0001-01-01T00:00:00Z"', '"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59.9999999Z"', '"10000-01-01T00:00:00Z"', '"0001-01-01T00:00:00+01:00"', '"9999-12-31T23:59:59-01:00"',
  '" 2000-01-01T00:00:00Z"', '"2000-1-1"', '"1/2/2000"', '"\\u0032000-01-01T00:00:00Z"', '""', '"x"', "0", "null", "true", "{}"];
const spans = ['"00:00:00"', '"01:02:03"', '"1.02:03:04"', '"-1.02:03:04.5"', '"01:02:03.1234567"', '"01:02:03.12345678"', '"10675199.02:48:05.4775807"', '"-10675199.02:48:05.4775808"', '"10675199.02:48:05.4775808"', '"23:59:59"', '"24:00:00"', '"1:2:3"', '"01:02"', '"1"', '"00:60:00"', '"00:00:60"', '"-00:00:01"', '"+00:00:01"', '" 00:00:01"', '""', '"x"', "1", "null"];
const guids = ['"01234567-89ab-cdef-0123-456789abcdef"', '"01234567-89AB-CDEF-0123-456789ABCDEF"', '"0123456789abcdef0123456789abcdef"', '"{01234567-89ab-cdef-0123-456789abcdef}"', '"00000000-0000-0000-0000-000000000000"', '"01234567-89ab-cdef-0123-456789abcde"', '"01234567-89ab-cdef-0123-456789abcdeg"', '" 01234567-89ab-cdef-0123-456789abcdef"', '""', "1", "null"];
const items = ["{}", "null", "[]", "1", '"x"', '{"name":"a","unitCount":2,"side":1,"numbers":[1,2],"next":{"name":"b"}}', '{"NAME":"a","UnitCount":2,"SIDE":1}', '{"name":null,"numbers":null,"next":null}', '{"unitCount":null}', '{"unit_count":1}', '{"unitCount":"1"}', '{"unitCount":1.0}', '{"unitCount":1e0}', '{"side":"Sell"}', '{"side":"sell"}', '{"side":7}', '{"more":{"a":[1]}}', '{"name":"a","name":"b"}', '{"name":"a","Name":"b"}',
  '{"numbers":[]}', '{"numbers":{}}', '{"numbers":[null]}', '{"next":{"next":{"next":{}}}}', '{"name":1}', '{"name":"\\ud83d"}', '{"\\u006eame":"a"}', '{"":1}'];

const ofJson = {
  Bool: ["true", "false", "1", "0", '"true"', "null", "True", "[]"],
  ...Object.fromEntries(["Byte", "SByte", "Short", "UShort", "Int", "UInt", "Long", "ULong", "NullableInt"].map((type) => [type, integers])),
  Float: floats, Double: floats, String: strings, NullableString: ['"a"', "null", "1", '""'],
  Bytes: ['""', '"AQID"', '"AQI="', '"AQ=="', '"AQI"', '"AQ"', '"A"', '"_-8="', '"/+8="', '"AQ ID"', '"AQ\\nID"', '"AR=="', '"AQ\\u003d="', '"\\u0041QID"', '"AQID===="', "[1,2]", "[]", "null", "1", '"é"'],
  Side: ["0", "1", "2", "-1", "1.0", "1e0", "2147483648", '"Sell"', '"sell"', '"SELL"', '"1"', '""', "null", "true", "[]"],
  List: ["[]", "[1]", "[1,2,3]", "[null]", "[1.0]", '["1"]', "[[1]]", "[1,]", "{}", "null", "1", "[1,2147483648]"],
  Lists: ["[]", "[[]]", '[["a"],["b","c"]]', "[null]", '[["a",null]]', '["a"]', '[[["a"]]]'],
  Dictionary: ["{}", '{"a":1}', '{"a":1,"b":2}', '{"b":1,"a":2}', '{"A":1,"a":2}', '{"a":1,"a":2}', '{"":1}', '{"é😀":1}', '{"a":null}', '{"a":"1"}', '{"a":1.5}', '{"\\u0061":1}', '{"\\ud83d":1}', '{"a<\\"\\n":1}', "[]", '[["a",1]]', "null"],
  IntDictionary: ["{}", '{"1":"a"}', '{"-1":"a"}', '{"01":"a"}', '{"+1":"a"}', '{" 1":"a"}', '{"1.0":"a"}', '{"x":"a"}', '{"":"a"}', '{"2147483648":"a"}', '{"1":"a","1":"b"}', '{"\\u0031":"a"}', '{"1":null}', '{"2":"a","1":"b"}', "[]"],
  DateTime: times, DateTimeOffset: times, TimeSpan: spans, Guid: guids, Item: items, Items: ["[]", "[{}]", "[null]", '[{"name":"a"},{"name":"b"}]'],
  Anything: ["null", "true", "1", "-0", "1.0", "1.50", "1e2", "1E400", "123456789012345678901234567890", "18446744073709551615", '"a\\u00e9\\u003c"', '"\\ud83d"', "[]", "[1, 2]", '{"b":1,"a":2}', '{"a":1,"a":2}', '{ "a" : [ 1 , null ] }', '{"Name":1}', '""'],
};

// MessagePack, in hexadecimal. An extension of so many bytes, of a type, is d6/d7/c7.
const text = (value) => pack(value);
const ints = {
  "positive fixint": "01", "negative fixint": "ff", "uint 8": "cc01", "uint 16": "cd0001", "uint 32": "ce00000001", "uint 64": "cf0000000000000001", "int 8": "d001", "int 16": "d10001", "int 32": "d200000001", "int 64": "d30000000000000001",
  "int 8 -1": "d0ff", "int 64 -1": "d3ffffffffffffffff", "127": "7f", "128": "cc80", "-128": "d080", "-129": "d1ff7f", "255": "ccff", "256": "cd0100", "32767": "cd7fff", "32768": "cd8000", "-32769": "d2ffff7fff", "65535": "cdffff", "65536": "ce00010000",
  "2147483647": "ce7fffffff", "2147483648": "ce80000000", "-2147483648": "d280000000", "-2147483649": "d3ffffffff7fffffff", "4294967295": "ceffffffff", "4294967296": "cf0000000100000000", "9223372036854775807": "cf7fffffffffffffff", "9223372036854775808": "cf8000000000000000", "-9223372036854775808": "d38000000000000000", "18446744073709551615": "cfffffffffffffffff",
};
const wrong = { "nil": "c0", "true": "c3", "a text": "a131", "an empty text": "a0", "bytes": "c40131", "an array": "90", "a map": "80", "an extension": "d40100", "float 32 1": "ca3f800000", "float 64 1": "cb3ff0000000000000", "float 64 1.5": "cb3ff8000000000000" };
const reals = { "float 32 0.1": "ca3dcccccd", "float 64 0.1": "cb3fb999999999999a", "float 64 1e300": "cb7e37e43c8800759c", "float 32 NaN": "ca7fc00000", "float 64 NaN": "cb7ff8000000000000", "float 64 infinity": "cb7ff0000000000000", "float 32 -infinity": "caff800000", "float 64 -0": "cb8000000000000000", "float 64 3.5e38": "cb47f0751a6bcd1a3e",
  "uint 64 max": "cfffffffffffffffff", "int 32 16777217": "ce01000001", "int 64 9007199254740993": "cf0020000000000001", "positive fixint": "05", "negative fixint": "ff" };
const moment = { "32 bits": "d6ff386d4380", "64 bits": "d7ff00000000386d4380", "64 bits with nanoseconds": "d7ff075bcd14386d4380", "96 bits": "c70cff075bcd15fffffffffffffffe", "96 bits, year 1": "c70cff00000000fffffff1886e0900", "96 bits, before year 1": "c70cff00000000fffffff1886e08ff", "96 bits, year 9999": "c70cff3b9ac9ff0000003afff4417f", "96 bits, year 10000": "c70cff000000000000003afff44180", "too many nanoseconds": "d7ffee6b2800386d4380", "another type": "d601386d4380", "5 bytes": "c705ff386d438000", "no bytes": "c700ff", "text": text("2000-01-01T00:00:00Z"), "an integer": "ce386d4380", "ticks": "cf08bfa67b8bd78000" };

const ofMessagepack = {
  Bool: { "false": "c2", "0": "00", "1": "01", ...wrong },
  ...Object.fromEntries(["Byte", "SByte", "Short", "UShort", "Int", "UInt", "Long", "ULong"].map((type) => [type, { ...ints, ...wrong }])),
  NullableInt: { "1": "01", ...wrong },
  Float: { ...reals, ...wrong }, Double: { ...reals, ...wrong },
  String: { "fixstr": "a161", "str 8": "d90161", "str 16": "da000161", "str 32": "db0000000161", "an emoji": text("😀"), "a zero": "a100", "no UTF-8": "a1ff", "half a character": "a3eda0bd", "overlong": "a2c080", "1": "01", ...wrong },
  NullableString: { "a": "a161", "nil": "c0", "bytes": "c40161", "1": "01" },
  Bytes: { "none": "c400", "bin 8": "c403010203", "bin 16": "c50003010203", "bin 32": "c600000003010203", "str": "a3010203", "base64": text("AQID"), "an array of integers": "93010203", ...wrong },
  Side: { "Sell": text("Sell"), "sell": text("sell"), "SELL": text("SELL"), "none of that name": text("Hold"), "1": "01", "7": "07", "the text 1": "a131", "Buy, Sell": text("Buy, Sell"), "blanks": text(" Sell "), ...wrong },
  List: { "none": "90", "one": "9101", "array 16": "dc00020102", "array 32": "dd000000020102", "with nil": "91c0", "with a float": "91cb3ff0000000000000", "with a text": "91a131", "a map": "810102", "nil": "c0" },
  Lists: { "none": "90", "some": "9291a16190", "with nil": "91c0", "with nil inside": "9191c0" },
  Dictionary: { "none": "80", "one": "81a16101", "map 16": "de0001a16101", "map 32": "df00000001a16101", "a key twice": "82a16101a16102", "an integer as key": "810101", "nil as key": "81c001", "bytes as key": "81c4016101", "an array as key": "819001", "a float as key": "81cb3ff000000000000001", "nil as value": "81a161c0", "an array": "90", "pairs": "9192a16101", "nil": "c0" },
  IntDictionary: { "none": "80", "one": "8101a161", "two": "8202a16101a162", "a text as key": "81a131a161", "nil as value": "8101c0", "too large": "81ce80000000a161", "negative": "81ffa161", "twice": "8201a16101a162" },
  DateTime: { ...moment, ...wrong }, DateTimeOffset: { "an array": "92d6ff386d438078", "an offset of -60": "92d6ff386d4380d0c4", "an offset of 841": "92d6ff386d4380cd0349", "three": "93d6ff386d43807800", "one": "91d6ff386d4380", ...moment, ...wrong },
  TimeSpan: { "0": "00", "-1": "ff", "one second": "ce00989680", "the most": "cf7fffffffffffffff", "too many": "cf8000000000000000", "text": text("00:00:01"), ...wrong },
  Guid: Object.fromEntries(Object.entries({ "text": "01234567-89ab-cdef-0123-456789abcdef", "capitals": "01234567-89AB-CDEF-0123-456789ABCDEF", "no hyphens": "0123456789abcdef0123456789abcdef", "braces": "{01234567-89ab-cdef-0123-456789abcdef}", "too short": "01234567" }).map(([name, value]) => [name, text(value)]).concat([["16 bytes", "c4100123456789abcdef0123456789abcdef"]], Object.entries(wrong))),
  Item: { "nothing": "80", "everything": pack({ Name: "a", UnitCount: 2, Side: "Sell", Numbers: [1, 2], Next: { Name: "b" } }), "camelCase": pack({ name: "a", unitCount: 2, side: "Sell" }), "lower case": pack({ name: "a", unitcount: 2 }), "snake_case": pack({ unit_count: 2 }), "nils": pack({ Name: null, Numbers: null, Next: null }), "nil for a number": pack({ UnitCount: null }), "a number for the enumeration": pack({ Side: 1 }), "unknown members": pack({ More: [1, { a: 2 }], Name: "a" }),
    "a member twice": `82${text("Name")}a161${text("Name")}a162`, "an integer as key": `8201a161${text("Name")}a162`, "nil as key": `82c0a161${text("Name")}a162`, "an array": "95a16102a45365c6c090", "an empty array": "90", "a wrong member": pack({ UnitCount: "x" }), "a float for an integer": `81${text("UnitCount")}cb3ff0000000000000`, ...wrong },
  Items: { "none": "90", "two": pack([{ Name: "a" }, { Name: "b" }]), "nil": "91c0" },
  Anything: { "nil": "c0", "true": "c3", "an integer": "01", "uint 64": "cf0000000000000001", "int 8": "d0ff", "float 32": "ca3fc00000", "float 64": "cb3ff8000000000000", "a text": "a161", "an array": "920102", "a map": "81a16101", "an integer as key": "8101a161", "bytes": "c40101", "a time": "d6ff386d4380", "another extension": "d40100" },
};

export const rows = [
  ...Object.entries(ofJson).flatMap(([target, values]) => values.map((value) => inHub(`arguments/json/${target}/${value}`, [["send", json.call("1", target, value)]]))),
  ...Object.entries(ofMessagepack).flatMap(([target, values]) => Object.entries(values).map(([name, value]) =>
    inHub(`arguments/messagepack/${target}/${name}`, [["send", messagepack.call("1", target, value)]], { protocol: "messagepack" }))),
];
