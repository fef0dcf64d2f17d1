// What rows of the table are made of: { name, steps }, and steps are [verb, ...words] of exchange.mjs.

import { framed, pack, separator } from "./messages.mjs";

export const path = (hub, query = "") => `/compared/${hub}${query}`;
export const handshake = (protocol, version = 1) => `{"protocol":"${protocol}","version":${version}}${separator}`;

// How each protocol writes a call, and how the answer to one begins.
const protocols = {
  json: {
    call: (id, target, ...values) => `{"type":1,"invocationId":"${id}","target":"${target}","arguments":[${values}]}${separator}`,
    completion: (id) => `{"type":3,"invocationId":"${id}"`,
  },
  messagepack: {
    call: (id, target, ...values) => framed(`9601 80 ${pack(id)} ${pack(target)} 9${values.length.toString(16)} ${values.join(" ")} 90`),
    completion: (id) => `[3,{},"${id}",`,
  },
};
export const { json, messagepack } = protocols;

// Behind everything else a call is made: what is answered before it, or instead, is the row's answer.
export const last = (protocol) => [["send", protocols[protocol].call("end", "Nothing")], ["until", protocols[protocol].completion("end")]];
export const answered = (protocol, id) => ["until", protocols[protocol].completion(id)];

// For servers that would never answer it: the client leaves instead.
export const leaving = (protocol) => [last(protocol)[0], ["leave", 1000], ["until", "closed"]];

// For what ends the connection without a word.
export const closing = () => [["closed"]];

// On a WebSocket without negotiation.
export const onSocket = (name, steps, { hub = "detailed", protocol = "json", end = last } = {}) =>
  ({ name, steps: [["socket", path(hub), { protocol }], ...steps, ...end(protocol)] });

// The same behind a handshake.
export const inHub = (name, steps, settings = {}) => onSocket(name, [["send", handshake(settings.protocol ?? "json")], ["until", "{}"], ...steps], settings);
