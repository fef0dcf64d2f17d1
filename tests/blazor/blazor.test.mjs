// The Blazor sample in Chromium: published, served by its program, and its stock .NET client over each
// transport and in each protocol, where there is a .NET SDK and its packages can be restored.
//
//   SAKER_BLAZOR        the program (required)
//   SAKER_BLAZOR_SITE   a published wwwroot; without it the sample is published, which takes minutes
//
// Nothing here sleeps: every step waits for a condition, with a time limit.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launchBrowser, limit, makeCertificate, startProgram } from "../browser/support.mjs";
import { startWire } from "../interop/wire.mjs";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "saker-blazor-"));
const site = process.env.SAKER_BLAZOR_SITE || join(directory, "out", "wwwroot");
const servers = {};
let certificate;
let browser;
let skipped = "";
let contexts = [];

async function publish() {
  const version = await run("dotnet", ["--version"]).then(({ stdout }) => parseInt(stdout, 10), () => 0);
  if (version < 10) return `skipped: ${version === 0 ? "no dotnet" : "no .NET SDK 10"}`;
  const made = (path) => ["bin", "obj"].includes(basename(path));
  cpSync(fileURLToPath(new URL("../../samples/blazor/", import.meta.url)), directory, { recursive: true, filter: (path) => !made(path) });
  try {
    await run("dotnet", ["publish", "-o", join(directory, "out"), "--nologo", "-v", "q"], { cwd: directory, timeout: 600_000 });
    return "";
  } catch (error) {
    // Only what cannot be had is a reason not to test.
    if (!/error NU1\d\d\d/.test(error.stdout)) throw new Error(`dotnet publish: ${error.message}\n${error.stdout}`);
    return "skipped: the packages of Blazor cannot be restored";
  }
}

before(async () => {
  if (!process.env.SAKER_BLAZOR_SITE) skipped = await publish();
  if (skipped) return;
  certificate = makeCertificate();
  servers.http = await startProgram("SAKER_BLAZOR", 0, ["--site", site]);
  servers.https = await startProgram("SAKER_BLAZOR", 0, ["--site", site, ...certificate.arguments]);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  for (const server of Object.values(servers)) server.kill();
  if (certificate) rmSync(certificate.directory, { recursive: true });
  rmSync(directory, { recursive: true });
});

afterEach(async () => {
  for (const each of contexts) await each.close();
  contexts = [];
});

function siteTest(name, work) {
  test(name, async (context) => {
    if (skipped) { context.skip(skipped); return; }
    await work();
  });
}

// A page whose .NET runs; its faults fail the test.
async function openPage(address, path = "/") {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(6 * limit); // to start .NET is much work
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  page.on("console", (message) => { if (/Unhandled exception/.test(message.text())) page.faults.push(message.text()); });
  const response = await page.goto(address + path, { timeout: 6 * limit });
  assert.equal(response.status(), 200);
  await page.locator("h1").waitFor();
  return page;
}

const state = (page, text) => page.locator("#state", { hasText: text }).waitFor();
const line = (page, text) => page.locator("#messages li", { hasText: text }).first().waitFor();

async function say(page, user, text) {
  await page.fill("#userInput", user);
  await page.fill("#messageInput", text);
  await page.click("#sendButton");
}

function withoutFaults(...pages) {
  for (const page of pages) assert.deepEqual(page.faults, []);
}

// An answer as it is on the wire: { status, headers, size }.
async function get(url, encodings) {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const asked = request(url, { headers: encodings ? { "accept-encoding": encodings } : {}, rejectUnauthorized: false, timeout: limit, agent: false });
  asked.on("timeout", () => asked.destroy(new Error(`${url} took more than ${limit} ms`)));
  asked.end();
  const [answer] = await once(asked, "response");
  let size = 0;
  for await (const chunk of answer) size += chunk.length;
  return { status: answer.statusCode, headers: answer.headers, size };
}

const carriers = {
  http: { WebSockets: "WebSockets over HTTP/1.1 (GET)", LongPolling: "long polling over HTTP/1.1 (GET)" },
  // A WebSocket over HTTP/2 is an extended CONNECT, as the server has recorded it.
  https: { WebSockets: "WebSockets over HTTP/2 (CONNECT)", LongPolling: "long polling over HTTP/2 (GET)" },
};

for (const scheme of ["http", "https"]) {
  for (const [transport, stateful] of [["WebSockets", ", stateful reconnect"], ["LongPolling", ""]]) {
    siteTest(`two pages talk (${transport}, ${scheme})`, async () => {
      const pages = [await openPage(servers[scheme].address), await openPage(servers[scheme].address)];
      await state(pages[0], `Connected: ${carriers[scheme].WebSockets}, json, stateful reconnect.`);
      for (const page of pages) {
        await page.selectOption("#transport", transport);
        await state(page, `Connected: ${carriers[scheme][transport]}, json${stateful}.`);
        await page.locator("#people", { hasText: "2 here" }).waitFor();
      }
      // Each protocol with itself and with the other one.
      for (const protocols of [["Json", "Json"], ["MessagePack", "Json"], ["MessagePack", "MessagePack"]]) {
        for (const [index, page] of pages.entries()) {
          await page.selectOption("#protocol", protocols[index]);
          await state(page, `Connected: ${carriers[scheme][transport]}, ${protocols[index].toLowerCase()}${stateful}.`);
        }
        const what = protocols.join(" to ");
        await say(pages[0], "Anna", `<b>${what}</b> \u{1F44B}`);
        for (const page of pages) await line(page, `Anna <b>${what}</b> \u{1F44B}`);
        await say(pages[1], "Bert", `hi from ${what}`);
        for (const page of pages) await line(page, `Bert hi from ${what}`);
      }
      for (const page of pages) assert.equal(await page.locator("#messages li").count(), 6);
      await contexts[1].close();
      await pages[0].locator("#people", { hasText: "1 here" }).waitFor();
      withoutFaults(...pages);
    });
  }
}

siteTest("what .NET has not in a browser is said, and the page goes on", async () => {
  const page = await openPage(servers.http.address);
  await state(page, "Connected:");
  await page.selectOption("#transport", "ServerSentEvents");
  await state(page, "Not connected: ServerSentEvents can not be the only transport specified when running in the browser.");
  await page.selectOption("#transport", "LongPolling");
  await state(page, `Connected: ${carriers.http.LongPolling}, json.`);
  withoutFaults(page);
});

// Sends so many messages at once, as fast as the page can be told to.
const sendMany = (page, user, from, count) => page.evaluate(([user, from, count]) => {
  const set = (id, value) => {
    const input = document.getElementById(id);
    input.value = value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  set("userInput", user);
  for (let i = from; i < from + count; ++i) {
    set("messageInput", `${i}`);
    document.getElementById("sendButton").click();
  }
}, [user, from, count]);

const shown = (page, user) => page.locator("#messages li").allTextContents()
  .then((lines) => lines.map((each) => each.split(" ")).filter(([from]) => from === user).map(([, text]) => Number(text)));

for (const [scheme, protocol] of [["http", "Json"], ["https", "MessagePack"]]) {
  siteTest(`nothing is lost with a TCP connection (${protocol}, ${scheme})`, async () => {
    const wire = await startWire(servers[scheme]);
    const [cut, whole] = [await openPage(wire.address), await openPage(servers[scheme].address)];
    for (const page of [cut, whole]) {
      await page.selectOption("#protocol", protocol);
      await state(page, `Connected: ${carriers[scheme].WebSockets}, ${protocol.toLowerCase()}, stateful reconnect.`);
    }
    await cut.locator("#people", { hasText: "2 here" }).waitFor();
    await cut.evaluate(() => {
      const element = document.getElementById("state");
      window.states = [];
      new MutationObserver(() => window.states.push(element.textContent)).observe(element, { characterData: true, childList: true, subtree: true });
    });
    const [rounds, count] = [3, 50];
    for (let from = 0; from < rounds * count; from += count) {
      // What both send is on the wire, in either direction, and is lost with it.
      wire.hold();
      await sendMany(cut, "Anna", from, count);
      await sendMany(whole, "Bert", from, count);
      await line(whole, `Bert ${from + count - 1}`);
      assert.equal((await shown(whole, "Anna")).length, from);
      assert.equal((await shown(cut, "Bert")).length, from);
      wire.cut();
      for (const page of [cut, whole]) for (const user of ["Anna", "Bert"]) await line(page, `${user} ${from + count - 1}`);
    }
    const all = Array.from({ length: rounds * count }, (_, i) => i);
    for (const page of [cut, whole]) for (const user of ["Anna", "Bert"]) assert.deepEqual(await shown(page, user), all);
    assert.deepEqual(await cut.evaluate(() => window.states), [], "it is the same connection");
    withoutFaults(cut, whole);
    wire.close();
  });
}

siteTest("without stateful reconnect the page comes back as somebody new", async () => {
  const wire = await startWire(servers.http);
  const page = await openPage(wire.address);
  await page.uncheck("#stateful");
  await state(page, `Connected: ${carriers.http.WebSockets}, json.`);
  wire.refuses = true;
  wire.cut();
  await state(page, "The connection was lost. Coming back...");
  wire.refuses = false;
  await state(page, `Connected: ${carriers.http.WebSockets}, json.`);
  await page.locator("#people", { hasText: "1 here" }).waitFor();
  await say(page, "Anna", "back");
  await line(page, "Anna back");
  withoutFaults(page);
  wire.close();
});

siteTest("each file comes with its type, compressed, and for ever", async () => {
  const files = readdirSync(join(site, "_framework")).filter((each) => !/\.(br|gz)$/.test(each));
  assert.ok(files.some((each) => each.endsWith(".wasm")));
  const types = { ".wasm": "application/wasm", ".js": "text/javascript" };
  for (const file of files) {
    const path = join("_framework", file);
    for (const [encodings, suffix] of [["gzip, deflate, br, zstd", ".br"], ["gzip", ".gz"], ["", ""]]) {
      const answer = await get(`${servers.http.address}/${path}`, encodings);
      const { "content-type": type, "content-encoding": coding, "cache-control": caching, vary } = answer.headers;
      assert.deepEqual([answer.status, type, coding], [200, types[extname(file)], { ".br": "br", ".gz": "gzip", "": undefined }[suffix]], path);
      assert.equal(answer.size, statSync(join(site, path + suffix)).size, path);
      assert.deepEqual([vary, caching], ["Accept-Encoding", "public, max-age=31536000, immutable"], path);
    }
  }
});

siteTest("the browser gets them compressed, over HTTP/2", async () => {
  const page = await openPage(servers.https.address);
  await state(page, "Connected:");
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").filter((each) => /\/_framework\//.test(each.name))
    .map(({ name, nextHopProtocol, encodedBodySize, decodedBodySize }) => ({ name, nextHopProtocol, encodedBodySize, decodedBodySize })));
  assert.ok(loaded.length > 20);
  for (const each of loaded) {
    assert.equal(each.nextHopProtocol, "h2", each.name);
    assert.ok(each.encodedBodySize < each.decodedBodySize, each.name);
  }
  withoutFaults(page);
});

siteTest("only pages fall back", async () => {
  for (const [path, status] of [["/about", 200], ["/nothing/at/all", 200], ["/_framework/nothing.wasm", 404], ["/favicon.ico", 404]]) {
    const answer = await get(servers.http.address + path, "");
    assert.equal(answer.status, status, path);
    if (status === 200) assert.deepEqual([answer.headers["content-type"], answer.headers["cache-control"]], ["text/html", "no-cache"], path);
  }
});

siteTest("a deep link finds its page", async () => {
  const page = await openPage(servers.http.address, "/about");
  await page.locator("h1", { hasText: "About" }).waitFor();
  await page.click("nav a:has-text('Chat')");
  await state(page, "Connected:");
  await say(page, "Anna", "still here");
  await line(page, "Anna still here");
  // The connection is the page's, not the route's.
  await page.click("nav a:has-text('About')");
  await page.locator("h1", { hasText: "About" }).waitFor();
  await page.goBack();
  await line(page, "Anna still here");
  withoutFaults(page);
});

siteTest("an error of the hub is shown", async () => {
  const page = await openPage(servers.http.address);
  await state(page, "Connected:");
  await page.evaluate(() => document.getElementById("userInput").removeAttribute("maxlength"));
  await say(page, "x".repeat(40), "hello");
  await page.locator("#error", { hasText: "A name has 1 to 32 bytes." }).waitFor();
  withoutFaults(page);
});
