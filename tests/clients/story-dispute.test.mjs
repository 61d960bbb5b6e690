// A dispute that an operator records: the merchant hears of it, and reads it by the official SDK.

import assert from "node:assert/strict";
import { test } from "node:test";

import { instant, newId } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("disputes by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);
  const paymentId = newId();
  await payment.payInstantly(instant(sandbox, { paymentId }));
  await hears("Transaction.Paid", paymentId);
  const dispute = (/** @type {string} */ act, /** @type {string[]} */ ...args) =>
    sandbox.json("payments", "dispute", act, "--store", sandbox.storeId, paymentId, ...args);

  await t.test("it is opened: a webhook, and no other status or amount", async () => {
    const before = await payment.getPayment({ paymentId });
    const open = ["--reason", "상품이 오지 않음", "--pg-dispute-id", "PP-D-1"];
    assert.equal((await dispute("open", ...open)).isNews, true);
    const told = await hears("Transaction.DisputeCreated", paymentId);
    const { storeId } = sandbox;
    const { transactionId } = before;
    assert.deepEqual(told.data, { storeId, paymentId, transactionId });
    const disputed = await payment.getPayment({ paymentId });
    assert.equal(disputed.status, "PAID");
    assert.deepEqual(disputed.amount, before.amount);
    const [one] = disputed.disputes;
    assert.equal(disputed.disputes.length, 1);
    assert.equal(one.status, "UNRESOLVED");
    assert.equal(one.pgDisputeId, "PP-D-1");
    assert.equal(one.reason, "상품이 오지 않음");
    assert.match(one.createdAt, /Z$/);
    assert.equal(one.resolvedAt, undefined);
    const webhook = disputed.webhooks.find(
      (/** @type {any} */ one) => one.trigger === "DISPUTE_CREATED",
    );
    assert.equal(webhook.paymentStatus, "PAID");
    assert.equal((await dispute("open", ...open)).isNews, false, "once");
  });

  await t.test("lists and events show it as well", async () => {
    const { items } = await payment.getPayments({});
    assert.equal(items[0].disputes[0].pgDisputeId, "PP-D-1");
    const from = new Date(Date.now() - 86_400_000).toISOString();
    const until = new Date(Date.now() + 86_400_000).toISOString();
    // Events come within a second of their commit.
    let paid;
    for (let tries = 0; !paid && tries < 50; tries += 1) {
      if (tries > 0) await new Promise((done) => setTimeout(done, 100));
      const events = await payment.getAllPaymentEventsByCursor({ from, until });
      const seen = events.items.map((/** @type {any} */ one) => one.paymentEvent);
      paid = seen.find((/** @type {any} */ one) => one.paymentId === paymentId);
    }
    assert.ok(paid);
    assert.equal(paid.type, "PAID");
    assert.equal(paid.disputes[0].pgDisputeId, "PP-D-1");
  });

  await t.test("it is resolved, and the money goes back by a cancellation", async () => {
    await dispute("resolve", "--pg-dispute-id", "PP-D-1");
    await hears("Transaction.DisputeResolved", paymentId);
    const resolved = await payment.getPayment({ paymentId });
    assert.equal(resolved.disputes[0].status, "RESOLVED");
    assert.match(resolved.disputes[0].resolvedAt, /Z$/);
    await payment.cancelPayment({ paymentId, reason: "분쟁" });
    await hears("Transaction.Cancelled", paymentId);
    assert.equal((await payment.getPayment({ paymentId })).status, "CANCELLED");
    const of = receiver.deliveries.map((one) => one.json.type);
    assert.deepEqual(of, [
      "Transaction.Paid",
      "Transaction.DisputeCreated",
      "Transaction.DisputeResolved",
      "Transaction.Cancelled",
    ]);
  });

  await t.test("what was not paid, or is not there, is refused in words", async () => {
    const open = ["payments", "dispute", "open", "--store", sandbox.storeId];
    const refused = await sandbox.tryNaru(...open, "nothing", "--reason", "r");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /the payment does not exist/);
  });
});
