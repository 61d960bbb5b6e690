// Payment windows in a real Chromium: what a customer clicks, on a computer and on a phone.
// Screenshots of each page are kept below `target/screenshots`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("payment windows in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const browser = await launch(t);

  const open = async (/** @type {string} */ paymentId, /** @type {string[]} */ ...more) => {
    const told = await sandbox.naru(
      ...["windows", "open", "--store", sandbox.storeId, "--payment", paymentId],
      ...["--channel", sandbox.channel, "--amount", "12000", ...more],
    );
    return JSON.parse(told).pageUrl;
  };
  const visit = async (/** @type {string} */ url, options = {}) =>
    (await Customer.visit(t, browser, url, options)).page;
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
    const page = await visit(await open(declined, "--mobile"), PHONE);
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
    const pages = [await visit(url, PHONE), await visit(url, PHONE)];
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
