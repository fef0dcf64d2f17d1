// SignalR with .NET's own client, where there is a .NET SDK and its package can be restored.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { makeCertificate, startProgram } from "../browser/programs.mjs";
import { buildProject } from "./dotnet-support.mjs";
import { token } from "./signalr-support.mjs";

const run = promisify(execFile);
const servers = {};
let certificate;
let project;

before(async () => {
  certificate = makeCertificate();
  servers.http = await startProgram("SAKER_HUB");
  servers.https = await startProgram("SAKER_HUB", 0, certificate.arguments);
  // The newest client that can be restored.
  const versions = ["11.0.0", "10.0.15", "10.0.12"].map((each) => [`-p:ClientVersion=${each}`]);
  project = await buildProject("dotnet", versions);
});

after(() => {
  for (const server of Object.values(servers)) server.kill();
  rmSync(certificate.directory, { recursive: true });
  project?.remove();
});

for (const scheme of ["http", "https"]) {
  for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
    for (const protocol of ["json", "messagepack"]) {
      if (transport === "ServerSentEvents" && protocol === "messagepack") continue;
      test(`everything (${transport}, ${protocol}, ${scheme})`, async (context) => {
        if (project.skipped) { context.skip(project.skipped); return; }
        const failed = await run("dotnet", [project.program, servers[scheme].address, transport, protocol, token({ sub: "anna", level: "low" }), token({ sub: "anna", level: "high" })], { timeout: 180_000 })
          .then(() => "", (error) => `${error.stdout}${error.stderr}`);
        assert.equal(failed, "");
      });
    }
  }
}
