// Promotions in payment windows, by both browser SDKs: the lower price in the page, at the PG and in
// what is read; refused before a window opens where the window is not at the promotion's cards.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

test("promotions in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment: rest } = sandbox.client();
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);
  /** 10 % off from 5,000 won for cards of Shinhan; enough for two of 12,000 and no more. */
  const promotion = await sandbox.json(
    ...["promotions", "create", "--store", sandbox.storeId, "--name", "Autumn"],
    ...["--card-company", "SHINHAN_CARD", "--partition", "5000=10%", "--budget", "2500"],
    ...["--end", "2099-12-31T23:59:59+09:00"],
  );
  const customer = { fullName: "홍길동", phoneNumber: "010-1234-5678", email: "hong@shop.example" };
  const order = (/** @type {any} */ more = {}) => ({
    storeId: sandbox.storeId,
    channelKey: sandbox.channel,
    paymentId: newId(),
    orderName: "홍차 한 상자",
    totalAmount: 12000,
    currency: "KRW",
    payMethod: "CARD",
    card: { cardCompany: "SHINHAN_CARD" },
    promotionId: promotion.id,
    customer,
    ...more,
  });
  const visit = (path = "/loader", options = {}) =>
    Customer.visit(t, browser, `${shop.origin}${path}`, options);
  const frames = (/** @type {any} */ page) => {
    const ours = page.frameLocator("iframe[title^=결제창]");
    return { ours, pg: ours.frameLocator("iframe") };
  };
  const isPaidLess = async (/** @type {string} */ paymentId) => {
    const paid = /** @type {any} */ (await rest.getPayment({ paymentId }));
    assert.equal(paid.status, "PAID");
    assert.equal(paid.promotionId, promotion.id);
    const { total, discount, paid: money } = paid.amount;
    assert.deepEqual({ total, discount, money }, { total: 12000, discount: 1200, money: 10800 });
    const { transactions } = await sandbox.simulator.books();
    const taken = transactions.find((/** @type {any} */ one) => one.pgTxId === paid.pgTxId);
    assert.equal(taken.amount, 10800);
  };

  await t.test("refused before a window opens", async () => {
    const { page, call } = await visit();
    for (const wrong of [
      order({ card: undefined }),
      order({ card: { cardCompany: "BC_CARD" } }),
      order({ payMethod: "TRANSFER", card: undefined }),
    ]) {
      const told = await (await call("requestPayment", wrong))();
      assert.match(JSON.stringify(told), /"BadRequest".*promotion|promotion.*"BadRequest"/);
      assert.equal(await page.locator("iframe").count(), 0);
      await assert.rejects(rest.getPayment({ paymentId: wrong.paymentId }));
    }
  });

  await t.test("V2, on a computer", async () => {
    const { page, call } = await visit();
    const asked = order();
    const result = await call("requestPayment", asked);
    const { ours, pg } = frames(page);
    await pg.getByText("10,800").first().waitFor();
    await shot(page, "promotion-pc");
    await pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    assert.equal(await ours.locator("body").count(), 0);
    await isPaidLess(asked.paymentId);
  });

  await t.test("V1, on a phone", async () => {
    const { page, call } = await visit("/v1", PHONE);
    const merchant_uid = newId().slice(0, 40);
    await call("request_pay", {
      channelKey: sandbox.channel,
      pay_method: "card",
      merchant_uid,
      name: "홍차 한 상자",
      amount: 12000,
      buyer_tel: customer.phoneNumber,
      buyer_name: customer.fullName,
      buyer_email: customer.email,
      isPromotion: true,
      promotion_id: promotion.id,
      card: { direct: { code: "366", quota: 0 } },
      m_redirect_url: `${shop.origin}/done`,
    });
    await page.getByText("10,800").first().waitFor();
    await shot(page, "promotion-phone");
    await page.getByRole("button", { name: "결제하기" }).click();
    await page.waitForURL(/imp_success=true/);
    await isPaidLess(merchant_uid);
  });

  await t.test("no budget is left: the full price", async () => {
    const { page, call } = await visit();
    const asked = order();
    const result = await call("requestPayment", asked);
    const { pg } = frames(page);
    await pg.getByText("12,000").first().waitFor();
    await pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    const paid = /** @type {any} */ (await rest.getPayment({ paymentId: asked.paymentId }));
    assert.equal(paid.amount.paid, 12000);
  });
});
