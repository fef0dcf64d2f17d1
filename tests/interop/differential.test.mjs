// Saker and ASP.NET Core get the same bytes: what they answer differs only where differences.mjs says
// so. Where there is a .NET SDK and the packages can be restored.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startProgram } from "../browser/programs.mjs";
import { differences, explain } from "./differential/differences.mjs";
import { carryOut } from "./differential/exchange.mjs";
import { buildProject, startDotnet } from "./dotnet-support.mjs";

const tables = ["http", "handshake", "json", "messagepack", "arguments"];
const found = new Set();
let project;
let saker;
let original;

before(async () => {
  project = await buildProject("dotnet-server");
  if (project.skipped) return;
  [saker, original] = await Promise.all([startProgram("SAKER_HUB"), startDotnet(project.program)]);
});

after(() => {
  saker?.kill();
  original?.kill();
  project?.remove();
});

// Nothing, or how they differ. What ASP.NET Core answers now so and now so, by who is first, may be
// answered in each of these ways.
const asked = 4;
async function compare(row) {
  const [ours, first] = await Promise.all([saker, original].map(({ address }) => carryOut(row, address)));
  let theirs = first;
  for (let times = 1; ; ++times) {
    const { used, same } = explain(row, ours, theirs);
    for (const each of used) found.add(each);
    if (same) return [];
    if (times === asked) break;
    theirs = await carryOut(row, original.address);
  }
  return [`${row.name}\n  ASP.NET Core:\n${theirs.replace(/^/gm, "    ")}\n  Saker:\n${ours.replace(/^/gm, "    ")}`];
}

const atOnce = 8;
for (const table of tables) {
  test(table, { timeout: 300_000 }, async (context) => {
    if (project.skipped) { context.skip(project.skipped); return; }
    const { rows } = await import(`./differential/${table}.rows.mjs`);
    assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length, "each row has a name of its own");
    const waiting = [...rows];
    const unlisted = [];
    await Promise.all(Array.from({ length: atOnce }, async () => {
      while (waiting.length !== 0) unlisted.push(...await compare(waiting.shift()));
    }));
    assert.equal(unlisted.length, 0, `${unlisted.length} of ${rows.length} rows differ:\n${unlisted.join("\n")}`);
  });
}

test("every difference that is listed is there", (context) => {
  if (project.skipped) { context.skip(project.skipped); return; }
  assert.deepEqual(differences.filter((each) => !found.has(each)), []);
});
