// A hub protocol as an application might have one, for npm's client: each message is a line, an
// array of its parts in JSON. tests/support/lines_protocol.hpp is the server's side of it.

const type = { invocation: 1, item: 2, completion: 3, streamInvocation: 4, cancellation: 5, ping: 6, close: 7, ack: 8, sequence: 9 };

function parts(message) {
  const { invocationId = "", target, streamIds = [], error = null, item, result, allowReconnect = false, sequenceId } = message;
  switch (message.type) {
    case type.invocation:
    case type.streamInvocation: return [invocationId, target, streamIds, ...message.arguments];
    case type.item: return [invocationId, item];
    case type.completion: return result === undefined ? [invocationId, error] : [invocationId, error, result];
    case type.cancellation: return [invocationId];
    case type.close: return [error, allowReconnect];
    case type.ack:
    case type.sequence: return [sequenceId];
    default: return [];
  }
}

function message([kind, first, second, third, ...rest]) {
  switch (kind) {
    case type.invocation: return { type: kind, invocationId: first || undefined, target: second, streamIds: third, arguments: rest };
    case type.item: return { type: kind, invocationId: first, item: second };
    case type.completion: return { type: kind, invocationId: first, error: second ?? undefined, result: third };
    case type.close: return { type: kind, error: first ?? undefined, allowReconnect: second };
    case type.ack:
    case type.sequence: return { type: kind, sequenceId: first };
    default: return { type: kind };
  }
}

export class LinesProtocol {
  name = "lines";
  version = 2;
  transferFormat = 1;

  parseMessages(input) {
    return String(input).split("\n").filter(Boolean).map((line) => message(JSON.parse(line)));
  }
  writeMessage(outgoing) {
    return `${JSON.stringify([outgoing.type, ...parts(outgoing)])}\n`;
  }
}
