// The demo shop of a sandbox in Chromium, as a new user meets it: each way to pay, on a computer and
// a phone, with the keyboard, in both languages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("the demo shop in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const browser = await launch(t);
  const visit = async (options = {}) =>
    (await Customer.visit(t, browser, sandbox.file.shop.url, options)).page;
  const frames = (/** @type {any} */ page) => {
    const ours = page.frameLocator("iframe[title^=결제창]");
    return { ours, pg: ours.frameLocator("iframe") };
  };
  const choose = (/** @type {any} */ page, /** @type {string} */ name) =>
    page.getByRole("radio", { name, exact: true }).check();
  const buy = (/** @type {any} */ page) => page.getByRole("button", { name: /^(결제하기|카드 등록하기)/ }).click();
  const heard = (/** @type {any} */ page, /** @type {string} */ type) =>
    page.getByRole("log").getByText(type).first().waitFor();
  const orders = (/** @type {any} */ page) => page.locator("#orders");

  await t.test("a card: paid, heard of by webhook, given back", async () => {
    const page = await visit();
    await shot(page, "shop-pc");
    await buy(page);
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    await orders(page).getByText("결제 완료").waitFor();
    await heard(page, "Transaction.Paid");
    await shot(page, "shop-pc-paid");
    await orders(page).getByRole("button", { name: "환불" }).click();
    await orders(page).getByText("환불 완료").waitFor();
    await heard(page, "Transaction.Cancelled");
  });

  await t.test("declined, and cancelled", async () => {
    const page = await visit();
    await buy(page);
    const { pg } = frames(page);
    await pg.getByLabel("카드").selectOption("9000000000120049");
    await pg.getByRole("button", { name: "결제하기" }).click();
    await page.getByText("결제되지 않았습니다").first().waitFor();
    await orders(page).getByText("결제 실패").waitFor();
    await heard(page, "Transaction.Failed");
    await buy(page);
    await pg.getByRole("button", { name: "취소" }).click();
    await page.getByRole("status").getByText("취소").first().waitFor();
  });

  await t.test("a virtual account, paid into", async () => {
    const page = await visit();
    await choose(page, "가상계좌");
    await buy(page);
    await frames(page).pg.getByRole("button", { name: "계좌 발급받기" }).click();
    await orders(page).getByText("입금 대기").waitFor();
    await orders(page).getByRole("button", { name: "입금하기" }).click();
    await orders(page).getByText("결제 완료").waitFor();
    await heard(page, "Transaction.VirtualAccountIssued");
    await heard(page, "Transaction.Paid");
  });

  await t.test("in escrow: sent, kept, and rejected", async () => {
    for (const [word, end] of [
      ["구매 확정(모의 고객)", "구매 확정"],
      ["구매 거절(모의 고객)", "구매 거절"],
    ]) {
      const page = await visit();
      await choose(page, "에스크로");
      await page.locator("#server-code").getByText("applyEscrowLogistics").waitFor();
      await buy(page);
      await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
      await orders(page).getByText("배송 전").waitFor();
      await orders(page).getByRole("button", { name: "보내기" }).click();
      await orders(page).getByText("배송 중").waitFor();
      await shot(page, "shop-escrow");
      await orders(page).getByRole("button", { name: word }).click();
      await orders(page).locator("p").getByText(end, { exact: true }).waitFor();
    }
  });

  await t.test("a subscription: registered and charged", async () => {
    const page = await visit();
    await choose(page, "정기결제");
    await buy(page);
    await frames(page).pg.getByRole("button", { name: "등록하기" }).click();
    await orders(page).getByText("정기결제 등록됨").waitFor();
    await orders(page).getByRole("button", { name: "한 달 결제" }).click();
    await orders(page).getByText("결제 완료").waitFor();
    await heard(page, "BillingKey.Issued");
    await shot(page, "shop-pc-subscription");
  });

  await t.test("a subscription by phone bill: the first month comes with the key", async () => {
    const page = await visit();
    await choose(page, "휴대폰 정기결제");
    await page.locator("#browser-code").getByText("requestIssueBillingKeyAndPay").waitFor();
    await buy(page);
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    await orders(page).getByText("정기결제 등록됨").waitFor();
    await orders(page).getByText("결제 완료").waitFor();
    assert.equal(await orders(page).getByRole("button", { name: "한 달 결제" }).count(), 0);
    await heard(page, "Transaction.Paid");
    await heard(page, "BillingKey.Issued");
    await shot(page, "shop-phone-bill");
  });

  await t.test("who somebody is, by message and by app", async () => {
    const page = await visit();
    const person = async (/** @type {string} */ name) => {
      await choose(page, name);
      const button = page.getByRole("button", { name: "본인확인 하기" });
      const [popup] = await Promise.all([page.waitForEvent("popup"), button.click()]);
      return popup;
    };
    let popup = await person("휴대폰 문자");
    await shot(page, "shop-identity");
    await popup.getByRole("button", { name: "취소" }).click();
    await page.getByRole("status").getByText("확인되지 않았습니다").first().waitFor();
    popup = await person("휴대폰 문자");
    await popup.getByRole("button", { name: "인증번호 받기" }).click();
    const otp = await popup.locator("#message").textContent();
    await popup.getByLabel("인증번호").fill(otp ?? "");
    await popup.getByRole("button", { name: "확인" }).click();
    await orders(page).getByText("본인확인 됨").waitFor();
    await orders(page).getByText("1990-01-01").first().waitFor();
    popup = await person("간편 인증");
    await popup.getByRole("button", { name: "인증 완료" }).click();
    await orders(page).getByText("본인확인 됨").nth(1).waitFor();
    await shot(page, "shop-identity-done");
  });

  for (const name of ["카카오페이", "계좌이체", "휴대폰", "상품권"]) {
    await t.test(name, async () => {
      const page = await visit();
      await choose(page, name);
      await choose(page, "팝업");
      const [popup] = await Promise.all([page.waitForEvent("popup"), buy(page)]);
      await popup.frameLocator("iframe").getByRole("button", { name: "결제하기" }).click();
      await orders(page).getByText("결제 완료").waitFor();
    });
  }

  await t.test("on a phone, where the page is left and returned to", async () => {
    const page = await visit(PHONE);
    await shot(page, "shop-phone");
    const { width } = PHONE.viewport;
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    await buy(page);
    await page.getByLabel("카드").waitFor();
    await page.getByRole("button", { name: "결제하기" }).click();
    await orders(page).getByText("결제 완료").waitFor();
    assert.equal(new URL(page.url()).search, "", "the address is tidy again");
    await shot(page, "shop-phone-paid");
  });

  await t.test("a subscription on a phone, by card and by phone bill", async () => {
    for (const [name, verb] of [
      ["정기결제", "등록하기"],
      ["휴대폰 정기결제", "결제하기"],
    ]) {
      const page = await visit(PHONE);
      await choose(page, /** @type {string} */ (name));
      await page.locator(".buy").click();
      await page.waitForURL(/inicis/);
      await page.getByRole("button", { name: verb }).click();
      await orders(page).getByText("정기결제 등록됨").waitFor();
    }
  });

  await t.test("in English, by the keyboard alone", async () => {
    const page = await visit({ locale: "en-US" });
    await page.getByRole("heading", { name: "A box of Hadong black tea" }).waitFor();
    await page.getByRole("radio", { name: "Card", exact: true }).focus();
    await page.keyboard.press("ArrowRight");
    assert.ok(await page.getByRole("radio", { name: "Kakao Pay", exact: true }).isChecked());
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const { pg } = frames(page);
    await pg.getByRole("button", { name: "결제하기" }).focus();
    await page.keyboard.press("Enter");
    await orders(page).getByText("Paid", { exact: true }).waitFor();
    await shot(page, "shop-english");
  });

  await t.test("webhooks that nobody signed are not taken", async () => {
    const url = `${sandbox.file.shop.url}/webhooks`;
    const body = JSON.stringify({ type: "Transaction.Paid", data: { paymentId: "x" } });
    const answer = await fetch(url, { method: "POST", body });
    assert.equal(answer.status, 401);
    const form = await fetch(`${sandbox.file.shop.url}/orders`, { method: "POST", body: "boxes=1" });
    assert.equal(form.status, 415, "another site's form orders nothing");
  });
});
