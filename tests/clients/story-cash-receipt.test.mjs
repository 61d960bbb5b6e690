// The official SDK, cash receipts: of a sale made elsewhere, of a payment, with a deposit; lost
// answers and lists.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith, instant, newId, virtualAccount } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const refundAccount = { bank: "KOOKMIN", number: "110123456789", holderName: "홍길동" };

test("cash receipts by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const { cashReceipt } = payment;
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const isPaid = (/** @type {string} */ paymentId) =>
    receiver.hears("Transaction.Paid", paymentId, sandbox.secret);
  const issue = (/** @type {string} */ paymentId, /** @type {any} */ fields = {}) =>
    cashReceipt.issueCashReceipt({
      paymentId,
      channelKey: sandbox.channel,
      type: "PERSONAL",
      orderName: "커피 두 잔",
      currency: "KRW",
      amount: { total: 1000 },
      customer: { identityNumber: "01012345678" },
      ...fields,
    });
  const read = (/** @type {string} */ paymentId) =>
    cashReceipt.getCashReceiptByPaymentId({ paymentId });
  const cancel = (/** @type {string} */ paymentId) =>
    cashReceipt.cancelCashReceiptByPaymentId({ paymentId });
  const atPg = async (/** @type {string} */ pgReceiptId) => {
    const { cashReceipts } = await sandbox.simulator.books();
    return cashReceipts.find((/** @type {any} */ one) => one.pgReceiptId === pgReceiptId);
  };

  await t.test("a sale made elsewhere gets one, which is cancelled", async () => {
    const paymentId = newId();
    await assert.rejects(read(paymentId), failsWith("CASH_RECEIPT_NOT_FOUND"));
    const { cashReceipt: issued } = await issue(paymentId, { amount: { total: 1000, taxFree: 120 } });
    const shown = await read(paymentId);
    assert.equal(shown.status, "ISSUED");
    assert.equal(shown.issueNumber, issued.issueNumber);
    assert.equal(shown.isManual, true);
    assert.deepEqual([shown.amount, shown.taxFreeAmount, shown.vatAmount], [1000, 120, 80]);
    await assert.rejects(issue(paymentId), failsWith("CASH_RECEIPT_ALREADY_ISSUED"));
    await assert.rejects(payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));
    assert.equal((await cancel(paymentId)).cancelledAmount, 1000);
    assert.equal((await read(paymentId)).status, "CANCELLED");
    assert.equal((await atPg(issued.pgReceiptId)).state, "CANCELLED");
    await assert.rejects(cancel(paymentId), failsWith("CASH_RECEIPT_NOT_ISSUED"));
  });

  await t.test("a deposit brings one, which follows its money", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId, method: virtualAccount() }));
    await assert.rejects(issue(paymentId), failsWith("INVALID_REQUEST"));
    const { method } = await payment.getPayment({ paymentId });
    await sandbox.simulator.deposit(method.accountNumber);
    await isPaid(paymentId);
    const shown = await read(paymentId);
    assert.deepEqual([shown.status, shown.isManual, shown.type], ["ISSUED", false, "PERSONAL"]);
    const paid = await payment.getPayment({ paymentId });
    assert.equal(paid.cashReceipt.issueNumber, shown.issueNumber);
    assert.equal(paid.cashReceiptIssuanceStatus, "ISSUED");
    await payment.cancelPayment({ paymentId, amount: 400, reason: "part", refundAccount });
    assert.equal((await read(paymentId)).amount, 600);
    assert.equal((await atPg(shown.pgReceiptId)).amount, 600);
    await payment.cancelPayment({ paymentId, reason: "rest", refundAccount });
    assert.equal((await read(paymentId)).status, "CANCELLED");
    assert.equal((await payment.getPayment({ paymentId })).cashReceipt.status, "CANCELLED");
    assert.equal((await atPg(shown.pgReceiptId)).state, "CANCELLED");
  });

  await t.test("a payment shows one that was asked for by itself", async () => {
    const paymentId = newId();
    const method = virtualAccount();
    method.virtualAccount.cashReceipt = { type: "NO_RECEIPT", customerIdentityNumber: "" };
    await payment.payInstantly(instant(sandbox, { paymentId, method }));
    const waiting = await payment.getPayment({ paymentId });
    await sandbox.simulator.deposit(waiting.method.accountNumber);
    await isPaid(paymentId);
    const business = { type: "CORPORATE", customer: { identityNumber: "123-45-67890" } };
    const { cashReceipt: issued } = await issue(paymentId, business);
    const paid = await payment.getPayment({ paymentId });
    assert.equal(paid.cashReceipt.issueNumber, issued.issueNumber);
    assert.equal(paid.cashReceipt.type, "CORPORATE");
    assert.equal(paid.cashReceiptIssuanceStatus, undefined);
    await payment.cancelPayment({ paymentId, reason: "all", refundAccount });
    assert.equal((await read(paymentId)).status, "ISSUED");
  });

  await t.test("a lost issue is never repeated, a lost cancellation is found out", async () => {
    const lost = newId();
    await sandbox.simulator.fault({ operation: "issue_cash_receipt", kind: "drop_after" });
    const unknown = failsWith("PG_PROVIDER", { pgCode: "NARU_OUTCOME_UNKNOWN" });
    await assert.rejects(issue(lost), unknown);
    await assert.rejects(issue(lost), unknown);
    await assert.rejects(read(lost), failsWith("CASH_RECEIPT_NOT_FOUND"));
    const paymentId = newId();
    await issue(paymentId);
    await sandbox.simulator.fault({ operation: "cancel_cash_receipt", kind: "drop_after" });
    await cancel(paymentId);
    assert.equal((await read(paymentId)).status, "CANCELLED");
  });

  await t.test("a refusal reads as failed, and lists find each", async () => {
    const paymentId = newId();
    await sandbox.simulator.fault({ operation: "issue_cash_receipt", kind: "decline" });
    await assert.rejects(issue(paymentId), failsWith("PG_PROVIDER", { pgCode: "120049" }));
    assert.equal((await read(paymentId)).status, "ISSUE_FAILED");
    const found = async (/** @type {any} */ filter) => {
      const list = await cashReceipt.getCashReceipts({ filter, page: { size: 100 } });
      assert.equal(list.page.totalCount, list.items.length);
      return list.items;
    };
    assert.deepEqual(
      (await found({ statuses: ["FAILED"] })).map((/** @type {any} */ one) => one.paymentId),
      [paymentId],
    );
    assert.equal((await found({ isManual: false })).length, 1);
    assert.equal((await found({ types: ["CORPORATE"] })).length, 1);
    assert.equal((await found({ orderName: "커피" })).length, (await found({})).length);
    assert.equal((await found({ timeRangeField: "CANCELLED_AT" })).length, 3);
  });
});
