// A short soak; ./dev soak runs it for five minutes.
//
//   SAKER_HUB   the test server program (required)

import assert from "node:assert/strict";
import { test } from "node:test";
import { soak } from "./soak.mjs";

const locally = ["--deliver-locally-first"];

for (const [name, options] of Object.entries({ "through Redis": [], "locally first": [locally, locally, locally, locally], mixed: [locally, [], locally, []] })) {
  test(`nothing is lost, doubled or out of order (${name})`, async (context) => {
    const result = await soak(5, { options });
    context.diagnostic(JSON.stringify(result));
    assert.ok(result.strict.published > 100 && result.strict.connects > 20 && result.strict.changes > 20, "something has happened");
  });
}
