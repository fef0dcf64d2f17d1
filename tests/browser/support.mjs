// What the browser tests share: the samples' programs and the browser.
//
//   CHROMIUM                 the browser, /usr/bin/chromium if not given

import { chromium } from "playwright-core";
import { limit } from "./programs.mjs";

export { limit, makeCertificate, startProgram, within } from "./programs.mjs";

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    timeout: 3 * limit,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}
