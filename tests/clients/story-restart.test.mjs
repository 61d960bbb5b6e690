// kill -9, then the same directory again: everything is still there, and what was under way ends.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, instant, newId, virtualAccount } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("a killed sandbox finds everything again", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const before = sandbox.client();
  const [paid, partly, cancelled, declined, account] = [
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
  ];
  for (const paymentId of [paid, partly, cancelled]) {
    await before.payment.payInstantly(instant(sandbox, { paymentId }));
  }
  await before.payment.cancelPayment({ paymentId: partly, amount: 300, reason: "in part" });
  await before.payment.cancelPayment({ paymentId: cancelled, reason: "all" });
  const refused = instant(sandbox, { paymentId: declined, method: card("9000000000120026") });
  await assert.rejects(before.payment.payInstantly(refused), failsWith("PG_PROVIDER"));
  await before.payment.payInstantly(
    instant(sandbox, { paymentId: account, method: virtualAccount() }),
  );
  const { billingKeyInfo } = await before.payment.billingKey.issueBillingKey({
    channelKey: sandbox.channel,
    customer,
    method: card(),
  });
  const { billingKey } = billingKeyInfo;
  const { refreshToken } = await before.auth.loginViaApiSecret({
    apiSecret: sandbox.file.v2.apiSecret,
  });
  const ids = [paid, partly, cancelled, declined, account];
  const read = async (/** @type {any} */ client) => {
    const found = await Promise.all(
      ids.map((paymentId) => client.payment.getPayment({ paymentId })),
    );
    // Deliveries may go on behind the answers.
    const payments = found.map(({ webhooks: _, ...payment }) => payment);
    return { payments, key: await client.payment.billingKey.getBillingKeyInfo({ billingKey }) };
  };
  const seen = await read(before);
  const books = await sandbox.simulator.books();

  await sandbox.kill();
  await sandbox.start();
  const after = sandbox.client();

  await t.test("what was answered reads the same", async () => {
    assert.deepEqual(await read(after), seen);
    assert.deepEqual((await sandbox.simulator.books()).transactions, books.transactions);
    const list = await after.payment.getPayments({ filter: { storeId: sandbox.storeId } });
    assert.deepEqual(list.items.map((/** @type {any} */ one) => one.id).sort(), [...ids].sort());
  });

  await t.test("and goes on", async () => {
    await assert.rejects(
      after.payment.payInstantly(instant(sandbox, { paymentId: paid })),
      failsWith("ALREADY_PAID"),
    );
    const rest = await after.payment.cancelPayment({ paymentId: partly, reason: "the rest" });
    assert.equal(rest.cancellation.totalAmount, 700);
    await after.payment.payWithBillingKey({
      paymentId: newId(),
      billingKey,
      orderName: "정기 구독",
      amount: { total: 1 },
      currency: "KRW",
      customer,
    });
    await after.auth.refreshToken({ refreshToken });
    const waiting = seen.payments[4].method;
    const { notified } = await sandbox.simulator.deposit(waiting.accountNumber);
    assert.equal(notified, true, "the new process is registered at the PG");
    await receiver.hears("Transaction.Paid", account, sandbox.secret);
  });

  await t.test("a payment whose answer was lost with the process is found out", async () => {
    const paymentId = newId();
    // The simulator lives in the killed process: its books are what is left of the capture.
    await sandbox.simulator.fault({ operation: "pay_card", kind: "timeout_after", times: 1 });
    const lost = sandbox
      .client()
      .payment.payInstantly(instant(sandbox, { paymentId }))
      .catch(() => {});
    await captured(sandbox, 5);
    await sandbox.kill();
    await lost;
    await sandbox.start();
    await receiver.hears("Transaction.Paid", paymentId, sandbox.secret);
    const found = await sandbox.client().payment.getPayment({ paymentId });
    assert.equal(found.status, "PAID", "nobody was told that it failed");
    const { transactions } = await sandbox.simulator.books();
    const sales = transactions.filter(
      (/** @type {any} */ one) => one.orderId === found.transactionId.replaceAll("-", ""),
    );
    assert.deepEqual(
      sales.map((/** @type {any} */ one) => one.state),
      ["APPROVED"],
    );
  });
});

/**
 * Resolves once the books hold so many card sales.
 * @param {import("./support/sandbox.mjs").Sandbox} sandbox
 * @param {number} count
 */
async function captured(sandbox, count) {
  for (let tries = 0; tries < 500; tries += 1) {
    const { transactions } = await sandbox.simulator.books();
    if (transactions.filter((/** @type {any} */ one) => one.kind === "CARD").length >= count)
      return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the books never held ${count} card sales`);
}
