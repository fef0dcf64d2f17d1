// How the tests start the samples' programs, and how long they wait for anything.
//
//   SAKER_ECHO, SAKER_CHAT   the programs, e.g. build/release/bin/saker-echo (required)

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";

export const limit = 30_000; // milliseconds for any single step: the machine may have much else to do

// A certificate for 127.0.0.1 and its key, made on the spot: { directory, arguments }.
export function makeCertificate() {
  const directory = mkdtempSync(join(tmpdir(), "saker-browser-"));
  const [certificate, key] = [join(directory, "localhost.crt"), join(directory, "localhost.key")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
    "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    "-addext", "extendedKeyUsage=serverAuth", "-keyout", key, "-out", certificate], { stdio: "ignore" });
  return { directory, arguments: ["--certificate", certificate, "--key", key] };
}

// Starts the program that the environment variable names, on a free port or on the given one, with
// further arguments: { process, output, address, port, exited, kill }. With those of a certificate it
// uses TLS.
export async function startProgram(variable, port = 0, more = []) {
  assert.ok(process.env[variable], `${variable} must name the program`);
  // npm runs scripts in the package's directory; a relative path means the caller's.
  const program = resolve(process.env.INIT_CWD ?? "", process.env[variable]);
  const name = basename(program);
  const child = spawn(program, ["--urls", `${more.includes("--certificate") ? "https" : "http"}://127.0.0.1:${port}`, ...more], { stdio: ["ignore", "pipe", "pipe"] });
  const server = { process: child, output: "" };
  server.exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  server.exited.catch(() => {}); // a program that cannot be started is reported below
  server.kill = () => { if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL"); };
  server.address = await new Promise((found, failed) => {
    const fail = (why) => failed(new Error(`${name} ${why}. Its output:\n${server.output}`));
    const timer = setTimeout(() => fail(`did not say where it listens within ${limit} ms`), limit);
    const read = (chunk) => {
      server.output += chunk;
      const address = /Now listening on: (https?:\/\/127\.0\.0\.1:\d+)\D/.exec(server.output)?.[1];
      if (address) { clearTimeout(timer); found(address); }
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", read);
    child.on("error", (error) => { clearTimeout(timer); fail(`could not be started: ${error.message}`); });
    child.on("exit", (code, signal) => { clearTimeout(timer); fail(`ended early (code ${code}, signal ${signal})`); });
  });
  server.port = Number(new URL(server.address).port);
  return server;
}

// The promise's result, or a failure after the limit that says what (a text, or a function that makes
// one) did not happen.
export function within(promise, what, time = limit) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${typeof what === "function" ? what() : what} took more than ${time} ms`)), time); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Asks until the answer satisfies, for what the server does a moment later.
export async function eventually(ask, what, time = limit) {
  const end = Date.now() + time;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) assert.fail(`${what} did not happen within ${time} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
