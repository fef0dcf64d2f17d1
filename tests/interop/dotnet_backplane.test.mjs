// Saker and ASP.NET Core on one Redis, clients on both, where there is a .NET SDK and the backplane's
// package can be restored.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startRedis, startServer } from "./cluster-support.mjs";
import { collect, connect, token, within } from "./signalr-support.mjs";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "saker-dotnet-server-"));
let skipped = "";
let redis;
let saker;
let dotnet;

before(async () => {
  try { await run("dotnet", ["--version"]); } catch { skipped = "skipped: no dotnet"; return; }
  cpSync(fileURLToPath(new URL("dotnet-server/", import.meta.url)), directory, { recursive: true });
  try {
    await run("dotnet", ["build", "-c", "Release", "-o", join(directory, "out"), "--nologo", "-v", "q"], { cwd: directory, timeout: 120_000 });
  } catch (error) {
    // Only what cannot be had is a reason not to test.
    if (!/error NU1\d\d\d/.test(error.stdout)) throw error;
    skipped = "skipped: Microsoft.AspNetCore.SignalR.StackExchangeRedis cannot be restored";
    return;
  }
  redis = await startRedis();
  saker = await startServer(redis);
  const child = spawn("dotnet", [join(directory, "out", "server.dll"), `127.0.0.1:${redis.port}`], { stdio: ["ignore", "pipe", "inherit"] });
  const address = await within(new Promise((found) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
      const listening = /Now listening on: (http:\/\/127\.0\.0\.1:\d+)\//.exec(output);
      if (listening) found(listening[1]);
    });
  }), "the start of ASP.NET Core's server", 30_000);
  dotnet = { address, kill: () => child.kill("SIGKILL") };
});

after(async () => {
  saker?.kill();
  dotnet?.kill();
  await redis?.kill();
  rmSync(directory, { recursive: true });
});

// One takes users from tokens, the other from the query.
const open = (server) => connect(`${server.address}/hub?user=anna`, { options: { accessTokenFactory: () => token({ sub: "anna" }) } });

for (const direction of ["from Saker to ASP.NET Core", "from ASP.NET Core to Saker"]) {
  test(direction, async (context) => {
    if (skipped) { context.skip(skipped); return; }
    const [from, to] = direction.startsWith("from Saker") ? [saker, dotnet] : [dotnet, saker];
    const [sender, receiver] = await Promise.all([open(from), open(to)]);
    const notes = collect(receiver, "Note");
    await receiver.invoke("EnterGroup", "a");
    await sender.invoke("EnterOther", receiver.connectionId, "b");
    await sender.invoke("SendAll", "all");
    await sender.invoke("SendExcept", [sender.connectionId], "except");
    await sender.invoke("SendExcept", [receiver.connectionId], "not here");
    await sender.invoke("SendClient", receiver.connectionId, "client");
    await sender.invoke("SendGroup", "a", "group");
    await sender.invoke("SendGroups", ["b"], "groups");
    await sender.invoke("RemoveOther", receiver.connectionId, "b");
    await sender.invoke("SendGroups", ["b"], "not here");
    await sender.invoke("SendUser", "anna", "user");
    await sender.invoke("SendAll", "end");
    const wanted = ["all", "client", "end", "except", "group", "groups", "user"];
    assert.deepEqual([...await notes.until(wanted.length)].sort(), wanted);
    receiver.on("Question", () => "an answer");
    assert.equal(await within(sender.invoke("Ask", receiver.connectionId, "Question"), "the answer"), "an answer");
    await Promise.all([sender.stop(), receiver.stop()]);
  });
}
