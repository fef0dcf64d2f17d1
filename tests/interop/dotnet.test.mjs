// SignalR with .NET's own client, where there is a .NET SDK and its package can be restored.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeCertificate, startProgram } from "../browser/programs.mjs";
import { token } from "./signalr-support.mjs";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "saker-dotnet-"));
const program = join(directory, "out", "dotnet.dll");
const servers = {};
let certificate;
let built = ""; // "all", "core", or why nothing is

// Where only the heart of the client can be restored, it runs over a WebSocket of the test's own.
async function build(what, ...more) {
  try {
    await run("dotnet", ["build", "-c", "Release", "-o", join(directory, "out"), "--nologo", "-v", "q", ...more], { cwd: directory, timeout: 120_000 });
    built = what;
  } catch {
    rmSync(join(directory, "obj"), { recursive: true, force: true });
  }
}

before(async () => {
  certificate = makeCertificate();
  servers.http = await startProgram("SAKER_HUB");
  servers.https = await startProgram("SAKER_HUB", 0, certificate.arguments);
  try { await run("dotnet", ["--version"]); } catch { built = "skipped: no dotnet"; return; }
  cpSync(fileURLToPath(new URL("dotnet/", import.meta.url)), directory, { recursive: true });
  await build("all");
  if (!built) await build("core", "-p:CoreOnly=true");
  built ||= "skipped: Microsoft.AspNetCore.SignalR.Client cannot be restored";
});

after(() => {
  for (const server of Object.values(servers)) server.kill();
  rmSync(certificate.directory, { recursive: true });
  rmSync(directory, { recursive: true });
});

for (const scheme of ["http", "https"]) {
  for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
    for (const protocol of ["json", "messagepack"]) {
      if (transport === "ServerSentEvents" && protocol === "messagepack") continue;
      test(`everything (${transport}, ${protocol}, ${scheme})`, async (context) => {
        if (built.startsWith("skipped")) { context.skip(built); return; }
        if (built === "core" && (transport !== "WebSockets" || protocol !== "json")) {
          context.skip("skipped: only the heart of .NET's client can be restored, which has JSON and no transport");
          return;
        }
        const failed = await run("dotnet", [program, servers[scheme].address, transport, protocol, token({ sub: "anna" })], { timeout: 60_000 })
          .then(() => "", (error) => `${error.stdout}${error.stderr}`);
        assert.equal(failed, "");
      });
    }
  }
}
