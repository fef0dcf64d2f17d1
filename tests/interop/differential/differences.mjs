// Where Saker answers otherwise than ASP.NET Core on purpose. { rows, original, saker, reason }: what is in
// the original's answer, and what stands there in Saker's. { rows, both, reason }: how both are read, to be
// the same then. What is not of use any more is to be taken off the list: the test says so.

const whole = /^[^]*$/;
const toTheEnd = (text) => new RegExp(`${text}[^]*$`, "m");

// Bodies of negotiations.
const transports = '"availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]},{"transport":"ServerSentEvents","transferFormats":["Text"]},{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}';
const negotiated = (version) => `{"negotiateVersion":${version},"connectionId":"...",${version === 0 ? "" : '"connectionToken":"...",'}${transports}`;
const noInteger = '{"error":"The client requested a non-integer protocol version."}';

// How a call is answered whose arguments cannot be bound: the row's name has the method's.
const bindingFault = "Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked.";
const unbound = ({ name }) => `Failed to invoke '${name.split("/")[2]}' due to an error on the server. InvalidDataException: ${bindingFault}`;
const json = {
  result: /(?<=^text \{"type":3,"invocationId":"1",)"result":.*(?=\}$)/m, failure: /(?<=^text \{"type":3,"invocationId":"1",)"error":.*(?=\}$)/m,
  end: 'text {"type":3,"invocationId":"end","result":null}', closed: toTheEnd('^text \\{"type":7'),
  unbound: (row) => `"error":"${unbound(row)}"`,
  completion: (member) => `text {"type":3,"invocationId":"1",${member}}\n${json.end}`,
};
const packed = {
  answer: /^binary \[3,\{\},"1",.*$/m, end: 'binary [3,{},"end",3,null]', closed: toTheEnd('^binary \\[7,'), fromAnswer: toTheEnd('^binary \\[3,\\{\\},"1"'),
  unbound: (row) => `binary [3,{},"1",1,"${unbound(row)}"]`, result: (value) => `binary [3,{},"1",3,${value}]`,
  ended: 'binary [7,"Connection closed with an error.",true]\nclosed 1000 ', // the details are left out, below
};
const unescaped = (text) => text.replace(/\\u([0-9a-fA-F]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
const withoutBytes = (text) => text.replace(/ = .*$/gm, "");
const withoutDetails = (text) => text.replace(/(closed with an error\.|handshake\.) \w+Exception: .*?(?=",(true|"allowReconnect")|"\}$)/gm, "$1");

const http = [
  { rows: /negotiateVersion=1%00$/, original: negotiated(1), saker: noInteger, reason: "A number is digits; .NET's may have zero bytes behind them." },
  { rows: /negotiateVersion=1&negotiateVersion=[01]$/, original: noInteger, saker: negotiated(1), reason: "Of several values the first counts; ASP.NET Core joins them with commas." },
  { rows: /negotiateVersion=0&negotiateVersion=1$/, original: noInteger, saker: negotiated(0), reason: "Of several values the first counts; ASP.NET Core joins them with commas." },
  { rows: /stateful\/useStatefulReconnect=true&useStatefulReconnect=/, original: '{"negotiateVersion"', saker: '{"useStatefulReconnect":true,"negotiateVersion"', reason: "Of several values the first counts; ASP.NET Core joins them with commas." },
  { rows: /useStatefulReconnect=(%20true%20|true%00)$/, original: '"useStatefulReconnect":true,', saker: "", reason: "A boolean is a word; .NET's may have blanks and zero bytes around it." },
  { rows: /negotiateVersion=1#x$/, original: whole, saker: "400\n  content-type: text/plain; charset=utf-8\n  400 Bad Request\n", reason: "A request target has no fragment (RFC 9112 section 3.2)." },
  { rows: /^http\/negotiate\/[A-Z]+$/, original: /^405$/m, saker: "405\n  allow: POST", reason: "405 says what is allowed (RFC 9110 section 15.5.6)." },
  { rows: /^http\/(method\/|(polling|events)\/HEAD)/, original: /^405$/m, saker: "405\n  allow: GET, POST, DELETE", reason: "405 says what is allowed (RFC 9110 section 15.5.6)." },
  { rows: /POST to it$/, original: /^405$/m, saker: "405\n  allow: GET, DELETE", reason: "405 says what is allowed (RFC 9110 section 15.5.6)." },
  { rows: /\/a socket with /, original: "404\n  No Connection", saker: "404\n  content-type: text/plain\n  No Connection", reason: "A text says that it is one." },
  { rows: /Accept: .*text\/event-stream;/, original: /^404\n[^]*No Connection/, saker: "404\n  content-type: text/plain\n  No Connection", reason: "A media type with a parameter or a weight is still that type; ASP.NET Core takes such a request for a poll." },
  { rows: /^http\/socket\/(no version|version )/, original: whole, saker: '426\n  content-type: application/problem+json\n  sec-websocket-version: 13\n  upgrade: websocket\n  {"type":"about:blank","title":"Upgrade Required","status":426,"detail":"The WebSocket version is not supported."}', reason: "Who asks for a WebSocket of another version is told which one there is (RFC 6455 section 4.4)." },
  { rows: /another hub's connection$/, original: whole, saker: "404\n  cache-control: no-cache, no-store\n  content-type: text/plain\n  expires: Thu, 01 Jan 1970 00:00:00 GMT\n  pragma: no-cache\n  No Connection with that ID", reason: "A connection is of the hub that it was negotiated with: its authorization is not that of another." },
];


// Errors of the readers, and the names of types.
const texts = [
  { rows: /^(http|handshake)\//, original: /(?<=handshake\. )(JsonReader|InvalidOperation)Exception: .*(?="\}$)/m, saker: "InvalidDataException: Error reading JSON.", reason: "What is wrong with a text that is no JSON is said by .NET's reader." },
  { rows: /^handshake\//, original: / Message content: .*(?="\}$)/m, saker: "", reason: "A client knows what it has sent." },
  { rows: /^handshake\/.*\/(an array|a number|a text|null)$/, original: /Unexpected JSON Token Type '\w+'\. Expected/, saker: "Expected", reason: "The names of .NET's tokens." },
  { rows: /^json\/text\/(an array|a number|a text|null|true)$/, original: / '\w+'(?=\. Expected a JSON Object)/, saker: "", reason: "The names of .NET's tokens." },
  { rows: /^handshake\/detailed\/version (1e0|1\.0|1\.5|-?214748364[89])$/, original: /FormatException: Either .* Int32\./, saker: "InvalidDataException: Expected 'version' to be of type Number.", reason: "The text of .NET's reader." },
  { rows: /^handshake\/detailed\/version null$/, original: "Missing required property 'version'.", saker: "Expected 'version' to be of type Number.", reason: "A null is there, and no number." },
  { rows: /^json\/.*\/type /, original: /FormatException: Either .* Int32\./, saker: "InvalidDataException: Expected 'type' to be of type Number.", reason: "The text of .NET's reader." },
  { rows: /^json\/.*sequence(Id)? /i, original: /FormatException: Either .* Int64\./, saker: "InvalidDataException: Expected 'sequenceId' to be of type Number.", reason: "The text of .NET's reader." },
  { rows: /^json\/stateful\/ack /, original: /FormatException: Either .* Int64\./, saker: "InvalidDataException: Expected 'sequenceId' to be of type Number.", reason: "The text of .NET's reader." },
  { rows: /^json\/.*sequenceId null$/, original: "Missing required property 'sequenceId'.", saker: "Expected 'sequenceId' to be of type Number.", reason: "A null is there, and no number." },
  { rows: /^json\/.*\/headers /, original: "of type StartObject", saker: "of type Object", reason: "The names of .NET's tokens." },
  { rows: /streamIds \[1\]$/, original: "InvalidOperationException: Cannot get the value of a token type 'Number' as a string.", saker: "InvalidDataException: Null value for 'streamIds' is not valid.", reason: "The text of .NET's reader." },
  { rows: /^json\/stream item\/invocationId ""$/, original: "KeyNotFoundException: No stream with id '' could be found.", saker: "InvalidDataException: Missing required property 'invocationId'.", reason: "An empty id is none." },
  { rows: /^(json|messagepack)\/(stream item|upload)\//, original: /(?<=Failed to bind Stream message\.) \w+Exception: .*?(?="[\]}]?)/, saker: "", reason: "Why a value does not fit is said by .NET's reader." },
  { rows: /^(json|messagepack)\/(completion of a question|question)\//, both: (text) => text.replace(/(?<=Error trying to deserialize result to )(Int32|int)\. .*?(?=")/, "int"), reason: "Types have other names in C++, and .NET's reader says why a value does not fit." },
  { rows: /^(json|messagepack)\/(completion of a question|question)\//, original: "Exception of type 'Microsoft.AspNetCore.SignalR.HubException' was thrown.", saker: "Error trying to deserialize result to int", reason: "A completion without a result has none to bind." },
  { rows: /^messagepack\//, both: withoutDetails, reason: "What is wrong with a message is said in other words." },
];

const handshakes = [
  { rows: /^handshake\/\w+\/(4097 bytes|32768 bytes|version -0)$/, original: toTheEnd("^text \\{\\}"), saker: 'text {"error":"An unexpected error occurred during connection handshake."}\nclosed 1000 ', reason: "A request has 4,096 bytes at most, and -0 is no integer." },
  { rows: /^handshake\/detailed\/(4097|32768) bytes$/, original: "handshake.", saker: "handshake. InvalidDataException: The handshake request is too long.", reason: "A request has 4,096 bytes at most." },
  { rows: /^handshake\/detailed\/version -0$/, original: "handshake.", saker: "handshake. InvalidDataException: Expected 'version' to be of type Number.", reason: "-0 is no integer." },
  { rows: /no UTF-8 where nobody looks$/, original: /^text \{\}\ntext.*end.*$/, saker: 'text {"error":"An unexpected error occurred during connection handshake. InvalidDataException: Error reading JSON."}\nclosed 1000 ', reason: "What is no UTF-8 is no JSON (RFC 8259 section 8.1)." },
];

const notMessages = "Only what breaks the framing ends the connection: names and ids that are no text are repaired (U+FFFD), and nothing has such a name.";
const messages = [
  { rows: /^json\/text\/(something|an object) behind$|^json\/bytes\/no UTF-8 outside \(binary\)$/, original: json.end, saker: 'text {"type":7,"error":"Connection closed with an error. InvalidDataException: Error reading JSON.","allowReconnect":true}\nclosed 1000 ', reason: "A message is one JSON text; .NET leaves unread what stands behind it." },
  { rows: /in the target( \(binary\))?$/, original: json.closed, saker: `text {"type":3,"invocationId":"1","error":"Failed to invoke '\ufffd' due to an error on the server. HubException: Method does not exist."}\n${json.end}`, reason: notMessages },
  { rows: /^json\/.*(half a character|no UTF-8) in the id( \(binary\))?$/, original: json.closed, saker: `text {"type":3,"invocationId":"\ufffd","result":1}\n${json.end}`, reason: notMessages },
  { rows: /^json\/text\/half a character in a name$/, original: json.closed, saker: json.end, reason: notMessages },
  { rows: /^json\/(text\/an emoji|call\/to the caller)/, both: unescaped, reason: "Only what JSON demands is escaped (RFC 8259 section 7): the texts are the same." },
  { rows: /^json\/unknown type/, original: "closed 1000", saker: `${json.end}\nclosed 1000`, reason: "Messages of newer types are ignored; ASP.NET Core 10 hears nothing behind one any more." },
  { rows: /^messagepack\/unknown type/, original: "closed 1000", saker: `${packed.end}\nclosed 1000`, reason: "Messages of newer types are ignored; ASP.NET Core 10 hears nothing behind one any more." },
  { rows: /^json\/upload\/an id twice$/, original: json.end, saker: json.completion(`"error":"An unexpected error occurred invoking 'Join' on the server. HubException: Stream ID 's' is already in use."`), reason: "A stream is one parameter's; in ASP.NET Core the first one never ends." },
  { rows: /^messagepack\/((stream )?invocation( with a stream)?\/arguments (cut off|never used)|frames\/(cut off in the call|arguments of 4294967295|(65|600) levels))$/, original: packed.fromAnswer, saker: packed.ended, reason: "What is no MessagePack, or nests more than 64 levels deep, breaks the framing." },
  { rows: /^messagepack\/(stream item\/(3 parts|item (never used|cut off))|completion of a question\/(4 parts|result (never used|cut off)))$/, original: packed.fromAnswer, saker: packed.ended, reason: "What is no MessagePack breaks the framing." },
  { rows: /^messagepack\/invocation with a stream\/4 parts$/, original: /"Failed to invoke 'Sum' [^"]*"/, saker: `"An unexpected error occurred invoking 'Sum' on the server. HubException: Client sent 0 stream(s), Hub method expects 1."`, reason: "What lacks streams and arguments is told of the streams." },
  // What ASP.NET Core ends the connection for.
  { rows: /^messagepack\/invocation( with a stream)?\/(headers a key twice)$|^messagepack\/invocation\/streamIds nil$/, original: packed.closed, saker: `${packed.result(1)}\n${packed.end}`, reason: "Headers have no use for a call, and no streams are none." },
  { rows: /^messagepack\/invocation with a stream\/streamIds nil$/, original: packed.closed, saker: `binary [3,{},"1",1,"An unexpected error occurred invoking 'Sum' on the server. HubException: Client sent 0 stream(s), Hub method expects 1."]\n${packed.end}`, reason: "No streams are none." },
  { rows: /^messagepack\/stream invocation\/(headers a key twice|streamIds nil)$/, original: packed.closed, saker: `binary [2,{},"1",0]\nbinary [2,{},"1",1]\nbinary [3,{},"1",2]\n${packed.end}`, reason: "Headers have no use for a call, and no streams are none." },
  { rows: /^messagepack\/(stream item|completion with (nothing|a result))\/headers a key twice$/, original: packed.closed, saker: `${packed.result('"ended"')}\n${packed.end}`, reason: "Headers have no use." },
  { rows: /^messagepack\/completion with an error\/headers a key twice$/, original: packed.closed, saker: `${packed.result('"why"')}\n${packed.end}`, reason: "Headers have no use." },
  { rows: /^messagepack\/completion of a question\/headers a key twice$/, original: packed.closed, saker: `${packed.result('"1"')}\n${packed.end}`, reason: "Headers have no use." },
  { rows: /^messagepack\/cancel\/headers a key twice$/, original: packed.closed, saker: `binary [3,{},"1",2]\n${packed.end}`, reason: "Headers have no use." },
  { rows: /^messagepack\/.*\/target an empty text$/, original: packed.closed, saker: `binary [3,{},"1",1,"Failed to invoke '' due to an error on the server. HubException: Method does not exist."]\n${packed.end}`, reason: "As in JSON there is just no method without a name." },
];

const values = [
  { rows: /^arguments\/json\/((String|Bytes|List|Dictionary|Item)\/null|(Lists|IntDictionary|Items)\/.*null.*)$/, original: json.result, saker: json.unbound, reason: "Texts, containers and structs of C++ are never null: a std::optional may be." },
  { rows: /^arguments\/messagepack\/((String|Bytes|List|Dictionary|Item|Items)\/nil|Lists\/with nil.*|IntDictionary\/nil as value)$/, original: packed.answer, saker: packed.unbound, reason: "Texts, containers and structs of C++ are never null: a std::optional may be." },
  { rows: /^arguments\/json\/(Byte|UShort|UInt|ULong)\/-0$/, original: json.failure, saker: '"result":0', reason: "-0 is 0." },
  { rows: /^arguments\/json\/(Float\/(3\.5e38|1\.79.*)|(Float|Double)\/-?1e309|Anything\/"\\ud83d")$/, original: json.closed, saker: (row) => json.completion(json.unbound(row)), reason: "What is no finite number and no text cannot be bound; .NET takes it, cannot write it, and ends the connection." },
  { rows: /^arguments\/json\/Anything\/1E400$/, original: json.result, saker: json.unbound, reason: "saker::json has no such number." },
  { rows: /^arguments\/messagepack\/Float\/float 64 (1e300|3\.5e38)$/, original: packed.answer, saker: packed.unbound, reason: "A number that does not fit cannot be bound; .NET makes it infinite." },
  { rows: /^arguments\/json\/(Float|Double|Anything)\//, both: (text) => text.replace(/(?<="result":)-?\d[\d.eE+-]*/, Number), reason: "The same number can be written in several ways." },
  { rows: /^arguments\/json\/(String|Dictionary)\//, both: unescaped, reason: "Only what JSON demands is escaped (RFC 8259 section 7): the texts are the same." },
  { rows: /^arguments\/json\/Bytes\/"AQ( |\\n)ID"$/, original: json.result, saker: json.unbound, reason: "Base64 has no blanks in it (RFC 4648 section 3.3)." },
  { rows: /^arguments\/json\/Side\/"(Sell|sell|SELL)"$/, original: json.failure, saker: '"result":1', reason: "Enumerations are read by number and by name, whichever the protocol writes." },
  { rows: /^arguments\/json\/Item\/\{"side":"[Ss]ell"\}$/, original: json.failure, saker: '"result":{"name":null,"unitCount":0,"side":1,"numbers":null,"next":null}', reason: "Enumerations are read by number and by name, whichever the protocol writes." },
  { rows: /^arguments\/json\/(Dictionary|Anything)\/\{"b":1,"a":2\}$/, original: '{"b":1,"a":2}', saker: '{"a":2,"b":1}', reason: "std::map and saker::json are sorted." },
  { rows: /^arguments\/json\/IntDictionary\/\{"2":"a","1":"b"\}$/, original: '{"2":"a","1":"b"}', saker: '{"1":"b","2":"a"}', reason: "std::map is sorted." },
  { rows: /^arguments\/messagepack\/IntDictionary\/two$/, both: withoutBytes, reason: "std::map is sorted." },
  { rows: /^arguments\/json\/Anything\/\{"a":1,"a":2\}$/, original: '{"a":1,"a":2}', saker: '{"a":2}', reason: "The last of several members counts." },
  { rows: /^arguments\/json\/IntDictionary\/\{"\+1":"a"\}$/, original: json.result, saker: json.unbound, reason: "A number as key is written as JSON writes numbers." },
  { rows: /^arguments\/json\/DateTime\/"2000-01-01(T00:00:00)?"$/, original: '00:00:00"', saker: '00:00:00Z"', reason: "std::chrono::sys_time is in UTC." },
  { rows: /^arguments\/json\/DateTime\/.*[+-]\d\d:00"$/, original: '+00:00"', saker: 'Z"', reason: "std::chrono::sys_time is in UTC." },
  { rows: /^arguments\/json\/DateTime(Offset)?\/.*\+02"$/, original: json.result, saker: json.unbound, reason: "An offset has minutes." },
  { rows: /^arguments\/json\/DateTime\/.*\.12345678901234567Z"$/, original: json.failure, saker: '"result":"2000-01-01T00:00:00.1234567Z"', reason: "Fractions are rounded down, however long they are." },
  { rows: /^arguments\/json\/DateTimeOffset\/.*\.12345678901234567Z"$/, original: json.failure, saker: '"result":"2000-01-01T00:00:00.1234567+00:00"', reason: "Fractions are rounded down, however long they are." },
  { rows: /^arguments\/json\/TimeSpan\/("1:2:3"|"01:02"|"1")$/, original: json.result, saker: json.unbound, reason: "A span is written as hh:mm:ss." },
  { rows: /^arguments\/json\/Item\/\{"unit_count":1\}$/, original: '"unitCount":0', saker: '"unitCount":1', reason: "Members are read with or without underscores." },
  { rows: /^arguments\/messagepack\/String\/(no UTF-8|half a character|overlong)$/, original: packed.answer, saker: packed.unbound, reason: "What is no UTF-8 is no text." },
  { rows: /^arguments\/messagepack\/Bytes\/(str|base64|a text|an empty text|an array|an array of integers)$/, original: packed.answer, saker: packed.unbound, reason: "Only bytes are bytes." },
  { rows: /^arguments\/messagepack\/Side\/(1|sell|SELL)$/, original: packed.answer, saker: packed.result('"Sell"'), reason: "Enumerations are read by number and by name, whatever its case." },
  { rows: /^arguments\/messagepack\/Side\/7$/, original: packed.answer, saker: packed.result('"7"'), reason: "Enumerations are read by number and by name." },
  { rows: /^arguments\/messagepack\/Side\/(Buy, Sell|blanks)$/, original: packed.answer, saker: packed.unbound, reason: "A name is one of those listed." },
  { rows: /^arguments\/messagepack\/Dictionary\/a key twice$/, original: packed.answer, saker: packed.result('{"a":2}'), reason: "The last of several members counts, as in JSON." },
  { rows: /^arguments\/messagepack\/IntDictionary\/twice$/, original: packed.answer, saker: `${packed.result('{"1":"b"}')} = 95 03 80 a1 31 03 81 01 a1 62`, reason: "The last of several members counts, as in JSON." },
  { rows: /^arguments\/messagepack\/IntDictionary\/a text as key$/, original: packed.answer, saker: `${packed.result('{"1":"a"}')} = 95 03 80 a1 31 03 81 01 a1 61`, reason: "JavaScript's objects have texts as keys." },
  { rows: /^arguments\/messagepack\/DateTime\/96 bits, before year 1$/, original: packed.answer, saker: packed.result('"0000-12-31T23:59:59.000Z"'), reason: "std::chrono::sys_time has more years, and so has MessagePack." },
  { rows: /^arguments\/messagepack\/DateTime\/96 bits, year 10000$/, original: packed.answer, saker: packed.result('"+010000-01-01T00:00:00.000Z"'), reason: "std::chrono::sys_time has more years, and so has MessagePack." },
  { rows: /^arguments\/messagepack\/DateTime\/too many nanoseconds$/, original: packed.answer, saker: packed.unbound, reason: "MessagePack's timestamp has up to 999,999,999 nanoseconds." },
  { rows: /^arguments\/messagepack\/DateTime\/text$/, original: packed.answer, saker: packed.result('"2000-01-01T00:00:00.000Z"'), reason: "Clients that write times for JSON may do so for MessagePack." },
  { rows: /^arguments\/messagepack\/DateTimeOffset\/text$/, original: packed.answer, saker: packed.result('["2000-01-01T00:00:00.000Z",0]'), reason: "Clients that write times for JSON may do so for MessagePack." },
  { rows: /^arguments\/messagepack\/TimeSpan\/text$/, original: packed.answer, saker: packed.result(10000000), reason: "Clients that write times for JSON may do so for MessagePack." },
  { rows: /^arguments\/messagepack\/Item\/camelCase$/, original: packed.answer, saker: packed.result('{"Name":"a","UnitCount":2,"Side":"Sell","Numbers":null,"Next":null}'), reason: "Members are read whatever their case, as in JSON: JavaScript writes them in camelCase." },
  { rows: /^arguments\/messagepack\/Item\/lower case$/, original: packed.answer, saker: packed.result('{"Name":"a","UnitCount":2,"Side":"Buy","Numbers":null,"Next":null}'), reason: "Members are read whatever their case, as in JSON." },
  { rows: /^arguments\/messagepack\/Item\/snake_case$/, original: packed.answer, saker: packed.result('{"Name":null,"UnitCount":2,"Side":"Buy","Numbers":null,"Next":null}'), reason: "Members are read with or without underscores." },
  { rows: /^arguments\/messagepack\/Item\/a number for the enumeration$/, original: packed.answer, saker: packed.result('{"Name":null,"UnitCount":0,"Side":"Sell","Numbers":null,"Next":null}'), reason: "Enumerations are read by number and by name." },
  { rows: /^arguments\/messagepack\/Anything\/(float 32|an array|a map)$/, both: withoutBytes, reason: "A number has no width of its own in saker::json: it is written as short as it goes, or as a double." },
  { rows: /^arguments\/messagepack\/Anything\/an integer as key$/, original: packed.answer, saker: packed.unbound, reason: "saker::json has only texts as keys." },
  { rows: /^arguments\/messagepack\/Anything\/another extension$/, original: packed.answer, saker: packed.result('{"type":1,"data":{"type":"Buffer","data":[0]}}'), reason: "saker::json keeps an extension as it is." },
];

export const differences = [...http, ...handshakes, ...messages, ...values, ...texts];

// Whether the answers are the same but for what is listed, and which of that was of use.
export function explain(row, ours, theirs) {
  const used = [];
  for (const each of differences.filter(({ rows }) => rows.test(row.name))) {
    const before = [ours, theirs];
    if (each.both) [ours, theirs] = before.map(each.both);
    else theirs = theirs.replace(each.original, () => (typeof each.saker === "string" ? each.saker : each.saker(row)));
    if (each.both ? ours === theirs && before[0] !== before[1] : theirs !== before[1]) used.push(each);
  }
  return { used, same: ours === theirs };
}
