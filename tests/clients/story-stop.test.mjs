// Stopping a cancellation, and capturing by hand, as the official SDK asks for them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

/** An id that no cancellation has. */
const NO_CANCELLATION = "019bc5d4-0000-7000-8000-000000000000";

test("what can be stopped and captured", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const stop = (/** @type {string} */ paymentId, /** @type {string} */ cancellationId) =>
    payment.stopPaymentCancellation({ paymentId, cancellationId });

  await t.test("a refund that may be on its way can't be called back", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await sandbox.simulator.fault({ operation: "refund", kind: "garbage", times: 1 });
    await sandbox.simulator.fault({ operation: "inquiry", kind: "http_500", times: 2 });
    const { cancellation } = await payment.cancelPayment({ paymentId, reason: "변심" });
    assert.equal(cancellation.status, "REQUESTED");
    await assert.rejects(stop(paymentId, cancellation.id), failsWith("PG_PROVIDER"));
  });

  await t.test("what is over can't be stopped, and what never was even less", async () => {
    const paymentId = newId();
    await assert.rejects(stop(paymentId, NO_CANCELLATION), failsWith("PAYMENT_NOT_FOUND"));
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await assert.rejects(
      stop(paymentId, NO_CANCELLATION),
      failsWith("PAYMENT_CANCELLATION_NOT_FOUND"),
    );
    const { cancellation } = await payment.cancelPayment({ paymentId, reason: "변심" });
    assert.equal(cancellation.status, "SUCCEEDED");
    await assert.rejects(
      stop(paymentId, cancellation.id),
      failsWith("PAYMENT_CANCELLATION_NOT_PENDING"),
    );
  });

  await t.test("the PG captures what it approves by itself", async () => {
    const paymentId = newId();
    await assert.rejects(payment.capturePayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await assert.rejects(payment.capturePayment({ paymentId }), failsWith("PG_PROVIDER"));
    assert.equal((await payment.getPayment({ paymentId })).status, "PAID");
    await payment.cancelPayment({ paymentId, reason: "변심" });
    await assert.rejects(payment.capturePayment({ paymentId }), failsWith("PAYMENT_NOT_PAID"));
  });
});
