// What the tests with .NET have in common: a project is built where there is an SDK and its packages
// can be restored.

import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { within } from "./signalr-support.mjs";

const run = promisify(execFile);

// Builds a copy of the project, with the first of the arguments whose packages can be restored:
// { program, skipped, remove }; `skipped` says why there is no program.
export async function buildProject(name, variants = [[]]) {
  const directory = mkdtempSync(join(tmpdir(), `saker-${name}-`));
  const built = { program: join(directory, "out", `${name.split("-").at(-1)}.dll`), skipped: "", remove: () => rmSync(directory, { recursive: true }) };
  try { await run("dotnet", ["--version"]); } catch { return { ...built, skipped: "skipped: no dotnet" }; }
  cpSync(fileURLToPath(new URL(`${name}/`, import.meta.url)), directory, { recursive: true });
  for (const more of variants) {
    try {
      await run("dotnet", ["build", "-c", "Release", "-o", join(directory, "out"), "--nologo", "-v", "q", ...more], { cwd: directory, timeout: 600_000 });
      return built;
    } catch (error) {
      // Only what cannot be had is a reason not to test.
      if (!/error NU1\d\d\d/.test(error.stdout)) { built.remove(); throw error; }
      rmSync(join(directory, "obj"), { recursive: true, force: true });
    }
  }
  return { ...built, skipped: `skipped: the packages of ${name} cannot be restored` };
}

// ASP.NET Core's server, built so, where it is UTC: { address, kill }.
export async function startDotnet(program, words = []) {
  const child = spawn("dotnet", [program, ...words], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TZ: "UTC" } });
  const address = await within(new Promise((found) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      output += chunk;
      const listening = /Now listening on: (http:\/\/127\.0\.0\.1:\d+)\//.exec(output);
      if (listening) found(listening[1]);
    });
  }), "the start of ASP.NET Core's server", 60_000);
  return { address, kill: () => child.kill("SIGKILL") };
}
