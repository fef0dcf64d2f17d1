// Firefox, driven over WebDriver BiDi, and what the tests of its pages share.
//
//   FIREFOX   the browser; /usr/bin/firefox-esr or /usr/bin/firefox if not given

import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { after, afterEach, before, describe } from "node:test";
import puppeteer from "puppeteer-core";
import { limit, makeCertificate, startProgram } from "./programs.mjs";

const firefox = process.env.FIREFOX || ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((each) => existsSync(each));
const skip = firefox ? false : "skipped: no firefox";

// What carries a socket, as the server sees it, and a request, as the page does.
const carriers = [
  { name: "over HTTPS, as it comes", preferences: {}, tls: true, method: "CONNECT", protocol: "HTTP/2", requests: "h2" },
  { name: "over HTTPS, without WebSockets over HTTP/2", preferences: { "network.http.http2.websockets": false }, tls: true, method: "GET", protocol: "HTTP/1.1", requests: "h2" },
  { name: "over plain HTTP", preferences: {}, tls: false, method: "GET", protocol: "HTTP/1.1", requests: "http/1.1" },
];

export function launchFirefox(preferences) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: firefox,
    extraPrefsFirefox: preferences,
    acceptInsecureCerts: true,
    defaultViewport: null,
    timeout: 6 * limit,
    protocolTimeout: 6 * limit,
  });
}

// What the tests of one carrier have: { carrier, server, browser }.
class Setting {
  #program;
  #certificate;
  #contexts = [];
  #problems = [];

  constructor(carrier, program) {
    this.carrier = carrier;
    this.#program = program;
  }

  async begin() {
    this.#certificate = makeCertificate();
    await this.start();
    this.browser = await launchFirefox(this.carrier.preferences);
  }

  // Starts the program, also once more after it has ended.
  async start(port = 0) {
    const { variable, more = [] } = this.#program;
    this.server = await startProgram(variable, port, [...more, ...(this.carrier.tls ? this.#certificate.arguments : [])]);
  }

  // Opens a window; what it reports as an error fails the test, unless the test provokes errors.
  async openPage({ context, errorsExpected = false } = {}) {
    const own = context ?? await this.browser.createBrowserContext();
    if (!context) this.#contexts.push(own);
    const page = await own.newPage({ type: "window" });
    page.setDefaultTimeout(limit);
    page.setDefaultNavigationTimeout(3 * limit);
    const note = (text) => { if (!errorsExpected) this.#problems.push(text); };
    page.on("pageerror", (error) => note(`exception: ${error}`));
    page.on("console", (message) => { if (message.type() === "error") note(`console: ${message.text()}`); });
    const response = await page.goto(this.server.address);
    assert.equal(response.status(), 200);
    return page;
  }

  async closePages() {
    for (const each of this.#contexts.splice(0)) await each.close();
    assert.deepEqual(this.#problems.splice(0), [], "the pages reported errors");
  }

  async end() {
    await this.browser?.close();
    this.server?.kill();
    rmSync(this.#certificate.directory, { recursive: true });
  }
}

// A group of tests for each carrier. The program is { variable, more }: what names it, and further arguments.
export function overEachCarrier(program, define) {
  for (const carrier of carriers) {
    describe(`Firefox ${carrier.name}`, { skip }, () => {
      const given = new Setting(carrier, program);
      before(() => given.begin());
      afterEach(() => given.closePages());
      after(() => given.end());
      define(given);
    });
  }
}

// Waits for text in the first element of that selector, which the page's own changes announce.
export async function expectText(page, selector, text, timeout = limit) {
  const found = ([where, what]) => document.querySelector(where)?.textContent.includes(what);
  await page.waitForFunction(found, { polling: "mutation", timeout }, [selector, text]);
}

// The controls are worked from inside the page: input from outside waits for a frame to be painted, which Firefox
// without a screen may put off for minutes on a busy machine.
export async function click(page, selector) {
  const control = await page.waitForSelector(`${selector}:enabled`);
  await control.evaluate((element) => element.click());
}

export async function fill(page, selector, text) {
  const control = await page.waitForSelector(`${selector}:enabled`);
  await control.evaluate((element, value) => {
    element.value = value;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }, text);
}
