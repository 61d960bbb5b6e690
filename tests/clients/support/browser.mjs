// A real Chromium for tests, and customers in it. Screenshots are kept below `target/screenshots`.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const SHOTS = fileURLToPath(new URL("../../../target/screenshots/", import.meta.url));

/** A phone's screen and habits. */
export const PHONE = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
  userAgent:
    "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) " +
    "Chrome/130.0.0.0 Mobile Safari/537.36",
};

/** Where `cargo xtask test` found Chromium, or where Debian has it. */
function browserPath() {
  const path = process.env["NARU_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  assert.ok(existsSync(path), `no Chromium at ${path}: set NARU_TEST_CHROMIUM`);
  return path;
}

/** @param {{after: (done: () => unknown) => void}} t */
export async function launch(t) {
  mkdirSync(SHOTS, { recursive: true });
  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-sync",
      "--test-third-party-cookie-phaseout",
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** @param {any} page @param {string} name */
export const shot = (page, name) => page.screenshot({ path: `${SHOTS}${name}.png` });

/** A customer with a browser of their own. */
export class Customer {
  /**
   * Nothing may go wrong in the page, unless it is a page in which much does.
   * @param {{after: (done: () => unknown) => void}} t
   * @param {any} browser
   * @param {string} url
   * @param {any} [options]
   */
  static async visit(t, browser, url, { mayFail = false, ...options } = {}) {
    const context = await browser.newContext({ locale: "ko-KR", ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    if (!mayFail) page.on("pageerror", (/** @type {Error} */ error) => assert.fail(error));
    page.on("console", (/** @type {any} */ line) => {
      assert.ok(!/Content Security Policy/.test(line.text()), line.text());
    });
    // Nothing comes from anybody else: the shop, Naru and the simulated PG are all at home here.
    page.context().on("request", (/** @type {any} */ request) => {
      const { protocol, hostname } = new URL(request.url());
      const isWeb = protocol.startsWith("http");
      assert.ok(!isWeb || ["127.0.0.1", "localhost"].includes(hostname), request.url());
    });
    await page.goto(url);
    return { page, call: caller(page) };
  }
}

/**
 * Calls a function of the SDK from a click, as shops do. What comes back waits for its end.
 * @param {any} page
 */
function caller(page) {
  let count = 0;
  return async (/** @type {string} */ name, /** @type {any} */ request) => {
    count += 1;
    const slot = `result${count}`;
    await page.waitForFunction(() => "sdk" in window);
    await page.evaluate(
      ({ name, request, slot }) => {
        const { sdk } = /** @type {any} */ (window);
        const button = /** @type {HTMLButtonElement} */ (document.getElementById("pay"));
        button.onclick = () => {
          // V1 calls back, V2 keeps a promise.
          const told = sdk.request_pay
            ? new Promise((resolve) => sdk[name](request, resolve))
            : sdk[name](request, {});
          /** @type {any} */ (window)[slot] = told.then(
            (/** @type {any} */ resolved) => ({ resolved }),
            (/** @type {any} */ error) => ({
              rejected: {
                ...error,
                name: error.name,
                message: error.message,
                isOfficial: sdk.isPaymentError?.(error) && error instanceof sdk.PaymentError,
              },
            }),
          );
        };
      },
      { name, request, slot },
    );
    // A window that is open covers the button.
    await page.locator("#pay").dispatchEvent("click");
    const told = page.waitForFunction(
      async (/** @type {string} */ slot) => ({ told: await /** @type {any} */ (window)[slot] }),
      slot,
    );
    // A page that is left never hears.
    told.catch(() => {});
    return async () => (await (await told).jsonValue()).told;
  };
}
