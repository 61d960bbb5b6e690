// The official SDK, virtual accounts: issue, deposit, refund, close.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith, instant, newId, virtualAccount } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const refundAccount = { bank: "KOOKMIN", number: "110123456789", holderName: "홍길동" };

test("virtual accounts by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t, { expectedError: /WrongDeposit/ });
  const { payment } = sandbox.client();
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);
  const issue = async () => {
    const paymentId = newId();
    const summary = await payment.payInstantly(
      instant(sandbox, { paymentId, method: virtualAccount() }),
    );
    const issued = await payment.getPayment({ paymentId });
    assert.equal(issued.status, "VIRTUAL_ACCOUNT_ISSUED");
    assert.equal(issued.pgTxId, summary.payment.pgTxId);
    await hears("Transaction.VirtualAccountIssued", paymentId);
    return { paymentId, method: issued.method };
  };

  await t.test("a deposit pays, and goes back to a refund account", async () => {
    const { paymentId, method } = await issue();
    assert.equal(method.type, "PaymentMethodVirtualAccount");
    assert.equal(method.bank, "SHINHAN");
    assert.match(method.accountNumber, /^\d+$/);
    await assert.rejects(
      payment.payInstantly(instant(sandbox, { paymentId })),
      failsWith("ALREADY_PAID"),
    );
    await assert.rejects(
      payment.cancelPayment({ paymentId, reason: "not paid yet", refundAccount }),
      failsWith("PAYMENT_NOT_PAID"),
    );

    const { notified } = await sandbox.simulator.deposit(method.accountNumber);
    assert.equal(notified, true);
    await hears("Transaction.Paid", paymentId);
    const paid = await payment.getPayment({ paymentId });
    assert.equal(paid.status, "PAID");
    assert.equal(paid.method.accountNumber, method.accountNumber);
    const webhook = paid.webhooks.find((/** @type {any} */ one) => one.trigger);
    assert.equal(webhook.trigger, "VIRTUAL_ACCOUNT_DEPOSIT");

    await assert.rejects(
      payment.cancelPayment({ paymentId, reason: "where to?" }),
      (error) => failsWith("INVALID_REQUEST")(error) && /refundAccount/.test(error.message),
    );
    const part = await payment.cancelPayment({
      paymentId,
      amount: 300,
      reason: "하나 반품",
      refundAccount,
    });
    assert.equal(part.cancellation.totalAmount, 300);
    await hears("Transaction.PartialCancelled", paymentId);
    await payment.cancelPayment({ paymentId, reason: "모두 반품", refundAccount });
    await hears("Transaction.Cancelled", paymentId);
    const refunded = await payment.getPayment({ paymentId });
    assert.equal(refunded.status, "CANCELLED");
    assert.equal(refunded.amount.cancelled, 1000);
  });

  await t.test("a closed account fails the payment, once", async () => {
    const { paymentId } = await issue();
    const { closedAt } = await payment.closeVirtualAccount({ paymentId });
    assert.match(closedAt, /Z$/);
    await hears("Transaction.Failed", paymentId);
    assert.equal((await payment.getPayment({ paymentId })).status, "FAILED");
    await assert.rejects(
      payment.closeVirtualAccount({ paymentId }),
      failsWith("PAYMENT_NOT_WAITING_FOR_DEPOSIT"),
    );
    await payment.payInstantly(instant(sandbox, { paymentId }));
    assert.equal((await payment.getPayment({ paymentId })).status, "PAID");
  });

  await t.test("a short deposit changes nothing, the right one then does", async () => {
    const { paymentId, method } = await issue();
    await sandbox.simulator.deposit(method.accountNumber, 999);
    assert.equal((await payment.getPayment({ paymentId })).status, "VIRTUAL_ACCOUNT_ISSUED");
    await sandbox.simulator.deposit(method.accountNumber);
    await hears("Transaction.Paid", paymentId);
  });

  await t.test("a forged notice changes nothing, the PG's own then counts once", async () => {
    const { paymentId, method } = await issue();
    const { transactions } = await sandbox.simulator.books();
    const order = transactions.at(-1).orderId;
    const forge = async (/** @type {Record<string, string>} */ facts) => {
      const form = {
        id_merchant: "INIpayTest",
        no_tid: "forged-" + newId(),
        no_oid: order,
        no_vacct: method.accountNumber,
        amt_input: "1000",
        dt_trans: "20260101",
        tm_trans: "090000",
        type_msg: "0200",
        ...facts,
      };
      const address = new URL("/pg/inicis/notices", sandbox.file.v2.url);
      return fetch(address, { method: "POST", body: new URLSearchParams(form) });
    };
    // Word for word what the PG sends; but the PG, when asked, knows of no deposit.
    const answer = await forge({});
    assert.deepEqual([answer.status, await answer.text()], [200, "OK"]);
    // For an order of nobody, and something that is no notice: the PG hears that it was not taken.
    assert.equal((await forge({ no_oid: "0".repeat(32) })).status, 200);
    const shapeless = await forge({ type_msg: "9999", amt_input: "many" });
    assert.notEqual(await shapeless.text(), "OK");
    assert.equal((await payment.getPayment({ paymentId })).status, "VIRTUAL_ACCOUNT_ISSUED");

    await sandbox.simulator.deposit(method.accountNumber);
    await hears("Transaction.Paid", paymentId);
    const paid = await payment.getPayment({ paymentId });
    assert.deepEqual([paid.status, paid.amount.paid], ["PAID", 1000]);
  });

  await t.test("an account of the past is refused", async () => {
    const method = virtualAccount();
    method.virtualAccount.expiry = /** @type {any} */ ({ dueDate: "2020-01-01T00:00:00+09:00" });
    await assert.rejects(
      payment.payInstantly(instant(sandbox, { method })),
      (error) => failsWith("INVALID_REQUEST")(error) && /expiry/.test(error.message),
    );
  });
});
