// Saker and ASP.NET Core on one Redis, clients on both, where there is a .NET SDK and the backplane's
// package can be restored.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startRedis, startServer } from "./cluster-support.mjs";
import { buildProject, startDotnet } from "./dotnet-support.mjs";
import { collect, enter, token, within } from "./signalr-support.mjs";

let project;
let redis;
let saker;
let dotnet;

before(async () => {
  project = await buildProject("dotnet-server");
  if (project.skipped) return;
  redis = await startRedis();
  saker = await startServer(redis);
  dotnet = await startDotnet(project.program, [`127.0.0.1:${redis.port}`]);
});

after(async () => {
  saker?.kill();
  dotnet?.kill();
  await redis?.kill();
  project?.remove();
});

// One takes users from tokens, the other from the query.
const open = (server) => enter(`${server.address}/hub?user=anna`, { options: { accessTokenFactory: () => token({ sub: "anna" }) } });

for (const direction of ["from Saker to ASP.NET Core", "from ASP.NET Core to Saker"]) {
  test(direction, async (context) => {
    if (project.skipped) { context.skip(project.skipped); return; }
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
    // ASP.NET Core reads each channel on its own: a removal may overtake what was sent before it.
    await notes.until(5);
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
