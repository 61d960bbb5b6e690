// When the PG does not answer clearly: nobody is told what is not known, and no won is lost.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, failsWith, instant, newId } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("unclear answers of the PG", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);
  const sale = async (/** @type {string} */ transactionId) => {
    const { transactions } = await sandbox.simulator.books();
    return transactions.find(
      (/** @type {any} */ one) => one.orderId === transactionId.replaceAll("-", ""),
    );
  };

  await t.test("a capture whose answer got lost is found by inquiry and answered", async () => {
    const paymentId = newId();
    const { payment: summary } = await payment.payInstantly(
      instant(sandbox, { paymentId, method: card("9000000000000003") }),
    );
    const paid = await payment.getPayment({ paymentId });
    assert.deepEqual([paid.status, paid.pgTxId], ["PAID", summary.pgTxId]);
    await hears("Transaction.Paid", paymentId);
  });

  await t.test("an order that the PG never saw fails, and can be paid again", async () => {
    const paymentId = newId();
    await sandbox.simulator.fault({ operation: "pay_card", kind: "drop_before", times: 1 });
    await assert.rejects(
      payment.payInstantly(instant(sandbox, { paymentId })),
      failsWith("PG_PROVIDER"),
    );
    assert.equal((await payment.getPayment({ paymentId })).status, "FAILED");
    await hears("Transaction.Failed", paymentId);
    await payment.payInstantly(instant(sandbox, { paymentId }));
    assert.equal((await payment.getPayment({ paymentId })).status, "PAID");
  });

  await t.test("a capture of another amount is given back", async () => {
    const paymentId = newId();
    const fields = { paymentId, method: card("9000000000000004") };
    await assert.rejects(payment.payInstantly(instant(sandbox, fields)), failsWith("PG_PROVIDER"));
    await hears("Transaction.Failed", paymentId);
    const failed = await payment.getPayment({ paymentId });
    assert.equal(failed.status, "FAILED");
    assert.equal((await sale(failed.transactionId)).state, "CANCELLED");
  });

  await t.test("an unclear refund is requested first, and then found done once", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await sandbox.simulator.fault({ operation: "refund", kind: "garbage", times: 1 });
    await sandbox.simulator.fault({ operation: "inquiry", kind: "garbage", times: 1 });
    const { cancellation } = await payment.cancelPayment({ paymentId, reason: "unclear" });
    assert.equal(cancellation.status, "REQUESTED");
    await hears("Transaction.CancelPending", paymentId);
    const done = await hears("Transaction.Cancelled", paymentId);
    assert.equal(done.data.cancellationId, cancellation.id);
    const cancelled = await payment.getPayment({ paymentId });
    assert.deepEqual([cancelled.status, cancelled.amount.cancelled], ["CANCELLED", 1000]);
    assert.equal(cancelled.cancellations.length, 1);
    const row = await sale(cancelled.transactionId);
    assert.deepEqual([row.state, row.cancelledAmount], ["CANCELLED", 1000]);
  });

  await t.test("fifty at once with one payment id: one capture", async () => {
    const paymentId = newId();
    const tries = Array.from({ length: 50 }, () =>
      payment.payInstantly(instant(sandbox, { paymentId })).then(
        () => "paid",
        (/** @type {any} */ error) => error.data.type,
      ),
    );
    const results = await Promise.all(tries);
    assert.equal(results.filter((one) => one === "paid").length, 1);
    assert.equal(results.filter((one) => one === "ALREADY_PAID").length, 49, results.join());
    assert.equal((await payment.getPaymentTransactions({ paymentId })).items.length, 1);
  });
});
