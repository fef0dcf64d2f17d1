// HTTP/2 with the clients that others have written: nghttp, h2load, curl and Node, against the echo
// sample, with TLS and without.
//
//   SAKER_ECHO   the server program (required)

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import http2 from "node:http2";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { limit, makeCertificate, startProgram } from "../browser/programs.mjs";

const run = promisify(execFile);
const page = readFileSync(new URL("../../samples/echo/wwwroot/index.html", import.meta.url), "utf8");

let certificate;
const servers = {};

before(async () => {
  certificate = makeCertificate();
  servers.http = await startProgram("SAKER_ECHO");
  servers.https = await startProgram("SAKER_ECHO", 0, certificate.arguments);
});

after(() => {
  for (const server of Object.values(servers)) server.kill();
  rmSync(certificate.directory, { recursive: true });
});

const command = async (program, ...args) => (await run(program, args, { timeout: limit, maxBuffer: 1 << 24 })).stdout;

for (const scheme of ["http", "https"]) {
  const address = () => servers[scheme].address;

  test(`curl gets the page over HTTP/2 (${scheme})`, async () => {
    const how = scheme === "http" ? "--http2-prior-knowledge" : "--http2";
    const output = await command("curl", "-sSk", how, "-w", "\n%{http_version} %{http_code}", `${address()}/`);
    assert.equal(output, `${page}\n2 200`);
  });

  test(`curl gets the page over HTTP/1.1 from the same port (${scheme})`, async () => {
    const output = await command("curl", "-sSk", "--http1.1", "-w", "\n%{http_version}", `${address()}/`);
    assert.equal(output, `${page}\n1.1`);
  });

  test(`nghttp gets the page and all of its parts on one connection (${scheme})`, async () => {
    const output = await command("nghttp", "-nvas", `${address()}/`);
    assert.match(output, /SETTINGS_ENABLE_CONNECT_PROTOCOL\(0x08\):1/);
    assert.match(output, /recv \(stream_id=13\) :status: 200/);
    assert.match(output, /200 +\d+\w? +\/app\.js/);
    assert.match(output, /200 +\d+\w? +\/style\.css/);
    assert.doesNotMatch(output, /RST_STREAM|error_code=(?!NO_ERROR)/);
  });

  test(`h2load gets 20,000 answers on 10 connections (${scheme})`, async () => {
    const output = await command("h2load", "-n20000", "-c10", "-m50", `${address()}/style.css`);
    assert.match(output, /20000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.match(output, /20000 2xx, 0 3xx, 0 4xx, 0 5xx/);
  });

  test(`Node gets the page and talks on 20 WebSockets of one connection (${scheme})`, { timeout: 3 * limit }, async () => {
    const session = http2.connect(address(), { rejectUnauthorized: false });
    try {
      const settings = await new Promise((found, failed) => {
        session.on("remoteSettings", found).on("error", failed);
      });
      assert.equal(settings.enableConnectProtocol, true);
      assert.equal(settings.maxConcurrentStreams, 100);
      assert.equal(await getText(session, "/"), page);
      await Promise.all(Array.from({ length: 20 }, (_, i) => talk(session, scheme, `socket ${i}`)));
      const closed = new Promise((done) => { session.on("close", done); });
      session.close();
      await closed;
    } finally {
      session.destroy();
    }
  });
}

async function getText(session, path) {
  const stream = session.request({ ":path": path });
  stream.setEncoding("utf8");
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
}

// A frame from a client, masked with zeros (RFC 6455, section 5.2); short payloads only.
function frame(opcode, payload) {
  const data = Buffer.from(payload);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | data.length, 0, 0, 0, 0]), data]);
}

async function talk(session, scheme, text) {
  const stream = session.request({
    ":method": "CONNECT", ":protocol": "websocket", ":scheme": scheme, ":path": "/ws", "sec-websocket-version": "13",
  }, { endStream: false });
  const head = await new Promise((found, failed) => { stream.on("response", found).on("error", failed); });
  assert.equal(head[":status"], 200);
  assert.equal(head["sec-websocket-accept"], undefined);
  stream.write(frame(1, text));
  stream.write(frame(8, [0x03, 0xe8]));
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  const expected = Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text),
    Buffer.from([0x88, 2, 0x03, 0xe8])]);
  assert.deepEqual(Buffer.concat(pieces), expected);
  if (!stream.closed) {
    const closed = new Promise((done) => { stream.on("close", done); });
    stream.end();
    await closed;
  }
  assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
}
