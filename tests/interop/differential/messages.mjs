// Hub messages as bytes: how they are written for the table, and cut out of what a server sends.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { decode, encode } = createRequire(require.resolve("@microsoft/signalr-protocol-msgpack"))("@msgpack/msgpack");

export const separator = "\x1e";
export const bytes = (hex) => Buffer.from(hex.replace(/\s/g, ""), "hex");
export const pack = (value) => Buffer.from(encode(value)).toString("hex");
const spaced = (data) => data.toString("hex").replace(/..(?=.)/g, "$& ");

// A MessagePack message: the length and what is there in hexadecimal.
export function framed(hex) {
  const body = bytes(hex);
  const prefix = [];
  let size = body.length;
  for (; size > 0x7f; size >>>= 7) prefix.push((size & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...prefix, size]), body]);
}

// What a MessagePack message says; in hexadecimal as well where it is not in the shortest form.
function legible(body) {
  try {
    const value = decode(body);
    const text = JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each));
    return body.equals(Buffer.from(encode(value))) ? text : `${text} = ${spaced(body)}`;
  } catch (error) {
    return `${spaced(body)} = ${error.message}`;
  }
}

// The first message of what has come, if it is whole: { text, size }.
export function takeMessage(data, protocol) {
  if (protocol !== "messagepack") {
    const end = data.indexOf(0x1e);
    return end === -1 ? undefined : { text: data.subarray(0, end).toString(), size: end + 1 };
  }
  let length = 0;
  for (let i = 0; i < data.length; ++i) {
    length |= (data[i] & 0x7f) << (7 * i);
    if (data[i] & 0x80) continue;
    const body = data.subarray(i + 1, i + 1 + length);
    return body.length < length ? undefined : { text: legible(body), size: i + 1 + length };
  }
  return undefined;
}
