// Payment windows in a real Chromium: what a customer clicks, on a computer and on a phone.
// Screenshots of each page are kept below `target/screenshots`.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const SHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const PHONE = { width: 390, height: 844 };

/** Where `cargo xtask test` found Chromium, or where Debian has it. */
function browserPath() {
  const path = process.env["NARU_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
  assert.ok(existsSync(path), `no Chromium at ${path}: set NARU_TEST_CHROMIUM`);
  return path;
}

test("payment windows in Chromium", { timeout: TEST_MS }, async (t) => {
  mkdirSync(SHOTS, { recursive: true });
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
  });
  t.after(() => browser.close());

  const open = async (/** @type {string} */ paymentId, /** @type {string[]} */ ...more) => {
    const told = await sandbox.naru(
      ...["windows", "open", "--store", sandbox.storeId, "--payment", paymentId],
      ...["--channel", sandbox.channel, "--amount", "12000", ...more],
    );
    return JSON.parse(told).pageUrl;
  };
  /** A page of a customer of their own; nothing may go wrong in it. */
  const visit = async (/** @type {string} */ url, /** @type {any} */ options = {}) => {
    const context = await browser.newContext({ locale: "ko-KR", ...options });
    t.after(() => context.close());
    const page = await context.newPage();
    page.on("pageerror", (error) => assert.fail(error));
    page.on("console", (line) => {
      assert.ok(!/Content Security Policy/.test(line.text()), line.text());
    });
    await page.goto(url);
    return page;
  };
  const shot = (/** @type {any} */ page, /** @type {string} */ name) =>
    page.screenshot({ path: `${SHOTS}${name}.png` });
  const phone = { viewport: PHONE, isMobile: true, hasTouch: true };
  const status = async (/** @type {string} */ paymentId) =>
    (await payment.getPayment({ paymentId })).status;

  await t.test("on a computer: closed, opened again, paid", async () => {
    const paymentId = newId();
    const page = await visit(await open(paymentId));
    const window = page.frameLocator("iframe");
    await window.getByRole("button", { name: "결제하기" }).waitFor();
    await shot(page, "pc-window");
    await window.getByLabel("닫기").click();
    await page.locator("iframe").waitFor({ state: "detached" });
    assert.equal(await status(paymentId), "READY", "closing ends nothing");
    await shot(page, "pc-page");
    await page.getByRole("button", { name: "결제하기" }).click();
    await window.getByRole("button", { name: "결제하기" }).click();
    await page.getByText("결제가 완료되었습니다").waitFor();
    await shot(page, "pc-paid");
    assert.equal(await status(paymentId), "PAID");
    // Looking again, and going back, pay nothing more.
    await page.reload();
    await page.getByText("결제가 완료되었습니다").waitFor();
    const { transactions } = await sandbox.simulator.books();
    assert.equal(transactions.length, 1);
  });

  await t.test("on a computer: cancelled at the PG, and left from our page", async () => {
    const cancelled = newId();
    const page = await visit(await open(cancelled));
    const window = page.frameLocator("iframe");
    await window.getByRole("button", { name: "취소" }).click();
    await page.getByText("결제되지 않았습니다").waitFor();
    await shot(page, "pc-cancelled");
    const left = newId();
    await page.goto(await open(left));
    await window.getByLabel("닫기").click();
    await page.locator("iframe").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "취소하고 나가기" }).click();
    await page.getByText("결제되지 않았습니다").waitFor();
    for (const paymentId of [cancelled, left]) assert.equal(await status(paymentId), "FAILED");
  });

  await t.test("on a phone: declined, and a virtual account", async () => {
    const declined = newId();
    const page = await visit(await open(declined, "--mobile"), phone);
    await page.getByLabel("카드").selectOption("9000000000120049");
    await shot(page, "phone-window");
    await page.getByRole("button", { name: "결제하기" }).click();
    await page.getByText("결제되지 않았습니다").waitFor();
    await shot(page, "phone-declined");
    assert.equal(await status(declined), "FAILED");
    const waiting = newId();
    await page.goto(await open(waiting, "--mobile", "--virtual-account"));
    await page.getByLabel("입금 은행").selectOption("20");
    await page.getByRole("button", { name: "계좌 발급받기" }).click();
    await page.getByText("우리은행").waitFor();
    await shot(page, "phone-account");
    assert.equal(await status(waiting), "VIRTUAL_ACCOUNT_ISSUED");
  });

  await t.test("two tabs of one customer pay once", async () => {
    const paymentId = newId();
    const url = await open(paymentId, "--mobile");
    const pages = [await visit(url, phone), await visit(url, phone)];
    const before = (await sandbox.simulator.books()).transactions.length;
    await Promise.all(
      pages.map((page) => page.getByRole("button", { name: "결제하기" }).click()),
    );
    for (const page of pages) await page.waitForURL(/checkout\/windows/);
    await Promise.any(pages.map((page) => page.getByText("결제가 완료되었습니다").waitFor()));
    assert.equal(await status(paymentId), "PAID");
    const after = (await sandbox.simulator.books()).transactions.length;
    assert.equal(after - before, 1);
  });
});
