// Two clients of V1, unchanged but for their base URL, take, read, list and cancel payments.

import assert from "node:assert/strict";
import { test } from "node:test";
import Iamport from "iamport";
import rest from "iamport-rest-client-nodejs";

import { GOOD_CARD, newId } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const { Payments, Prepare, Subscribe, Customers, Cards, Banks, Vbanks, Receipts } = rest.Request;

const card = (number = GOOD_CARD) => ({
  card_number: number.replace(/(\d{4})(?=\d)/g, "$1-"),
  expiry: "2030-12",
  birth: "900101",
  pwd_2digit: "12",
});

const buyer = {
  buyer_name: "홍길동",
  buyer_email: "hong@shop.example",
  buyer_tel: "010-1234-5678",
};

const person = {
  customer_name: "홍길동",
  customer_email: "hong@shop.example",
  customer_tel: "010-1234-5678",
};

/** An order of a thousand won. */
const order = (/** @type {object} */ fields = {}) => ({
  merchant_uid: newId().slice(0, 40),
  amount: 1000,
  name: "나룻배 표",
  ...buyer,
  ...fields,
});

test("npm iamport", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { impKey, impSecret } = sandbox.file.v1;
  Iamport.DEFAULT_HOST = sandbox.url;
  const iamport = new Iamport({ impKey, impSecret });
  const receiver = await openReceiver(t);

  await t.test("a card pays once and is cancelled in two parts", async () => {
    const asked = order({ notice_url: receiver.url() });
    const paid = await iamport.subscribe.onetime({ ...asked, ...card() });
    assert.equal(paid.status, "paid");
    assert.match(paid.imp_uid, /^imps_\d{12}$/);
    const told = await receiver.next(({ json }) => json?.imp_uid === paid.imp_uid);
    assert.deepEqual(told.json, {
      imp_uid: paid.imp_uid,
      merchant_uid: asked.merchant_uid,
      status: "paid",
    });
    assert.equal(told.headers["webhook-signature"], undefined);
    const { imp_uid } = paid;
    assert.deepEqual(await iamport.payment.getByImpUid({ imp_uid }), paid);
    const { merchant_uid } = asked;
    assert.deepEqual(await iamport.payment.getByMerchant({ merchant_uid }), paid);
    const part = await iamport.payment.cancel({ imp_uid, amount: 400, checksum: 1000 });
    assert.deepEqual([part.status, part.cancel_amount], ["cancelled", 400]);
    const whole = await iamport.payment.cancel({ merchant_uid, reason: "변심" });
    assert.deepEqual([whole.cancel_amount, whole.cancel_history.length], [1000, 2]);
    await assert.rejects(iamport.payment.cancel({ imp_uid }), /이미 전액취소된 주문입니다\./);
    const list = await iamport.payment.getByStatus({ payment_status: "cancelled", page: 1 });
    assert.deepEqual(list.list, [whole]);
  });

  await t.test("refusals have their words", async () => {
    const missing = iamport.payment.getByImpUid({ imp_uid: "imp_000000000000" });
    await assert.rejects(missing, { code: "HTTP_404" });
    const unknown = iamport.subscribe.again({ ...order(), customer_uid: "none" });
    await assert.rejects(unknown, /등록되지 않은 구매자입니다\./);
    const declined = iamport.subscribe.onetime({ ...order(), ...card("9000000000120049") });
    await assert.rejects(declined, /카드정보 인증에 실패하였습니다\. /);
    const nobody = new Iamport({ impKey, impSecret: "wrong" });
    await assert.rejects(nobody.payment.getByImpUid({ imp_uid: "imp_000000000000" }));
  });

  await t.test("a saved card is charged, replaced and deleted", async () => {
    const customer_uid = "customer-1";
    const saved = await iamport.subscribe_customer.create({ customer_uid, ...card(), ...person });
    assert.equal(saved.customer_uid, customer_uid);
    assert.equal(saved.inserted, saved.updated);
    const paid = await iamport.subscribe.again({ ...order(), customer_uid });
    assert.deepEqual(
      [paid.status, paid.customer_uid, paid.customer_uid_usage],
      ["paid", customer_uid, "payment"],
    );
    const gone = await iamport.subscribe_customer.delete({ customer_uid });
    assert.equal(gone.customer_uid, customer_uid);
    const words = /요청하신 customer_uid\(customer-1\)로 등록된 정보를 찾을 수 없습니다\./;
    await assert.rejects(iamport.subscribe_customer.get({ customer_uid }), words);
  });
});

test("npm iamport, what waits", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { impKey, impSecret } = sandbox.file.v1;
  Iamport.DEFAULT_HOST = sandbox.url;
  const iamport = new Iamport({ impKey, impSecret });
  const receiver = await openReceiver(t);
  const customer_uid = "customer-2";
  await iamport.subscribe_customer.create({ customer_uid, ...card(), ...person });
  /** @param {string} [merchant_uid] */
  const item = (merchant_uid = newId().slice(0, 40)) => ({
    ...order({ merchant_uid, notice_url: receiver.url() }),
    schedule_at: Math.floor((Date.now() + sandbox.simulator.offsetMs) / 1000) + 600,
  });

  await t.test("a schedule is charged when it is due, another is taken back", async () => {
    const [kept, dropped] = [item(), item()];
    const schedules = [kept, dropped];
    const made = await iamport.subscribe.schedule({ customer_uid, schedules });
    assert.deepEqual(
      made.map((/** @type {any} */ one) => [one.merchant_uid, one.schedule_status]),
      schedules.map((one) => [one.merchant_uid, "scheduled"]),
    );
    const { merchant_uid } = dropped;
    const [revoked] = await iamport.subscribe.unschedule({ customer_uid, merchant_uid });
    assert.equal(revoked.schedule_status, "revoked");
    const nothing = iamport.subscribe.unschedule({ customer_uid, merchant_uid });
    await assert.rejects(nothing, /취소할 예약결제 기록이 존재하지 않습니다\./);
    await sandbox.simulator.advance("PT10M");
    const told = await receiver.next(({ json }) => json?.merchant_uid === kept.merchant_uid);
    assert.equal(told.json.status, "paid");
    const paid = await iamport.payment.getByImpUid({ imp_uid: told.json.imp_uid });
    assert.equal(paid.customer_uid_usage, "payment.scheduled");
    const stranger = iamport.subscribe.schedule({ customer_uid: "nobody", schedules: [item()] });
    await assert.rejects(stranger, /등록된 고객정보가 없습니다\./);
  });

  await t.test("an account is issued and paid into", async () => {
    const account = await iamport.vbank.create({
      ...order({ notice_url: receiver.url() }),
      vbank_code: "088",
      vbank_due: Math.floor((Date.now() + sandbox.simulator.offsetMs) / 1000) + 86_400,
      vbank_holder: "나루상사",
    });
    assert.deepEqual([account.status, account.vbank_code], ["ready", "088"]);
    const { imp_uid } = account;
    await sandbox.simulator.deposit(account.vbank_num);
    await receiver.next(({ json }) => json?.imp_uid === imp_uid && json?.status === "paid");
    assert.equal((await iamport.payment.getByImpUid({ imp_uid })).status, "paid");
  });

  await t.test("a person is verified, shown and forgotten", async () => {
    const { access_token } = await token(sandbox);
    const send = async (/** @type {string} */ path, /** @type {object} */ body) => {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", body: JSON.stringify(body), headers, authorization: access_token };
      const answer = await sandbox.call(path, init);
      assert.equal(answer.status, 200, answer.text);
      return JSON.parse(answer.text).response;
    };
    const phone = "01012345678";
    const { imp_uid } = await send("/certifications/otp/request", {
      ...{ name: "홍길동", phone, birth: "19900101", gender_digit: "1", carrier: "SKT" },
    });
    const waits = await iamport.certification.get({ imp_uid });
    assert.equal(waits.certified, false);
    const otp = await sandbox.simulator.otp(phone);
    const done = await send(`/certifications/otp/confirm/${imp_uid}`, { otp });
    assert.deepEqual([done.certified, done.name], [true, "홍길동"]);
    await iamport.certification.delete({ imp_uid });
    await assert.rejects(iamport.certification.get({ imp_uid }), { code: "HTTP_404" });
  });
});

test("npm iamport-rest-client-nodejs", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { impKey, impSecret } = sandbox.file.v1;
  const iamport = new rest.Iamport({
    apiKey: impKey,
    apiSecret: impSecret,
    baseUrl: sandbox.url,
  });
  /** What a request gives. */
  const data = async (/** @type {any} */ request) => (await request.request(iamport)).data.response;

  await t.test("the main job", async () => {
    const asked = order();
    await data(Customers.postBillingKey({ customer_uid: "customer-1", ...card(), ...person }));
    const paid = await data(Subscribe.again({ ...asked, customer_uid: "customer-1" }));
    assert.equal(paid.status, "paid");
    const other = await data(Subscribe.onetime({ ...order(), ...card() }));
    const { imp_uid } = paid;
    assert.equal((await data(Payments.getByImpUid({ imp_uid }))).imp_uid, imp_uid);
    const { merchant_uid } = asked;
    // It leaves the status out by writing `undefined`.
    assert.equal((await data(Payments.getByMerchantUid({ merchant_uid }))).imp_uid, imp_uid);
    const both = await Payments.getByImpUids({ imp_uid: [imp_uid, other.imp_uid] }).request(iamport);
    assert.deepEqual(uids(both), [other.imp_uid, imp_uid]);
    const some = await Payments.getByImpUids({ imp_uid: [imp_uid, "none"] }).request(iamport);
    assert.deepEqual(uids(some), [imp_uid]);
    const cancelled = await data(Payments.cancel({ imp_uid, reason: "변심" }));
    assert.equal(cancelled.status, "cancelled");
    const keys = await Customers.getBillingKeys({ customer_uid: ["customer-1"] }).request(iamport);
    assert.deepEqual(
      keys.data.response.map((/** @type {any} */ one) => one.customer_uid),
      ["customer-1"],
    );
    await data(Customers.deleteBillingKey({ customer_uid: "customer-1" }));
  });

  await t.test("an account, its receipt, and an account taken back", async () => {
    const account = async () => {
      const vbank_due = Math.floor(Date.now() / 1000) + 86_400;
      const asked = { ...order(), vbank_code: "088", vbank_due, vbank_holder: "나루상사" };
      return data(Vbanks.post(asked));
    };
    const { imp_uid, vbank_num } = await account();
    await sandbox.simulator.deposit(vbank_num);
    const end = Date.now() + 10_000;
    while ((await data(Payments.getByImpUid({ imp_uid }))).status !== "paid") {
      assert.ok(Date.now() < end, "the deposit was not seen");
    }
    const identifier = { identifier: "01012345678", type: "person" };
    const issued = await data(Receipts.postReceipt({ imp_uid, ...identifier }));
    assert.equal(issued.amount, 1000);
    assert.equal((await data(Receipts.getReceipt({ imp_uid }))).apply_num, issued.apply_num);
    assert.ok((await data(Receipts.deleteReceipt({ imp_uid }))).cancelled_at > 0);
    const other = await account();
    assert.equal((await data(Vbanks.delete({ imp_uid: other.imp_uid }))).status, "failed");
  });

  await t.test("schedules are read", async () => {
    await data(Customers.postBillingKey({ customer_uid: "customer-3", ...card(), ...person }));
    const schedule_at = Math.floor(Date.now() / 1000) + 3600;
    const asked = { ...order(), schedule_at };
    const { merchant_uid } = asked;
    await data(Subscribe.schedule({ customer_uid: "customer-3", schedules: [asked] }));
    const one = await data(Subscribe.getScheduled({ merchant_uid }));
    // It makes dates of times.
    const at = new Date(schedule_at * 1000).getTime();
    assert.deepEqual([one.schedule_at.getTime(), one.schedule_status], [at, "scheduled"]);
    // Past the contract checker: its document has an array where the wire has a page.
    const beside = new rest.Iamport({
      ...{ apiKey: impKey, apiSecret: impSecret, baseUrl: sandbox.file.v1.url },
    });
    const window = { customer_uid: "customer-3", from: schedule_at, to: schedule_at + 1 };
    const page = await Subscribe.getScheduleds(window).request(beside);
    const { total, list } = page.data.response;
    assert.deepEqual([total, list[0].merchant_uid], [1, merchant_uid]);
    const gone = await data(Subscribe.unschedule({ customer_uid: "customer-3" }));
    assert.equal(gone[0].schedule_status, "revoked");
  });

  await t.test("tables and what is not found", async () => {
    assert.equal((await data(Cards.getCard({ code: "366" }))).name, "신한카드");
    assert.equal((await data(Banks.getBank({ code: "088" }))).name, "신한은행");
    const missing = Payments.getByImpUid({ imp_uid: "imp_000000000000" }).request(iamport);
    await assert.rejects(missing, (/** @type {any} */ error) => {
      assert.equal(error.response.status, 404);
      assert.equal(error.response.data.message, "존재하지 않는 결제정보입니다.");
      return true;
    });
  });

  await t.test("both faces show one payment", async () => {
    const asked = order();
    const paid = await data(Subscribe.onetime({ ...asked, ...card() }));
    const { payment } = sandbox.v2Client();
    const read = await payment.getPayment({ paymentId: asked.merchant_uid });
    assert.deepEqual(
      [read.status, read.version, read.transactionId],
      ["PAID", "V1", paid.imp_uid],
    );
    await payment.cancelPayment({ paymentId: asked.merchant_uid, reason: "변심" });
    const { imp_uid } = paid;
    assert.equal((await data(Payments.getByImpUid({ imp_uid }))).cancel_amount, 1000);
  });
});

test("an amount is registered before its payment", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { impKey, impSecret } = sandbox.file.v1;
  // Past the contract checker: its document asks of this answer for fields that do not exist.
  const baseUrl = sandbox.file.v1.url;
  const iamport = new rest.Iamport({ apiKey: impKey, apiSecret: impSecret, baseUrl });
  const asked = { merchant_uid: newId().slice(0, 40), amount: 1000 };
  const made = await Prepare.postAmount(asked).request(iamport);
  assert.equal(made.data.response.amount, 1000);
  const { merchant_uid } = asked;
  assert.equal((await Prepare.getAmount({ merchant_uid }).request(iamport)).data.response.amount, 1000);
  await assert.rejects(Prepare.postAmount(asked).request(iamport), (/** @type {any} */ error) => {
    assert.match(error.response.data.message, /이미 등록된 merchant_uid/);
    return true;
  });
});

/** The `imp_uid`s of a list. */
const uids = (/** @type {any} */ answer) =>
  answer.data.response.map((/** @type {any} */ one) => one.imp_uid);

/** A token of the sandbox's key. */
const token = async (/** @type {any} */ sandbox) => {
  const { impKey, impSecret } = sandbox.file.v1;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ imp_key: impKey, imp_secret: impSecret });
  const answer = await sandbox.call("/users/getToken", { method: "POST", headers, body });
  return JSON.parse(answer.text).response;
};
