// The V1 browser SDK (`iamport.js`) in a real Chromium: payments and billing keys, by callback and by
// `m_redirect_url`, read back by the V1 REST API.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

test("the V1 browser SDK in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);
  const { v1 } = sandbox.file;

  const post = async (/** @type {string} */ path, /** @type {any} */ body, token = "") => {
    const headers = { "content-type": "application/json", authorization: token };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${v1.url}${path}`, init)).json();
  };
  const { response } = await post("/users/getToken", {
    imp_key: v1.impKey,
    imp_secret: v1.impSecret,
  });
  const token = response.access_token;
  const read = async (/** @type {string} */ imp_uid) => {
    const headers = { authorization: token };
    return (await fetch(`${v1.url}/payments/${imp_uid}`, { headers })).json();
  };
  const order = (more = {}) => ({
    channelKey: sandbox.channel,
    pay_method: "card",
    merchant_uid: newId().slice(0, 40),
    name: "홍차 한 상자",
    amount: 12000,
    buyer_name: "홍길동",
    buyer_tel: "010-1234-5678",
    buyer_email: "hong@shop.example",
    custom_data: { cart: 7 },
    ...more,
  });
  const visit = (path = "/v1", options = {}) =>
    Customer.visit(t, browser, `${shop.origin}${path}`, options);
  const frames = (/** @type {any} */ page) => {
    const ours = page.frameLocator("iframe[title^=결제창]");
    return { ours, pg: ours.frameLocator("iframe") };
  };

  for (const path of ["/v1", "/v1-old", "/v1-module"]) {
    await t.test(`paid: ${path}`, async () => {
      const { page, call } = await visit(path);
      const asked = order();
      const result = await call("request_pay", asked);
      await frames(page).pg.getByRole("button", { name: "결제하기" }).click();
      const told = (await result()).resolved;
      assert.equal(told.success, true);
      assert.equal(told.imp_success, true);
      assert.equal("error_code" in told, false);
      assert.equal("error_msg" in told, false);
      assert.equal(told.merchant_uid, asked.merchant_uid);
      assert.equal(told.paid_amount, 12000);
      assert.equal(told.status, "paid");
      assert.equal(told.pay_method, "card");
      assert.equal(told.pg_provider, "html5_inicis");
      assert.deepEqual(told.custom_data, { cart: 7 });
      assert.ok(told.card_name && told.apply_num && told.imp_uid.startsWith("imp"));
      const { response: paid } = await read(told.imp_uid);
      assert.equal(paid.status, "paid");
      assert.equal(paid.amount, 12000);
      assert.equal(paid.pg_tid, told.pg_tid);
      assert.equal(paid.channel, "pc");
    });
  }

  await t.test("every method, and a deposit", async () => {
    const { page, call } = await visit();
    const { pg } = frames(page);
    for (const [pay_method, label, choice, shown] of [
      ["trans", "출금 은행", "20", "trans"],
      ["phone", "휴대폰", "01012345678", "phone"],
      ["smartculture", "상품권", "DGCL", "smartculture"],
      ["kakaopay", "카드", "9000000000000097", "point"],
    ]) {
      const result = await call("request_pay", order({ pay_method }));
      await pg.getByLabel(label).selectOption(choice);
      await pg.getByRole("button", { name: "결제하기" }).click();
      const told = (await result()).resolved;
      assert.equal(told.success, true, JSON.stringify(told));
      assert.equal(told.pay_method, shown);
      if (pay_method === "kakaopay") assert.equal(told.emb_pg_provider, "kakaopay");
      if (pay_method === "trans") assert.equal(told.bank_name, "우리은행");
    }
    const monthLater = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    for (const [more, day] of [
      [{ vbank_due: "20301231" }, "2030-12-31"],
      [{}, monthLater],
    ]) {
      const result = await call("request_pay", order({ pay_method: "vbank", ...more }));
      await pg.getByRole("button", { name: "계좌 발급받기" }).click();
      const told = (await result()).resolved;
      assert.equal(told.success, true);
      assert.equal(told.status, "ready");
      assert.ok(told.vbank_num && told.vbank_name);
      assert.ok(new Date(told.vbank_date * 1000).toISOString().startsWith(day));
    }
  });

  await t.test("cancelled, declined, and refused before a window opens", async () => {
    const { page, call } = await visit();
    const { pg } = frames(page);
    let result = await call("request_pay", order());
    await pg.getByRole("button", { name: "취소" }).click();
    let told = (await result()).resolved;
    assert.equal(told.success, false);
    assert.match(told.error_msg, /취소/);
    result = await call("request_pay", order());
    await pg.getByLabel("카드").selectOption("9000000000120049");
    await pg.getByRole("button", { name: "결제하기" }).click();
    told = (await result()).resolved;
    assert.equal(told.error_code, "120049");
    assert.equal((await read(told.imp_uid)).response.status, "failed");

    const paid = order();
    result = await call("request_pay", paid);
    await pg.getByRole("button", { name: "결제하기" }).click();
    await result();
    const prepared = order();
    const { merchant_uid } = prepared;
    await post("/payments/prepare", { merchant_uid, amount: 999 }, token);
    for (const [request, code, message] of /** @type {[any, string, RegExp][]} */ ([
      [null, "F400", /누락/],
      [order({ amount: "12000" }), "F400", /amount/],
      [order({ merchant_uid: 7 }), "F400", /merchant_uid/],
      [order({ pay_method: "wechat" }), "F400", /pay_method/],
      [order({ buyer_email: "" }), "F400", /buyer_email/],
      [order({ channelKey: "none" }), "NOT_READY", /PG 설정 정보/],
      [paid, "F400", /이미/],
      [prepared, "F400", /amount/],
    ])) {
      const told = (await (await call("request_pay", request))()).resolved;
      assert.equal(told.error_code, code, JSON.stringify(told));
      assert.match(told.error_msg, message);
      assert.equal(told.success, false);
      assert.equal(told.imp_uid, null);
    }
    const nowhere = { channelKey: "none" };
    const certified = (await (await call("certification", nowhere))()).resolved;
    assert.equal(certified.error_code, "NOT_READY");
    for (const [path, code] of [
      ["/v1-nobody", "NOT_READY"],
      ["/v1-early", "F400"],
    ]) {
      const { call } = await visit(path);
      assert.equal((await (await call("request_pay", order()))()).resolved.error_code, code, path);
    }
  });

  await t.test("a phone's page is left and returned to", async () => {
    const m_redirect_url = `${shop.origin}/done?cart=7`;
    for (const [act, isPaid] of /** @type {[string, boolean][]} */ ([
      ["결제하기", true],
      ["취소", false],
    ])) {
      const { page, call } = await visit("/v1", PHONE);
      const asked = order({ m_redirect_url });
      await call("request_pay", asked);
      await page.getByLabel("카드").waitFor();
      await page.getByRole("button", { name: act }).click();
      await page.waitForURL(/\/done\?/);
      const told = Object.fromEntries(new URL(page.url()).searchParams);
      assert.equal(told["cart"], "7");
      assert.equal(told["merchant_uid"], asked.merchant_uid);
      assert.equal(told["imp_success"], String(isPaid));
      assert.equal(told["success"], String(isPaid));
      assert.equal("error_code" in told, !isPaid);
      assert.equal("error_msg" in told, !isPaid);
      const status = (await read(told["imp_uid"] ?? "")).response.status;
      assert.equal(status, isPaid ? "paid" : "failed");
    }
    // Without an address the callback is called, on a phone too.
    const { page, call } = await visit("/v1", PHONE);
    const result = await call("request_pay", order());
    const { ours } = frames(page);
    await ours.getByLabel("카드").waitFor();
    await shot(page, "sdk-v1-phone");
    await ours.getByRole("button", { name: "결제하기" }).click();
    assert.equal((await result()).resolved.success, true);
  });

  await t.test("a pop-up", async () => {
    const { page, call } = await visit();
    const [popup, result] = await Promise.all([
      page.waitForEvent("popup"),
      call("request_pay", order({ popup: true })),
    ]);
    await popup.frameLocator("iframe").getByRole("button", { name: "결제하기" }).click();
    assert.equal((await result()).resolved.success, true);
  });

  await t.test("a billing key, charged by REST", async () => {
    const { page, call } = await visit();
    const customer_uid = newId();
    const channelKey = sandbox.file.channels[1].key;
    const asked = order({ customer_uid, channelKey, amount: 0 });
    const result = await call("request_pay", asked);
    await frames(page).pg.getByRole("button", { name: "등록하기" }).click();
    const told = (await result()).resolved;
    assert.equal(told.success, true, JSON.stringify(told));
    assert.equal(told.customer_uid, customer_uid);
    assert.equal(told.merchant_uid, asked.merchant_uid);
    const { response: issued } = await read(told.imp_uid);
    assert.deepEqual(
      [issued.status, issued.amount, issued.customer_uid, issued.customer_uid_usage],
      ["paid", 0, customer_uid, "issue"],
    );
    assert.equal(issued.merchant_uid, asked.merchant_uid);
    const merchant_uid = newId().slice(0, 40);
    const charged = await post(
      "/subscribe/payments/again",
      {
        customer_uid,
        merchant_uid,
        amount: 5000,
        name: "홍차",
        buyer_name: "홍길동",
        buyer_tel: "01012345678",
        buyer_email: "hong@shop.example",
      },
      token,
    );
    assert.equal(charged.response?.status, "paid", JSON.stringify(charged));
  });

  await t.test("what was not told by webhook, and why", async () => {
    const log = async (/** @type {string} */ id) =>
      (await sandbox.json("payments", "webhooks", "--store", sandbox.storeId, id)).items;
    const { page, call } = await visit();
    const { pg } = frames(page);
    const failed = order();
    let result = await call("request_pay", failed);
    await pg.getByRole("button", { name: "취소" }).click();
    await result();
    assert.deepEqual(
      (await log(failed.merchant_uid)).map((/** @type {any} */ one) => [one.event, one.url]),
      [
        ["Transaction.Ready", null],
        ["Transaction.Failed", null],
      ],
    );
    const told = order({ notice_url: "http://127.0.0.1:9/hook" });
    result = await call("request_pay", told);
    await pg.getByRole("button", { name: "결제하기" }).click();
    const { imp_uid } = (await result()).resolved;
    await post("/payments/cancel", { imp_uid, reason: "취소" }, token);
    const lines = await log(told.merchant_uid);
    const why = (/** @type {string} */ event) =>
      lines.find((/** @type {any} */ one) => one.event === event);
    assert.match(why("Transaction.Ready").notSent, /window/);
    assert.equal(why("Transaction.Paid").url, "http://127.0.0.1:9/hook");
    assert.equal(why("Transaction.Paid").notSent, null);
    assert.match(why("Transaction.Cancelled").notSent, /enable_webhook/);
  });

  await t.test("which PGs a store has, for scripts of old", async () => {
    const url = `${v1.url}/users/pg/${v1.userCode}`;
    const answer = await fetch(url);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const { code, data } = await answer.json();
    assert.equal(code, 0);
    assert.equal(data[0].pg_provider, "html5_inicis");
    assert.equal(data[0].type, "payment");
    const padded = await (await fetch(`${url}?callback=jQuery1_2`)).text();
    assert.match(padded, /^jQuery1_2\(\{.*\}\);$/);
    const nobody = await fetch(`${v1.url}/users/pg/imp99999999`);
    assert.equal(nobody.status, 200);
    assert.equal((await nobody.json()).code, 1);
  });
});
