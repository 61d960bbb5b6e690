// Identity verification in windows, by both browser SDKs in a real Chromium, as the page, the REST
// API and the PG's pages tell it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Customer, PHONE, launch, shot } from "./support/browser.mjs";
import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Shop } from "./support/shop.mjs";

const key = (/** @type {number} */ last) => `channel-key-6e617275-0000-4000-8000-000000000${last}`;
const DANAL = key(201);
const UNIFIED = key(203);

test("identity verification in Chromium", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { identityVerification: rest } = sandbox.client();
  const shop = await Shop.start(t, sandbox.file.v2.url);
  const browser = await launch(t);

  const asked = (/** @type {any} */ more = {}) => ({
    storeId: sandbox.storeId,
    channelKey: DANAL,
    identityVerificationId: newId(),
    ...more,
  });
  const unified = (/** @type {any} */ more = {}) =>
    asked({ channelKey: UNIFIED, bypass: { inicisUnified: { flgFixedUser: "N" } }, ...more });
  const visit = (path = "/loader", options = {}) =>
    Customer.visit(t, browser, `${shop.origin}${path}`, options);
  const read = (/** @type {any} */ { identityVerificationId }) =>
    rest.getIdentityVerification({ identityVerificationId });
  /** Opens a window of its own. */
  const popup = async (/** @type {any} */ { page, call }, /** @type {any} */ request) =>
    Promise.all([page.waitForEvent("popup"), call("requestIdentityVerification", request)]);
  /** What a person does at Danal. */
  const byMessage = async (/** @type {any} */ window, name = "") => {
    await window.getByRole("button", { name: "인증번호 받기" }).waitFor();
    if (name) await shot(window, `${name}-person`);
    await window.getByRole("button", { name: "인증번호 받기" }).click();
    const otp = await window.locator("#message").textContent();
    await window.getByLabel("인증번호").fill(otp ?? "");
    if (name) await shot(window, `${name}-password`);
    await window.getByRole("button", { name: "확인" }).click();
  };

  await t.test("by message, in a window of its own", async () => {
    const customer = await visit();
    const request = asked({ customer: { phoneNumber: "01011112222" }, customData: { a: 1 } });
    const [window, result] = await popup(customer, request);
    assert.equal(await window.getByLabel("휴대폰 번호").inputValue(), "01011112222");
    await byMessage(window, "identity-danal");
    const { resolved } = await result();
    const verified = /** @type {any} */ (await read(request));
    assert.deepEqual(resolved, {
      transactionType: "IDENTITY_VERIFICATION",
      identityVerificationId: request.identityVerificationId,
      identityVerificationTxId: resolved.identityVerificationTxId,
    });
    assert.ok(resolved.identityVerificationTxId);
    if (!window.isClosed()) await window.waitForEvent("close");
    assert.equal(verified.status, "VERIFIED");
    assert.equal(verified.customData, '{"a":1}');
    assert.equal(verified.verifiedCustomer.phoneNumber, "01011112222");
    assert.ok(verified.verifiedCustomer.ci && verified.verifiedCustomer.di);

    // Verified is verified.
    const { rejected } = await (await customer.call("requestIdentityVerification", request))();
    assert.equal(rejected.code, "IdentityVerificationAlreadyVerified");
    assert.equal(rejected.__portOneErrorType, "IdentityVerificationError");
    assert.equal(rejected.identityVerificationId, request.identityVerificationId);
  });

  await t.test("by a bank or an app, in every place a window has", async () => {
    const customer = await visit();
    const request = unified();
    const [window, result] = await popup(customer, request);
    await window.getByLabel("인증 기관").selectOption("SHINHAN");
    await shot(window, "identity-unified");
    await window.getByRole("button", { name: "인증 완료" }).click();
    assert.equal("code" in (await result()).resolved, false);
    const verified = /** @type {any} */ (await read(request));
    assert.equal(verified.status, "VERIFIED");
    assert.equal(verified.channel.pgProvider, "INICIS_UNIFIED");

    const framed = unified({ windowType: { pc: "IFRAME" } });
    const told = await customer.call("requestIdentityVerification", framed);
    const frame = customer.page.frameLocator("iframe[title^=결제창]");
    await frame.getByRole("button", { name: "인증 완료" }).click();
    assert.equal("code" in (await told()).resolved, false);
    assert.equal((await read(framed)).status, "VERIFIED");

    const redirectUrl = `${shop.origin}/done?cart=7`;
    for (const [options, more, isVerified] of /** @type {any[]} */ ([
      [PHONE, {}, true],
      [PHONE, {}, false],
      [{}, { windowType: { pc: "REDIRECTION" } }, true],
    ])) {
      const { page, call } = await visit("/loader", options);
      const request = unified({ redirectUrl, ...more });
      await call("requestIdentityVerification", request);
      await page.getByRole("button", { name: "인증 완료" }).waitFor();
      if (options === PHONE) await shot(page, "identity-unified-phone");
      await page.getByRole("button", { name: isVerified ? "인증 완료" : "취소" }).click();
      await page.waitForURL(/\/done\?/);
      const told = Object.fromEntries(new URL(page.url()).searchParams);
      assert.equal(told.cart, "7");
      assert.equal(told.transactionType, "IDENTITY_VERIFICATION");
      assert.equal(told.identityVerificationId, request.identityVerificationId);
      assert.ok(told.identityVerificationTxId);
      assert.equal("code" in told, !isVerified, page.url());
      assert.equal((await read(request)).status, isVerified ? "VERIFIED" : "FAILED");
    }
  });

  await t.test("cancelled, closed, wrong, and begun anew", async () => {
    const customer = await visit();
    const request = asked();
    let [window, result] = await popup(customer, request);
    await window.getByRole("button", { name: "취소" }).click();
    let told = (await result()).resolved;
    assert.equal(told.code, "FAILURE_TYPE_PG");
    assert.equal(told.pgCode, "NARU_WINDOW_LEFT");
    assert.match(told.message, /취소/);
    assert.equal((await read(request)).status, "FAILED");

    [window, result] = await popup(customer, request);
    await window.getByRole("button", { name: "인증번호 받기" }).waitFor();
    await window.close();
    told = (await result()).resolved;
    assert.match(told.message, /취소/);

    // The phone is somebody else's: the PG's page says so, and the person mends it.
    [window, result] = await popup(customer, request);
    await window.getByLabel("휴대폰 번호").fill("01090000002");
    await window.getByRole("button", { name: "인증번호 받기" }).click();
    await window.getByRole("alert").waitFor();
    assert.equal(await window.getByLabel("휴대폰 번호").inputValue(), "01090000002", "it stays");
    await shot(window, "identity-danal-wrong");
    await window.getByLabel("휴대폰 번호").fill("01012345678");
    await byMessage(window);
    assert.equal("code" in (await result()).resolved, false);
    assert.equal((await read(request)).status, "VERIFIED");
  });

  await t.test("only the expected person", async () => {
    const customer = await visit();
    const person = { fullName: "임꺽정", phoneNumber: "01099998888" };
    const born = { birthYear: "1985", birthMonth: "12", birthDay: "31" };
    const request = unified({
      customer: { ...person, ...born },
      bypass: { inicisUnified: { flgFixedUser: "Y" } },
    });
    const [window, result] = await popup(customer, request);
    assert.equal(await window.getByLabel("이름").getAttribute("readonly"), "");
    await shot(window, "identity-unified-fixed");
    await window.getByRole("button", { name: "인증 완료" }).click();
    assert.equal("code" in (await result()).resolved, false);
    const verified = /** @type {any} */ (await read(request));
    assert.equal(verified.verifiedCustomer.name, "임꺽정");
    assert.equal(verified.verifiedCustomer.birthDate, "1985-12-31");

    for (const [request, code] of /** @type {[any, string][]} */ ([
      [unified({ bypass: undefined }), "RequestParseFailed"],
      [unified({ bypass: { inicisUnified: { flgFixedUser: "Y" } } }), "RequestParseFailed"],
      [asked({ channelKey: sandbox.channel }), "RequestParseFailed"],
      [asked({ channelKey: undefined }), "BadRequest"],
      [asked({ identityVerificationId: undefined }), "BadRequest"],
    ])) {
      const { rejected } = await (await customer.call("requestIdentityVerification", request))();
      assert.equal(rejected.code, code, `${JSON.stringify(request)}: ${rejected.message}`);
      assert.equal(rejected.__portOneErrorType, "IdentityVerificationError");
    }
  });

  await t.test("V1: certification", async () => {
    const { v1 } = sandbox.file;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ imp_key: v1.impKey, imp_secret: v1.impSecret });
    const signed = await fetch(`${v1.url}/users/getToken`, { method: "POST", headers, body });
    const authorization = (await signed.json()).response.access_token;
    const certification = async (/** @type {string} */ imp_uid) => {
      const init = { headers: { authorization } };
      return (await (await fetch(`${v1.url}/certifications/${imp_uid}`, init)).json()).response;
    };
    const { page, call } = await visit("/v1");
    const open = async (/** @type {any} */ params) =>
      Promise.all([page.waitForEvent("popup"), call("certification", params)]);

    const params = { pg: "danal", merchant_uid: newId().slice(0, 40), name: "홍길동", phone: "010-1234-5678" };
    let [window, result] = await open({ ...params, carrier: "KTF", min_age: 19, popup: false });
    await byMessage(window);
    let told = (await result()).resolved;
    assert.equal(told.success, true, JSON.stringify(told));
    assert.equal(told.merchant_uid, params.merchant_uid);
    const known = await certification(told.imp_uid);
    assert.equal(known.certified, true);
    assert.equal(known.name, "홍길동");
    assert.equal(known.birthday, "1990-01-01");
    assert.equal(known.phone, "01012345678");
    assert.equal(known.merchant_uid, params.merchant_uid);
    assert.equal(known.pg_provider, "danal");
    assert.ok(known.unique_key && known.unique_in_site);

    [window, result] = await open({ channelKey: DANAL });
    await window.getByRole("button", { name: "취소" }).click();
    told = (await result()).resolved;
    assert.equal(told.success, false);
    assert.match(told.error_msg, /취소/);
    assert.match(told.merchant_uid, /^nobody_/);

    const bypass = { inicisUnified: { flgFixedUser: "N" } };
    [window, result] = await open({ pg: "inicis_unified.INIiasTest", bypass });
    await window.getByRole("button", { name: "인증 완료" }).click();
    told = (await result()).resolved;
    assert.equal(told.success, true, JSON.stringify(told));
    assert.equal((await certification(told.imp_uid)).pg_provider, "inicis_unified");

    for (const params of [
      { channelKey: "channel-key-none" },
      { pg: "danal", carrier: "AT&T" },
      { pg: "danal", phone: "1" },
    ]) {
      const told = (await (await call("certification", params))()).resolved;
      assert.equal(told.success, false);
      assert.ok(told.error_msg, JSON.stringify(told));
    }

    const phone = await visit("/v1", PHONE);
    const m_redirect_url = `${shop.origin}/done?cart=7`;
    await phone.call("certification", { pg: "danal", m_redirect_url });
    await byMessage(phone.page);
    await phone.page.waitForURL(/\/done\?/);
    const query = Object.fromEntries(new URL(phone.page.url()).searchParams);
    assert.equal(query.cart, "7");
    assert.equal(query.success, "true");
    assert.equal((await certification(query.imp_uid ?? "")).certified, true);
  });
});
