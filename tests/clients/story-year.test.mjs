// A year passes at once, with something of every kind pending: all that falls due does so, in
// order, once. Held against the PG's books, the receiver of webhooks, and what is read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, instant, newId, virtualAccount } from "./support/orders.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Merchant } from "./support/schedules.mjs";

const DAY_S = 86_400;
/** One payment of schedules at a time: only then does "in order" say something of the books. */
const ONE_AT_A_TIME = {
  NARU_LIMITS__SCHEDULES_PER_CHANNEL_MAX: "1",
  NARU_LIMITS__SCHEDULES_PER_PG_MAX: "1",
};
/** Prices of schedules, in the order in which they are made: `1000 + n` is the n-th to be due. */
const MADE = [
  { price: 1_006, in_s: 364 * DAY_S },
  { price: 1_001, in_s: 20 },
  { price: 1_004, in_s: 30 * DAY_S },
  { price: 1_007, in_s: 400 * DAY_S },
  { price: 1_002, in_s: 60 },
  { price: 1_005, in_s: 200 * DAY_S },
  { price: 1_003, in_s: DAY_S },
];
/** Charged to a card that is declined. */
const DECLINED = 1_004;
const DUE = [1_001, 1_002, 1_003, 1_004, 1_005, 1_006];
const LATER = 1_007;
/** What an account that waits reads, however long ago its deadline was. */
const WAITING = "VIRTUAL_ACCOUNT_ISSUED";

test("a year at once", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t, { env: ONE_AT_A_TIME });
  const { auth, payment } = sandbox.client();
  /** Payments whose webhooks are refused, by how often they still are. */
  const refused = new Map();
  const receiver = await openReceiver(t, ({ json }) => {
    const left = refused.get(json?.data?.paymentId) ?? 0;
    refused.set(json?.data?.paymentId, left - 1);
    return left > 0 ? 500 : 200;
  });
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const merchant = new Merchant(sandbox, receiver);
  const hears = (/** @type {string} */ type, /** @type {string} */ id) =>
    receiver.hears(type, id, sandbox.secret);
  /** Types and ids of all webhooks about a payment that have come so far. */
  const heard = (/** @type {string} */ id) =>
    receiver.deliveries
      .filter(({ json }) => json?.data.paymentId === id)
      .map(({ json, headers }) => [json.type, headers["webhook-id"]]);

  // What pends: schedules,
  const [good, bad] = [await merchant.issue(), await merchant.issue("9000000001120054")];
  /** @type {Map<number, {id: string, paymentId: string, timeToPay: string}>} */
  const schedules = new Map();
  for (const { price, in_s } of MADE) {
    const key = price === DECLINED ? bad : good;
    const fields = { paymentId: `year-${price}`, amount: { total: price } };
    schedules.set(price, await merchant.schedule(key, in_s, fields));
  }
  const schedule = (/** @type {number} */ price) =>
    /** @type {{id: string, paymentId: string}} */ (schedules.get(price));
  // tokens,
  const tokens = await auth.loginViaApiSecret({ apiSecret: sandbox.file.v2.apiSecret });
  const bearer = { authorization: `Bearer ${tokens.accessToken}` };
  // virtual accounts: one that nobody pays into, one whose deposit is late, one whose notice is
  // lost,
  const account = async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId, method: virtualAccount() }));
    await hears("Transaction.VirtualAccountIssued", paymentId);
    const { method } = /** @type {any} */ (await payment.getPayment({ paymentId }));
    return { paymentId, number: method.accountNumber, expiredAt: method.expiredAt };
  };
  const [empty, late, lost] = [await account(), await account(), await account()];
  const found = await noticesLost(sandbox);
  assert.equal((await sandbox.simulator.deposit(lost.number)).notified, false);
  assert.equal((await payment.getPayment({ paymentId: lost.paymentId })).status, WAITING);

  // and, last because its next time comes soon, the record of an idempotency key with a webhook
  // that is refused twice.
  const paid = newId();
  refused.set(paid, 2);
  const pay = () => {
    const { paymentId: _, ...body } = instant(sandbox, { customer, method: card() });
    return sandbox.call(`/payments/${paid}/instant`, {
      method: "POST",
      headers: { "idempotency-key": '"the-key-of-the-year"' },
      body: JSON.stringify(body),
    });
  };
  const first = await pay();
  assert.equal(first.status, 200, first.text);
  await receiver.next((one) => one.json?.data.paymentId === paid);
  await executions(payment, paid, 1);

  await t.test("before that year nothing of it is due", async () => {
    assert.equal((await sandbox.call(`/payments/${paid}`, bearer)).status, 200);
    const again = await pay();
    assert.deepEqual([again.status, again.text], [200, first.text]);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    for (const { id } of schedules.values()) {
      assert.equal((await merchant.read(id)).status, "SCHEDULED");
    }
    assert.equal(heard(paid).length, 1);
  });

  await sandbox.simulator.advance("P365D");

  await t.test("schedules are charged in their order, once each", async () => {
    for (const price of DUE) {
      const type = price === DECLINED ? "Transaction.Failed" : "Transaction.Paid";
      await hears(type, schedule(price).paymentId);
    }
    assert.deepEqual(await charged(sandbox), DUE);
    for (const price of DUE) {
      const isPaid = price !== DECLINED;
      const { id, paymentId } = schedule(price);
      const read = await merchant.read(id);
      assert.equal(read.status, isPaid ? "SUCCEEDED" : "FAILED");
      const one = /** @type {any} */ (await payment.getPayment({ paymentId }));
      assert.deepEqual([one.status, one.scheduleId], [isPaid ? "PAID" : "FAILED", id]);
      const { items } = /** @type {any} */ (await payment.getPaymentTransactions({ paymentId }));
      assert.equal(items.length, 1);
      assert.deepEqual(await merchant.charges(paymentId), [
        [price, isPaid ? "APPROVED" : "DECLINED"],
      ]);
    }
    const began = await Promise.all(DUE.map((price) => merchant.read(schedule(price).id)));
    const times = began.map((one) => Date.parse(one.startedAt));
    const inOrder = [...times].sort((a, b) => a - b);
    assert.deepEqual(times, inOrder, "oldest first");
    assert.equal((await merchant.read(schedule(LATER).id)).status, "SCHEDULED");
  });

  await t.test("a webhook falls due once, then waits its next time", async () => {
    await verify(await receiver.next((one) => one.json?.data.paymentId === paid), sandbox.secret);
    await executions(payment, paid, 2);
    await sandbox.simulator.advance("PT4M");
    await verify(await receiver.next((one) => one.json?.data.paymentId === paid), sandbox.secret);
    const [webhook] = await executions(payment, paid, 3);
    assert.equal(webhook.status, "SUCCEEDED");
  });

  await t.test("tokens and idempotency keys have had their time", async () => {
    assert.equal((await sandbox.call(`/payments/${paid}`, bearer)).status, 401);
    await assert.rejects(
      auth.refreshToken({ refreshToken: tokens.refreshToken }),
      failsWith("UNAUTHORIZED"),
    );
    const anew = await auth.loginViaApiSecret({ apiSecret: sandbox.file.v2.apiSecret });
    const authorization = `Bearer ${anew.accessToken}`;
    assert.equal((await sandbox.call(`/payments/${paid}`, { authorization })).status, 200);
    // Forgotten: the call runs anew, and finds the payment paid.
    const answer = await pay();
    assert.deepEqual([answer.status, JSON.parse(answer.text).type], [409, "ALREADY_PAID"]);
    assert.equal(answer.headers.get("idempotency-replayed"), null);
  });

  await t.test("an account's deadline finds the deposit whose notice was lost", async () => {
    await hears("Transaction.Paid", lost.paymentId);
    assert.equal((await payment.getPayment({ paymentId: lost.paymentId })).status, "PAID");
    // The notice comes after all, and changes nothing.
    await found();
    await noticed(sandbox, lost.number);
    for (const { paymentId, expiredAt } of [empty, late]) {
      assert.equal((await payment.getPayment({ paymentId })).status, WAITING);
      assert.ok(Date.parse(expiredAt) < merchant.now());
    }
    assert.equal((await sandbox.simulator.deposit(late.number)).notified, true);
    await hears("Transaction.Paid", late.paymentId);
    assert.equal((await payment.getPayment({ paymentId: late.paymentId })).status, "PAID");
  });

  await t.test("what the next year brings comes then, and nothing again", async () => {
    await sandbox.simulator.advance("P100D");
    await hears("Transaction.Paid", schedule(LATER).paymentId);
    assert.deepEqual(await charged(sandbox), [...DUE, LATER]);
    for (const price of [...DUE, LATER]) {
      assert.equal(heard(schedule(price).paymentId).length, 1, `${price}`);
    }
    const tries = heard(paid);
    assert.deepEqual([tries.length, new Set(tries.map(([, id]) => id)).size], [3, 1]);
    for (const { paymentId } of [late, lost]) {
      assert.deepEqual(
        heard(paymentId).map(([type]) => type),
        ["Transaction.VirtualAccountIssued", "Transaction.Paid"],
      );
    }
    assert.equal(heard(empty.paymentId).length, 1);
    const { transactions } = await sandbox.simulator.books();
    const cards = transactions.filter((/** @type {any} */ one) => one.kind === "CARD");
    assert.equal(cards.length, 1, "the payment whose key was forgotten");
    const accounts = transactions.filter((/** @type {any} */ one) => one.kind === "VIRTUAL_ACCOUNT");
    assert.deepEqual(
      accounts.map((/** @type {any} */ one) => [one.state, one.depositedAmount]),
      [
        ["WAITING", 0],
        ["APPROVED", 1_000],
        ["APPROVED", 1_000],
      ],
    );
  });
});

/**
 * Prices that were charged by schedule, in the order of the PG's books.
 * @param {import("./support/sandbox.mjs").Sandbox} sandbox
 */
async function charged(sandbox) {
  const { transactions } = await sandbox.simulator.books();
  return transactions
    .filter((/** @type {any} */ one) => one.kind === "BILLING")
    .map((/** @type {any} */ one) => one.amount);
}

/**
 * Has the PG send its notices where nobody listens, until the answer is called.
 * @param {import("./support/sandbox.mjs").Sandbox} sandbox
 * @returns {Promise<() => Promise<void>>}
 */
async function noticesLost(sandbox) {
  const { registrations } = await sandbox.simulator.registrations();
  const [{ name, noticeUrl, clockUrl, mids }] = registrations;
  const registration = { noticeUrl, clockUrl, mids };
  const nowhere = new URL(noticeUrl);
  nowhere.port = "9";
  await sandbox.simulator.register(name, { ...registration, noticeUrl: nowhere.href });
  return async () => void (await sandbox.simulator.register(name, registration));
}

/**
 * Waits until the only deposit into an account has been acknowledged.
 * @param {import("./support/sandbox.mjs").Sandbox} sandbox
 * @param {string} account
 */
async function noticed(sandbox, account) {
  for (let tries = 0; tries < 500; tries += 1) {
    const { deposits } = await sandbox.simulator.account(account);
    if (deposits[0].notified) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the deposit into ${account} was not acknowledged`);
}

/**
 * The history of a payment's webhooks, once the first was tried so often.
 * @param {any} payment
 * @param {string} paymentId
 * @param {number} count
 */
async function executions(payment, paymentId, count) {
  for (let tries = 0; tries < 500; tries += 1) {
    const { webhooks } = await payment.getPayment({ paymentId });
    if (webhooks?.[0]?.currentExecutionCount >= count) return webhooks;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the webhook of ${paymentId} was not tried ${count} times`);
}
