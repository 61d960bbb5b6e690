// The V2 browser SDK in a real Chromium: the official package pointed at us, script tags and the
// module; every way a window stands and every way it ends, as the page, REST and webhooks tell it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { instant, newId } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

test("the V2 browser SDK in Chromium", { timeout: 2 * TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment: rest } = sandbox.client();
  const receiver = await openReceiver(t);
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);

  const order = (/** @type {any} */ more = {}) => ({
    storeId: sandbox.storeId,
    channelKey: sandbox.channel,
    paymentId: newId(),
    orderName: "홍차 한 상자",
    totalAmount: 12000,
    currency: "KRW",
    payMethod: "CARD",
    customer: { fullName: "홍길동", phoneNumber: "010-1234-5678", email: "hong@shop.example" },
    noticeUrls: [receiver.url()],
    ...more,
  });
  const visit = (path = "/loader", options = {}) =>
    Customer.visit(t, browser, `${shop.origin}${path}`, options);
  const status = async (/** @type {string} */ paymentId) =>
    (await rest.getPayment({ paymentId })).status;
  const heard = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.next((one) => one.json?.type === type && one.json.data.paymentId === paymentId);
  /** Our page in the frame, and the PG's window in it. */
  const frames = (/** @type {any} */ page) => {
    const ours = page.frameLocator("iframe[title^=결제창]");
    return { ours, pg: ours.frameLocator("iframe") };
  };

  for (const how of ["/loader", "/script", "/module"]) {
    await t.test(`paid in a frame: ${how}`, async () => {
      const asked = order({ currency: "CURRENCY_KRW", customData: { cart: 7 } });
      const { page, call } = await visit(how);
      const result = await call("requestPayment", asked);
      const { ours, pg } = frames(page);
      await pg.getByRole("button", { name: "결제하기" }).waitFor();
      await shot(page, `sdk-frame${how.replace("/", "-")}`);
      await pg.getByRole("button", { name: "결제하기" }).click();
      const told = await result();
      const paid = await rest.getPayment({ paymentId: asked.paymentId });
      assert.equal(paid.status, "PAID");
      assert.deepEqual(told, {
        resolved: {
          transactionType: "PAYMENT",
          paymentId: asked.paymentId,
          txId: /** @type {any} */ (paid).transactionId,
        },
      });
      assert.equal(/** @type {any} */ (paid).customData, '{"cart":7}');
      assert.equal(await ours.locator("body").count(), 0, "the frame is gone");
      assert.equal(await page.evaluate(() => document.documentElement.style.overflow), "");
      await heard("Transaction.Ready", asked.paymentId);
      await heard("Transaction.Paid", asked.paymentId);
    });
  }

  await t.test("cancelled at the PG, declined, and closed by the customer", async () => {
    const { page, call } = await visit();
    const { pg } = frames(page);
    const cancelled = order();
    let result = await call("requestPayment", cancelled);
    await pg.getByRole("button", { name: "취소" }).click();
    let told = (await result()).resolved;
    assert.equal(told.code, "FAILURE_TYPE_PG");
    assert.match(told.message, /취소/);
    assert.equal(await status(cancelled.paymentId), "FAILED");
    await heard("Transaction.Failed", cancelled.paymentId);

    const declined = order();
    result = await call("requestPayment", declined);
    await pg.getByLabel("카드").selectOption("9000000000120049");
    await pg.getByRole("button", { name: "결제하기" }).click();
    told = (await result()).resolved;
    assert.equal(told.code, "FAILURE_TYPE_PG");
    assert.equal(told.pgCode, "120049");
    assert.equal(told.paymentId, declined.paymentId);
    assert.equal(await status(declined.paymentId), "FAILED");

    const closed = order();
    result = await call("requestPayment", closed);
    await pg.getByRole("button", { name: "결제하기" }).waitFor();
    await page.getByRole("button", { name: "결제창 닫기" }).click();
    told = (await result()).resolved;
    assert.equal(told.pgCode, "NARU_WINDOW_LEFT");
    assert.match(told.message, /취소/);
    assert.equal(await status(closed.paymentId), "FAILED");

    // The same order once more, and this time it is paid.
    result = await call("requestPayment", closed);
    await pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    assert.equal(await status(closed.paymentId), "PAID");
  });

  await t.test("left by the keyboard", async () => {
    const { page, call } = await visit();
    const result = await call("requestPayment", order());
    await frames(page).pg.getByRole("button", { name: "결제하기" }).waitFor();
    await page.getByRole("button", { name: "결제창 닫기" }).focus();
    await page.keyboard.press("Escape");
    assert.equal((await result()).resolved.pgCode, "NARU_WINDOW_LEFT");
  });

  await t.test("refused before a window opens", async () => {
    const { call } = await visit();
    const paid = order();
    await rest.payInstantly(instant(sandbox, { paymentId: paid.paymentId }));
    const registered = order();
    await rest.preRegisterPayment({ paymentId: registered.paymentId, totalAmount: 999 });
    for (const [request, code] of /** @type {[any, string][]} */ ([
      [undefined, "BadRequest"],
      [order({ paymentId: undefined }), "BadRequest"],
      [order({ channelKey: undefined }), "BadRequest"],
      [order({ channelGroupId: "group" }), "BadRequest"],
      [order({ windowType: { pc: "UI" } }), "BadRequest"],
      [order({ redirectUrl: "javascript:alert(1)" }), "BadRequest"],
      [order({ totalAmount: "12000" }), "RequestParseFailed"],
      [order({ totalAmount: 0 }), "RequestParseFailed"],
      [order({ payMethod: "CASH" }), "RequestParseFailed"],
      [order({ currency: "WON" }), "RequestParseFailed"],
      [order({ customer: {} }), "RequestParseFailed"],
      [order({ paymentId: "주문-1" }), "RequestParseFailed"],
      [order({ storeId: "store-nobody" }), "StoreNotFound"],
      [order({ channelKey: "channel-key-none" }), "ChannelNotFound"],
      [paid, "PaymentAlreadyPaid"],
      [registered, "AmountNotEqualToPredefined"],
    ])) {
      const { rejected } = await (await call("requestPayment", request))();
      const what = JSON.stringify(request);
      assert.equal(rejected.code, code, `${what}: ${rejected.message}`);
      assert.equal(rejected.__portOneErrorType, "PaymentError", what);
      assert.equal(rejected.transactionType, "PAYMENT", what);
      assert.equal(rejected.name, "Error", what);
      assert.ok(rejected.isOfficial, `the package knows it: ${what}`);
      assert.ok(rejected.message, what);
    }
    for (const [name, kind, request] of /** @type {[string, string, any][]} */ ([
      ["requestIssueBillingKey", "IssueBillingKeyError", {}],
      ["requestIssueBillingKeyAndPay", "IssueBillingKeyAndPayError", order()],
      ["loadPaymentUI", "LoadPaymentUIError", { ...order(), uiType: "PAYPAL_SPB" }],
      ["loadIssueBillingKeyUI", "LoadIssueBillingKeyUIError", {}],
    ])) {
      const { rejected } = await (await call(name, request))();
      assert.equal(rejected.__portOneErrorType, kind, name);
      assert.equal(rejected.code, "BadRequest", `${name}: ${rejected.message}`);
    }
  });

  await t.test("a second call while a window is open", async () => {
    const { page, call } = await visit();
    const first = order();
    const result = await call("requestPayment", first);
    const second = await (await call("requestPayment", order()))();
    assert.equal(second.rejected.code, "BadRequest");
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
  });

  await t.test("a window of its own: paid, and closed by hand", async () => {
    const { page, call } = await visit();
    const windowType = { pc: "POPUP" };
    const paid = order({ windowType, popup: { center: true } });
    let [popup, result] = await Promise.all([
      page.waitForEvent("popup"),
      call("requestPayment", paid),
    ]);
    await popup.frameLocator("iframe").getByRole("button", { name: "결제하기" }).click();
    assert.deepEqual(Object.keys((await result()).resolved).sort(), [
      "paymentId",
      "transactionType",
      "txId",
    ]);
    if (!popup.isClosed()) await popup.waitForEvent("close");
    assert.equal(await status(paid.paymentId), "PAID");

    const closed = order({ windowType });
    [popup, result] = await Promise.all([
      page.waitForEvent("popup"),
      call("requestPayment", closed),
    ]);
    await popup.frameLocator("iframe").getByRole("button", { name: "결제하기" }).waitFor();
    await popup.close();
    assert.match((await result()).resolved.message, /취소/);
    assert.equal(await status(closed.paymentId), "FAILED");
  });

  await t.test("the page is left for the window, and returned to", async () => {
    const redirectUrl = `${shop.origin}/done?cart=7&x=%20#/top`;
    for (const [options, more, act, isPaid] of /** @type {any[]} */ ([
      [PHONE, {}, "결제하기", true],
      [PHONE, {}, "취소", false],
      [{}, { windowType: { pc: "REDIRECTION" } }, "결제하기", true],
      [{}, { forceRedirect: true }, "결제하기", true],
      [{}, { forceRedirect: true }, "취소", false],
    ])) {
      const { page, call } = await visit("/loader", options);
      const asked = order({ redirectUrl, ...more });
      await call("requestPayment", asked);
      const isForced = "forceRedirect" in more;
      const outer = isForced ? frames(page).ours : page;
      const window = options === PHONE ? page : outer.frameLocator("iframe");
      await window.getByLabel("카드").waitFor();
      await window.getByRole("button", { name: act }).click();
      await page.waitForURL(/\/done\?/);
      const url = new URL(page.url());
      const told = Object.fromEntries(url.searchParams);
      assert.ok(page.url().startsWith(redirectUrl.split("#")[0]), page.url());
      assert.equal(url.hash, "#/top");
      assert.doesNotMatch(url.search, /\+/);
      assert.equal(told.transactionType, "PAYMENT");
      assert.equal(told.paymentId, asked.paymentId);
      assert.ok(told.txId);
      assert.equal("code" in told, !isPaid, page.url());
      if (!isPaid) assert.match(told.message ?? "", /취소/);
      assert.equal(await status(asked.paymentId), isPaid ? "PAID" : "FAILED");
    }
  });

  await t.test("on a phone without an address to return to, and back to an app", async () => {
    const { page, call } = await visit("/loader", PHONE);
    const stays = order();
    const result = await call("requestPayment", stays);
    const { ours } = frames(page);
    await ours.getByLabel("카드").waitFor();
    await shot(page, "sdk-phone-frame");
    await ours.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    assert.equal(await status(stays.paymentId), "PAID");

    const app = order({ redirectUrl: "myShop://done?x=1" });
    await call("requestPayment", app);
    await page.getByLabel("카드").waitFor();
    await page.getByRole("button", { name: "결제하기" }).click();
    const link = page.getByRole("link", { name: "앱으로 돌아가기" });
    await link.waitFor();
    await shot(page, "sdk-phone-app");
    const url = new URL((await link.getAttribute("href")) ?? "");
    assert.equal(url.protocol, "myshop:");
    assert.equal(url.searchParams.get("paymentId"), app.paymentId);
  });

  await t.test("virtual accounts", async () => {
    const { page, call } = await visit();
    const asked = order({
      payMethod: "VIRTUAL_ACCOUNT",
      virtualAccount: { accountExpiry: { validHours: 5 } },
    });
    const result = await call("requestPayment", asked);
    const { pg } = frames(page);
    await pg.getByLabel("입금 은행").selectOption("20");
    await shot(page, "sdk-frame-account");
    await pg.getByRole("button", { name: "계좌 발급받기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    const waiting = await rest.getPayment({ paymentId: asked.paymentId });
    assert.equal(waiting.status, "VIRTUAL_ACCOUNT_ISSUED");
    await heard("Transaction.VirtualAccountIssued", asked.paymentId);

    // On a phone the PG tells of the deposit at the address that the window named.
    const phone = await visit("/loader", PHONE);
    const other = order({ payMethod: "VIRTUAL_ACCOUNT" });
    const told = await phone.call("requestPayment", other);
    const { ours } = frames(phone.page);
    await ours.getByLabel("입금 은행").selectOption("20");
    await ours.getByRole("button", { name: "계좌 발급받기" }).click();
    assert.equal("code" in (await told()).resolved, false);
    const { paymentId } = other;
    const issued = /** @type {any} */ (await rest.getPayment({ paymentId }));
    await sandbox.simulator.deposit(issued.method.accountNumber);
    await heard("Transaction.Paid", paymentId);
    assert.equal(await status(paymentId), "PAID");
  });

  // Each method: what the page asks for, what the customer picks, and how REST shows it.
  const methods = /** @type {[string, any, string, string, (method: any) => unknown][]} */ ([
    ["CARD", {}, "카드", "5409876543217715", (it) => it.card.number],
    ["TRANSFER", {}, "출금 은행", "20", (it) => it.bank === "WOORI"],
    [
      "MOBILE",
      { productType: "PRODUCT_TYPE_DIGITAL" },
      "휴대폰",
      "01012345678",
      (it) => it.phoneNumber === "*******5678",
    ],
    [
      "GIFT_CERTIFICATE",
      { giftCertificate: { giftCertificateType: "CULTURELAND" } },
      "상품권",
      "Culture",
      (it) => it.giftCertificateType === "CULTURELAND" && it.approvalNumber,
    ],
    [
      "EASY_PAY",
      { easyPay: { easyPayProvider: "EASY_PAY_PROVIDER_KAKAOPAY" } },
      "카드",
      "9000000000000097",
      (it) => it.provider === "KAKAOPAY" && it.easyPayMethod.type.endsWith("Charge"),
    ],
    [
      "EASY_PAY",
      { easyPay: { easyPayProvider: "TOSSPAY" } },
      "카드",
      "5409876543217715",
      (it) => it.provider === "TOSSPAY" && it.easyPayMethod.card.number,
    ],
  ]);
  for (const device of ["PC", "MOBILE"]) {
    await t.test(`every method on ${device}: paid, then given back`, async () => {
      const { page, call } = await visit("/loader", device === "MOBILE" ? PHONE : {});
      const { ours, pg } = frames(page);
      const window = device === "MOBILE" ? ours : pg;
      for (const [payMethod, more, label, choice, isRight] of methods) {
        const asked = order({ payMethod, ...more });
        const result = await call("requestPayment", asked);
        await window.getByLabel(label).selectOption(choice);
        await shot(page, `sdk-${device}-${payMethod}`.toLowerCase());
        await window.getByRole("button", { name: "결제하기" }).click();
        const told = (await result()).resolved;
        assert.equal("code" in told, false, JSON.stringify(told));
        const { paymentId } = asked;
        const paid = /** @type {any} */ (await rest.getPayment({ paymentId }));
        assert.equal(paid.status, "PAID");
        assert.ok(isRight(paid.method), JSON.stringify(paid.method));
        await rest.cancelPayment({ paymentId, amount: 2000, reason: "일부" });
        await rest.cancelPayment({ paymentId, reason: "나머지" });
        assert.equal(await status(paymentId), "CANCELLED");
      }
    });

    await t.test(`methods without cards on ${device}: declined`, async () => {
      const { page, call } = await visit("/loader", device === "MOBILE" ? PHONE : {});
      const { ours, pg } = frames(page);
      const window = device === "MOBILE" ? ours : pg;
      for (const [payMethod, more, label] of methods.slice(1, 4)) {
        const asked = order({ payMethod, ...more });
        const result = await call("requestPayment", asked);
        await window.getByLabel(label).selectOption("decline");
        await window.getByRole("button", { name: "결제하기" }).click();
        const told = (await result()).resolved;
        assert.equal(told.pgCode, "120054", JSON.stringify(told));
        assert.equal(await status(asked.paymentId), "FAILED");
      }
    });
  }

  await t.test("a billing key with its first payment, on the phone bill", async () => {
    const asked = (more = {}) =>
      order({
        payMethod: undefined,
        billingKeyAndPayMethod: "MOBILE",
        productType: "PRODUCT_TYPE_REAL",
        offerPeriod: { interval: "1m" },
        ...more,
      });
    const { page, call } = await visit();
    const { pg } = frames(page);
    const paid = asked();
    let result = await call("requestIssueBillingKeyAndPay", paid);
    await pg.getByRole("heading", { name: "휴대폰 정기결제" }).waitFor();
    await shot(page, "sdk-issue-and-pay");
    await pg.getByRole("button", { name: "결제하기" }).click();
    const { billingKey, txId, ...told } = (await result()).resolved;
    assert.deepEqual(told, {
      transactionType: "ISSUE_BILLING_KEY_AND_PAY",
      paymentId: paid.paymentId,
    });
    const { paymentId } = paid;
    const found = /** @type {any} */ (await rest.getPayment({ paymentId }));
    assert.equal(found.status, "PAID");
    assert.equal(found.transactionId, txId);
    assert.equal(found.billingKey, billingKey);
    await heard("Transaction.Paid", paymentId);
    await receiver.next(
      (one) =>
        one.json?.type === "BillingKey.Issued" && one.json.data.billingKey === billingKey,
    );
    const key = /** @type {any} */ (await rest.billingKey.getBillingKeyInfo({ billingKey }));
    assert.equal(key.methods[0].type, "BillingKeyPaymentMethodMobile");

    // Another amount than the first is the PG's to refuse.
    await assert.rejects(
      rest.payWithBillingKey({
        paymentId: newId(),
        billingKey,
        orderName: "홍차",
        amount: { total: 5000 },
        currency: "KRW",
        customer: { name: { full: "홍길동" }, phoneNumber: "01012345678", email: "a@b.example" },
      }),
    );

    const declined = asked();
    result = await call("requestIssueBillingKeyAndPay", declined);
    await pg.getByLabel("휴대폰").selectOption("decline");
    await pg.getByRole("button", { name: "결제하기" }).click();
    const refused = (await result()).resolved;
    assert.equal(refused.code, "FAILURE_TYPE_PG");
    assert.equal(refused.billingKey, "");
    assert.equal(await status(declined.paymentId), "FAILED");

    const redirectUrl = `${shop.origin}/done?cart=7`;
    const phone = await visit("/loader", PHONE);
    const onPhone = asked({ redirectUrl });
    await phone.call("requestIssueBillingKeyAndPay", onPhone);
    await phone.page.getByRole("button", { name: "결제하기" }).click();
    await phone.page.waitForURL(/\/done\?/);
    const query = Object.fromEntries(new URL(phone.page.url()).searchParams);
    assert.equal(query.transactionType, "ISSUE_BILLING_KEY_AND_PAY");
    assert.match(query.billingKey ?? "", /^billing-key-/);
    assert.equal("code" in query, false);
    assert.equal(await status(onPhone.paymentId), "PAID");

    const { rejected } = await (
      await call("requestIssueBillingKeyAndPay", asked({ productType: undefined }))
    )();
    assert.equal(rejected.code, "RequestParseFailed");
    assert.equal(rejected.__portOneErrorType, "IssueBillingKeyAndPayError");
  });

  await t.test("billing keys: issued, and cancelled", async () => {
    const { page, call } = await visit();
    const issue = (more = {}) => ({
      storeId: sandbox.storeId,
      channelKey: sandbox.file.channels[1].key,
      billingKeyMethod: "CARD",
      issueId: newId(),
      issueName: "홍차 구독",
      customer: order().customer,
      noticeUrls: [receiver.url()],
      ...more,
    });
    let result = await call("requestIssueBillingKey", issue());
    const { pg } = frames(page);
    await pg.getByRole("button", { name: "등록하기" }).click();
    const { billingKey, ...rest_ } = (await result()).resolved;
    assert.deepEqual(rest_, { transactionType: "ISSUE_BILLING_KEY" });
    const paymentId = newId();
    const paid = await rest.payWithBillingKey({
      paymentId,
      billingKey,
      orderName: "홍차",
      amount: { total: 5000 },
      currency: "KRW",
      customer: { name: { full: "홍길동" }, phoneNumber: "01012345678", email: "a@b.example" },
    });
    assert.ok(paid.payment.pgTxId);
    await receiver.next((one) => one.json?.type === "BillingKey.Issued");

    result = await call("requestIssueBillingKey", issue());
    await pg.getByRole("button", { name: "취소" }).click();
    let told = (await result()).resolved;
    assert.equal(told.billingKey, "");
    assert.equal(told.code, "FAILURE_TYPE_PG");

    // On phones the PG has another window, which wants to know for how long.
    const { page: phone, call: onPhone } = await visit("/loader", PHONE);
    const window = frames(phone).ours;
    const { rejected } = await (await onPhone("requestIssueBillingKey", issue()))();
    assert.equal(rejected.code, "RequestParseFailed");
    assert.match(rejected.message, /offerPeriod/);
    const offerPeriod = { interval: "1m" };
    result = await onPhone("requestIssueBillingKey", issue({ offerPeriod }));
    await window.getByLabel("카드").waitFor();
    await shot(phone, "sdk-mobile-billing-key");
    await window.getByRole("button", { name: "등록하기" }).click();
    told = (await result()).resolved;
    assert.equal("code" in told, false, JSON.stringify(told));
    const again = await rest.payWithBillingKey({
      paymentId: newId(),
      billingKey: told.billingKey,
      orderName: "홍차",
      amount: { total: 5000 },
      currency: "KRW",
      customer: { name: { full: "홍길동" }, phoneNumber: "01012345678", email: "a@b.example" },
    });
    assert.ok(again.payment.pgTxId);
    const redirectUrl = `${shop.origin}/done`;
    await onPhone("requestIssueBillingKey", issue({ offerPeriod, redirectUrl }));
    await phone.getByLabel("카드").selectOption("9000000000120049");
    await phone.getByRole("button", { name: "등록하기" }).click();
    await phone.waitForURL(/\/done\?/);
    const query = Object.fromEntries(new URL(phone.url()).searchParams);
    assert.equal(query["billingKey"], "");
    assert.equal(query["pgCode"], "120049");
  });

  await t.test("a page that is broken, without cookies, on a slow network", async () => {
    const { page, call } = await visit("/broken", { mayFail: true });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 20_000,
    });
    const asked = order();
    const result = await call("requestPayment", asked);
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await result()).resolved, false);
    assert.equal(await status(asked.paymentId), "PAID");
  });

  await t.test("the network is lost on the way back, and the customer wants out", async () => {
    const { page, call } = await visit();
    const asked = order();
    const result = await call("requestPayment", asked);
    const pays = frames(page).pg.getByRole("button", { name: "결제하기" });
    await pays.waitFor();
    const server = new URL(sandbox.file.v2.url).origin;
    const lost = (/** @type {URL} */ url) => url.origin === server;
    await page.context().route(lost, (/** @type {any} */ route) => route.abort());
    await pays.click();
    await page.getByRole("button", { name: "결제창 닫기" }).click();
    // What became of it the server alone knows, so the page goes on asking and says so.
    await page.getByText("결과를 확인하는 중입니다").waitFor();
    await shot(page, "sdk-lost-network");
    assert.equal(await status(asked.paymentId), "READY");
    await page.context().unroute(lost);
    assert.equal((await result()).resolved.pgCode, "NARU_WINDOW_LEFT");
    assert.equal(await status(asked.paymentId), "FAILED");

    // A new try pays, once.
    const again = await call("requestPayment", asked);
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await again()).resolved, false);
    assert.equal(await status(asked.paymentId), "PAID");
  });

  await t.test("only the page that asked may have the window in a frame", async () => {
    const { page, call } = await visit();
    const result = await call("requestPayment", order());
    const frame = page.locator("iframe[title^=결제창]");
    const url = (await frame.getAttribute("src")) ?? "";
    const policy = (await fetch(url)).headers.get("content-security-policy") ?? "";
    assert.match(policy, new RegExp(`frame-ancestors ${shop.origin}$`));
    await page.getByRole("button", { name: "결제창 닫기" }).click();
    await result();
    // The page is told where it can be told: a stranger's message does not end anything.
    const again = await call("requestPayment", order());
    await frames(page).pg.getByRole("button", { name: "결제하기" }).waitFor();
    await page.evaluate(() => postMessage({ type: "naru.window.ended", window: "x" }, "*"));
    await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
    assert.equal("code" in (await again()).resolved, false);
  });

  await t.test("the script is small and cached", async () => {
    for (const name of ["browser-sdk.js", "browser-sdk.esm.js"]) {
      const url = `${sandbox.file.v2.url}/v2/${name}`;
      const first = await fetch(url);
      assert.equal(first.headers.get("content-type"), "text/javascript; charset=utf-8");
      assert.equal(first.headers.get("access-control-allow-origin"), "*");
      assert.equal(first.headers.get("cross-origin-resource-policy"), "cross-origin");
      const version = first.headers.get("etag") ?? "";
      const second = await fetch(url, { headers: { "if-none-match": version } });
      assert.equal(second.status, 304);
      const script = Buffer.from(await first.arrayBuffer());
      assert.ok(gzipSync(script).length < 30_000, "the budget");
    }
    const told = await sandbox.naru(
      ...["windows", "open", "--store", sandbox.storeId, "--payment", newId()],
      ...["--channel", sandbox.channel, "--amount", "12000"],
    );
    const { pageUrl } = JSON.parse(told);
    const html = await (await fetch(pageUrl)).text();
    const own = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path ?? "");
    assert.ok(own.length >= 2);
    let bytes = Buffer.byteLength(html);
    for (const path of own) {
      const part = await fetch(new URL(path, pageUrl));
      bytes += (await part.arrayBuffer()).byteLength;
    }
    assert.ok(bytes < 100_000, `a window's page is ${bytes} bytes`);
  });
});

test("a customer who takes too long", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t, { env: { NARU_LIMITS__WINDOW_S: "1" } });
  const { payment: rest } = sandbox.client();
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);
  const { page, call } = await Customer.visit(t, browser, `${shop.origin}/loader`);
  const paymentId = newId();
  const result = await call("requestPayment", {
    storeId: sandbox.storeId,
    channelKey: sandbox.channel,
    paymentId,
    orderName: "홍차 한 상자",
    totalAmount: 12000,
    currency: "KRW",
    payMethod: "CARD",
    customer: { fullName: "홍길동", phoneNumber: "01012345678", email: "hong@shop.example" },
  });
  // Nobody does anything: the page asks until the time is over.
  const told = (await result()).resolved;
  assert.equal(told.code, "FAILURE_TYPE_PG");
  assert.equal(told.pgCode, "NARU_WINDOW_EXPIRED");
  assert.equal(await page.locator("iframe").count(), 0);
  assert.equal((await rest.getPayment({ paymentId })).status, "FAILED");
});
