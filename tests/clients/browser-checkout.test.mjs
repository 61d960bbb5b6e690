// The hosted checkout of payment sessions in Chromium, on a computer and a phone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

test("the hosted checkout in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);
  const { storeId } = sandbox;
  const profile = await sandbox.json(
    ...["profiles", "create", "--store", storeId, "--name", "Main shop", "--test"],
  );
  for (const method of ["CARD_KR", "KAKAO_PAY", "PAY_PAL"]) {
    await sandbox.json(
      ...["profiles", "set-method", profile.key, method, "--channel", sandbox.channel],
    );
  }
  const begin = async (more = {}) => {
    const session = {
      storeId,
      paymentId: newId(),
      profileKey: profile.key,
      country: "KR",
      currency: "KRW",
      totalAmount: 24000,
      orderName: "하동 홍차 <두 상자>",
      customerName: "홍길동",
      customerEmail: "hong@shop.example",
      storeName: "나루 찻집",
      products: [{ name: "하동 홍차", unitPrice: 12000, quantity: 2 }],
      agreements: [{ name: "구매 조건 확인 및 결제 진행에 동의", url: "https://shop.example/terms" }],
      colors: { primary: "#8a3b12", primaryLight: "#fbeee6" },
      ...more,
    };
    const made = await sandbox.call("/payment-sessions", {
      method: "POST",
      body: JSON.stringify(session),
    });
    assert.equal(made.status, 200, made.text);
    return { ...session, ...JSON.parse(made.text) };
  };
  const visit = async (/** @type {string} */ url, options = {}) =>
    (await Customer.visit(t, browser, url, options)).page;
  const status = async (/** @type {string} */ paymentId) =>
    (await payment.getPayment({ paymentId })).status;
  const pay = (/** @type {any} */ page) => page.getByRole("button", { name: /결제하기/ }).click();

  await t.test("a card on a computer, and our own page at the end", async () => {
    const { url, paymentId } = await begin();
    const page = await visit(url);
    await page.getByText("하동 홍차 <두 상자>").waitFor();
    assert.equal(await page.getByRole("radio").count(), 2, "no window pays by PayPal");
    await shot(page, "checkout-pc");
    await assert.rejects(payment.getPayment({ paymentId }), "looking begins nothing");
    await page.getByLabel("휴대폰").fill("010-1234-5678");
    await page.getByLabel("구매 조건").check();
    await pay(page);
    const window = page.frameLocator("iframe");
    await window.getByRole("button", { name: "결제하기" }).click();
    await page.getByText("결제가 완료되었습니다").waitFor();
    await page.getByText("나루 찻집").waitFor();
    await shot(page, "checkout-pc-done");
    const paid = /** @type {any} */ (await payment.getPayment({ paymentId }));
    assert.equal(paid.status, "PAID");
    assert.equal(paid.amount.total, 24000);
    assert.deepEqual(paid.products[0], {
      ...paid.products[0],
      name: "하동 홍차",
      amount: 12000,
      quantity: 2,
    });
    assert.equal(paid.customer.phoneNumber, "01012345678");
    // The link of a paid order pays nothing more.
    await page.goto(url);
    await page.getByText("이미 결제된 주문입니다").waitFor();
    await shot(page, "checkout-pc-paid");
  });

  await t.test("on a phone, with somewhere to return to: paid, and cancelled", async () => {
    for (const [act, isPaid] of /** @type {[string, boolean][]} */ ([
      ["결제하기", true],
      ["취소", false],
    ])) {
      const redirectUrl = `${shop.origin}/done?cart=7`;
      const { url, paymentId } = await begin({ redirectUrl, agreements: [] });
      const page = await visit(url, PHONE);
      await shot(page, "checkout-phone");
      const { width } = PHONE.viewport;
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
      await page.getByLabel("카카오페이").check();
      await pay(page);
      await page.getByLabel("카드").waitFor();
      await page.getByRole("button", { name: act }).click();
      await page.waitForURL(/\/done\?/);
      const told = Object.fromEntries(new URL(page.url()).searchParams);
      assert.equal(told["paymentId"], paymentId);
      assert.equal(told["cart"], "7");
      assert.equal("code" in told, !isPaid);
      assert.equal(await status(paymentId), isPaid ? "PAID" : "FAILED");
      if (!isPaid) {
        // It may be tried again by the same link.
        await page.goto(url);
        await pay(page);
        await page.getByLabel("카드").waitFor();
        await page.getByRole("button", { name: "결제하기" }).click();
        await page.waitForURL(/\/done\?/);
        assert.equal(await status(paymentId), "PAID");
      }
    }
  });

  await t.test("what a form must say is asked for again", async () => {
    const { url, paymentId } = await begin();
    const post = (/** @type {Record<string, string>} */ fields) =>
      fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
    const whole = {
      method: "CARD_KR",
      name: "홍길동",
      email: "hong@shop.example",
      phone: "01012345678",
      agreed: "0",
    };
    for (const [change, says] of /** @type {[Record<string, string>, RegExp][]} */ ([
      [{ agreed: "1" }, /약관에 동의/],
      [{ phone: "" }, /휴대폰 번호/],
      [{ phone: "x" }, /휴대폰 번호/],
      [{ email: "x" }, /이메일 주소/],
      [{ name: "가".repeat(16) }, /이름/],
      [{ method: "PAY_PAL" }, /결제할 수 없는/],
      [{ method: "" }, /결제할 수 없는/],
    ])) {
      const answer = await post({ ...whole, ...change });
      assert.equal(answer.status, 400, JSON.stringify(change));
      assert.match(await answer.text(), says);
    }
    await assert.rejects(payment.getPayment({ paymentId }));
    assert.equal((await post(whole)).status, 303);
    assert.equal((await fetch(url, { method: "POST", body: "agreed=x" })).status, 400);
    const none = await fetch(`${sandbox.file.v2.url}/checkout/payment-session-none`);
    assert.equal(none.status, 404);
  });

  await t.test("no way to pay, and too late", async () => {
    const { url } = await begin({ country: "US", currency: "USD", paymentMethod: "PAY_PAL" });
    assert.match(await (await fetch(url)).text(), /수단이 없습니다/);
    const late = await begin({ ttlSeconds: 60 });
    const page = await visit(late.url);
    await sandbox.simulator.advance("PT2M");
    await page.getByLabel("휴대폰").fill("01012345678");
    await page.getByLabel("구매 조건").check();
    await pay(page);
    await page.getByText("만료된 결제 페이지입니다").waitFor();
  });
});
