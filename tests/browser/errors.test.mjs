// A page of another origin reads the answers to its requests that fail, also over HTTP/2.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { launchBrowser, limit, makeCertificate, startProgram } from "./support.mjs";

let certificate;
let pages;
let servers;
let browser;

before(async () => {
  certificate = makeCertificate();
  pages = await startProgram("SAKER_ERRORS");
  const allowed = ["--allow-origin", pages.address];
  servers = [
    await startProgram("SAKER_ERRORS", 0, allowed),
    await startProgram("SAKER_ERRORS", 0, [...allowed, ...certificate.arguments]),
  ];
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  for (const each of [pages, ...(servers ?? [])]) each?.kill();
  rmSync(certificate.directory, { recursive: true });
});

// What a page at the address sees of a request: { status, type, challenge, text }, or { error }.
async function ask(page, target, options = {}) {
  return page.evaluate(async ([url, given]) => {
    try {
      const response = await fetch(url, given);
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        challenge: response.headers.get("www-authenticate"),
        text: await response.text(),
      };
    } catch (error) {
      return { error: error.name };
    }
  }, [target, options]);
}

const problem = (title, status, detail) => JSON.stringify({ type: "about:blank", title, status, detail });

for (const [index, protocol] of ["HTTP/1.1", "HTTP/2"].entries()) {
  test(`status, body and challenge can be read over ${protocol}`, async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(limit);
      await page.goto(pages.address, { timeout: limit });
      const { address } = servers[index];
      const type = "application/problem+json";
      assert.deepEqual(await ask(page, `${address}/401`), {
        status: 401, type, challenge: "Bearer", text: problem("Unauthorized", 401, "A token, please."),
      });
      assert.deepEqual(await ask(page, `${address}/404`, { credentials: "include" }), {
        status: 404, type, challenge: null, text: problem("Not Found", 404, "No such thing."),
      });
      assert.deepEqual(await ask(page, `${address}/500`), {
        status: 500, type, challenge: null, text: problem("Internal Server Error", 500),
      });
      // A preflight carries no token and is answered all the same.
      const refused = await ask(page, `${address}/401`, { method: "PUT", headers: { Authorization: "Bearer x" } });
      assert.equal(refused.status, 401);
      assert.match(refused.challenge, /error="invalid_token"/);
      const plain = await ask(page, `${address}/404`, { headers: { Accept: "text/plain" } });
      assert.equal(plain.text, "404 Not Found\nNo such thing.\n");
      // Nobody has set a body, and still the page sees the status.
      assert.equal((await ask(page, `${address}/nowhere`)).status, 404);

      const stranger = await context.newPage();
      await stranger.goto("about:blank");
      assert.deepEqual(await ask(stranger, `${address}/401`), { error: "TypeError" });
    } finally {
      await context.close();
    }
  });
}
