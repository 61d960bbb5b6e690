// Escrow in a real Chromium: paid in the window, sent by the API, kept or rejected by the customer on
// our page and in the PG's window, as the PG's notice tells it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { within } from "./support/process.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

const party = {
  name: "홍길동",
  phoneNumber: "02-123-4567",
  zipcode: "04524",
  address: { country: "KR", addressLine1: "세종대로 1", addressLine2: "2층", city: "서울" },
};
const shipment = {
  sender: party,
  receiver: party,
  logistics: { company: "CJ", invoiceNumber: "111", sentAt: "2026-01-02T09:30:00+09:00" },
  products: [{ id: "1", name: "홍차", amount: 12000, quantity: 1 }],
};

test("escrow in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment: rest } = sandbox.client();
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);

  /** Paid in the window of the escrow channel. */
  const pay = async () => {
    const { page, call } = await Customer.visit(t, browser, `${shop.origin}/loader`);
    const paymentId = newId();
    const result = await call("requestPayment", {
      storeId: sandbox.storeId,
      channelKey: sandbox.file.channels[2].key,
      paymentId,
      orderName: "홍차 한 상자",
      totalAmount: 12000,
      currency: "KRW",
      payMethod: "CARD",
      isEscrow: true,
      customer: { fullName: "홍길동", phoneNumber: "010-1234-5678", email: "hong@shop.example" },
    });
    const pg = page.frameLocator("iframe[title^=결제창]").frameLocator("iframe");
    await pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    const asked = ["payments", "escrow-page", "--store", sandbox.storeId, paymentId];
    const { url } = await sandbox.json(...asked);
    assert.equal((await sandbox.naru(...asked)).trim(), url, "one payment, one address");
    return { paymentId, url };
  };
  const until = async (/** @type {string} */ paymentId, /** @type {string} */ status) => {
    const looking = async () => {
      for (;;) {
        const found = /** @type {any} */ (await rest.getPayment({ paymentId }));
        if (found.escrow.status === status) return found;
      }
    };
    return within(20_000, `the escrow of ${paymentId} to be ${status}`, looking());
  };
  const visit = async (/** @type {string} */ url, options = {}) =>
    (await Customer.visit(t, browser, url, options)).page;

  await t.test("nothing to decide before the goods are sent; then they are kept", async () => {
    const { paymentId, url } = await pay();
    const page = await visit(url);
    await page.getByRole("heading", { name: "아직 배송 전입니다" }).waitFor();
    await shot(page, "escrow-before");
    await rest.applyEscrowLogistics({ paymentId, ...shipment });
    await until(paymentId, "REGISTERED");

    await page.reload();
    const pg = page.frameLocator("iframe");
    await pg.getByRole("heading", { name: "구매 결정" }).waitFor();
    await shot(page, "escrow-decide");
    // Closed, looked at, and opened again.
    await pg.getByRole("link", { name: "닫기" }).click();
    await page.getByRole("heading", { name: "상품을 받으셨나요?" }).waitFor();
    await shot(page, "escrow-sent");
    await page.getByRole("button", { name: "구매 결정하기" }).click();
    await pg.getByRole("button", { name: "구매 확정" }).click();
    await page.getByRole("heading", { name: "구매가 확정되었습니다" }).waitFor();
    await shot(page, "escrow-kept");
    const confirmed = await until(paymentId, "CONFIRMED");
    assert.equal(confirmed.escrow.isAutomaticallyConfirmed, false);
    // What is decided stays.
    await page.goto(url);
    await page.getByRole("heading", { name: "구매가 확정되었습니다" }).waitFor();
  });

  await t.test("rejected on a phone, for a reason", async () => {
    const { paymentId, url } = await pay();
    await rest.applyEscrowLogistics({ paymentId, ...shipment });
    await until(paymentId, "REGISTERED");
    const page = await visit(url, PHONE);
    await page.getByRole("button", { name: "취소" }).click();
    await page.getByRole("heading", { name: "상품을 받으셨나요?" }).waitFor();
    await page.getByRole("button", { name: "구매 결정하기" }).click();
    await page.getByLabel("거절하는 이유").fill("");
    await page.getByRole("button", { name: "구매 거절" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("거절하는 이유").fill("색이 다름");
    await shot(page, "escrow-phone");
    await page.getByRole("button", { name: "구매 거절" }).click();
    await page.getByRole("heading", { name: "구매를 거절했습니다" }).waitFor();
    await until(paymentId, "REJECTED");
    await sandbox.json("payments", "accept-rejection", "--store", sandbox.storeId, paymentId);
    await until(paymentId, "REJECT_CONFIRMED");
    await page.reload();
    await page.getByRole("heading", { name: "상점이 구매 거절을 확인했습니다" }).waitFor();
  });

  await t.test("a browser's word changes nothing, and a token is needed", async () => {
    const { paymentId, url } = await pay();
    await rest.applyEscrowLogistics({ paymentId, ...shipment });
    await until(paymentId, "REGISTERED");
    const body = new URLSearchParams({ ResultCode: "00", CNF_Date: "20260101" });
    const answer = await fetch(`${url}/return`, { method: "POST", body });
    assert.match(await answer.text(), /결정이 접수되었습니다/);
    const { escrow } = /** @type {any} */ (await rest.getPayment({ paymentId }));
    assert.equal(escrow.status, "REGISTERED");
    assert.equal((await fetch(url.slice(0, -1))).status, 404);
    const plain = newId();
    const asked = ["payments", "escrow-page", "--store", sandbox.storeId, plain];
    assert.notEqual((await sandbox.tryNaru(...asked)).code, 0);
  });
});
