// What the tests with several servers have in common: a real Redis, and real proxies with the
// configurations of deploy/.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { limit, startProgram } from "../browser/programs.mjs";
import { eventually } from "./signalr-support.mjs";

// Where Debian puts servers.
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// A process that listens on a port: { process, port, output, kill, signal, ended }.
async function startListening(command, words, port) {
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  const started = { process: child, port, output: "" };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => { started.output += chunk; });
  started.ended = once(child, "exit");
  started.ended.catch(() => {});
  started.signal = (name) => child.kill(name);
  started.kill = async () => {
    if (child.exitCode === null && child.signalCode === null) { child.kill("SIGKILL"); await started.ended; }
  };
  await eventually(async () => {
    if (child.exitCode !== null) assert.fail(`${command} has ended:\n${started.output}`);
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise((done) => socket.once("connect", () => done(true)).once("error", () => done(false)));
    socket.destroy();
    return open;
  }, `${command} listens`);
  return started;
}

export async function startRedis({ port, more = [] } = {}) {
  const at = port ?? await freePort();
  const redis = await startListening("redis-server", ["--bind", "127.0.0.1", "--port", `${at}`, "--save", "", ...more], at);
  redis.url = `redis://127.0.0.1:${at}`;
  redis.ask = async (...words) => (await promisify(execFile)("redis-cli", ["-p", `${at}`, ...words], { timeout: limit })).stdout.trim();
  return redis;
}

// A server of the hub on that Redis.
export async function startServer(redis, more = [], port = 0) {
  const server = await startProgram("SAKER_HUB", port, [...(redis ? ["--redis", redis.url] : []), ...more]);
  server.metrics = async () => (await fetch(`${server.address}/backplane`)).json();
  server.end = async () => { server.kill(); await server.exited; };
  return server;
}

const deployed = (name) => readFileSync(fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url)), "utf8");

// Puts the test's values in the place of the example's, each of which must be there.
function fill(text, values) {
  for (const [example, value] of values) {
    assert.ok(text.includes(example), `the configuration has no '${example}'`);
    text = text.replaceAll(example, value);
  }
  return text;
}

const places = (servers) => servers.map(({ port }, index) => [`127.0.0.1:${5001 + index}`, `127.0.0.1:${port}`]);

// deploy/nginx.conf in front of two servers, with that certificate: { url, kill, ... }.
export async function startNginx(servers, certificate) {
  const directory = mkdtempSync(join(tmpdir(), "saker-nginx-"));
  const port = await freePort();
  const site = fill(deployed("nginx.conf"), [["listen 443", `listen 127.0.0.1:${port}`], ["chat.example.com;", "localhost;"],
    ["/etc/ssl/chat.example.com.crt", certificate.arguments[1]], ["/etc/ssl/chat.example.com.key", certificate.arguments[3]], ...places(servers)]);
  writeFileSync(join(directory, "site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${directory}/${each};`).join(" ");
  writeFileSync(join(directory, "nginx.conf"), `daemon off; pid ${directory}/nginx.pid; error_log stderr; worker_processes 2;
    events {} http { access_log off; ${temporary} include ${directory}/site.conf; }`);
  const nginx = await startListening("nginx", ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", "stderr"], port);
  const kill = async () => { nginx.signal("SIGTERM"); await nginx.ended; rmSync(directory, { recursive: true }); };
  return { ...nginx, url: `https://127.0.0.1:${port}`, kill };
}

// deploy/haproxy.cfg, or another of its kind.
export async function startHaproxy(servers, certificate, file = "haproxy.cfg") {
  const directory = mkdtempSync(join(tmpdir(), "saker-haproxy-"));
  const port = await freePort();
  const pem = join(directory, "certificate.pem");
  writeFileSync(pem, readFileSync(certificate.arguments[1], "utf8") + readFileSync(certificate.arguments[3], "utf8"));
  const own = file === "haproxy.cfg" ? [["/etc/ssl/chat.example.com.pem", pem]] : [];
  writeFileSync(join(directory, "haproxy.cfg"), fill(deployed(file), [["bind :443", `bind 127.0.0.1:${port}`], ["maxconn 100000", "maxconn 1000"], ...own, ...places(servers)]));
  const haproxy = await startListening("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")], port);
  const kill = async () => { await haproxy.kill(); rmSync(directory, { recursive: true }); };
  return { ...haproxy, url: `https://127.0.0.1:${port}`, kill };
}
