// The official SDK takes, reads, lists and cancels card payments.

import assert from "node:assert/strict";
import { test } from "node:test";

import { openReceiver } from "./support/receiver.mjs";
import { card, failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("card payments by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);

  await t.test("from pre-registration to the last won back", async () => {
    const paymentId = newId();
    await payment.preRegisterPayment({ paymentId, totalAmount: 1000, currency: "KRW" });
    await assert.rejects(payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));

    const fields = { paymentId, amount: { total: 1000, taxFree: 100 }, customData: '{"cart":"1"}' };
    const summary = await payment.payInstantly(instant(sandbox, fields));
    assert.match(summary.payment.paidAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const paid = await payment.getPayment({ paymentId });
    assert.equal(paid.status, "PAID");
    assert.equal(paid.pgTxId, summary.payment.pgTxId);
    assert.equal(paid.storeId, sandbox.storeId);
    assert.deepEqual(paid.amount, {
      total: 1000,
      taxFree: 100,
      vat: 82,
      supply: 818,
      discount: 0,
      paid: 1000,
      cancelled: 0,
      cancelledTaxFree: 0,
    });
    assert.equal(paid.method.type, "PaymentMethodCard");
    assert.equal(paid.channel.pgMerchantId, "INIpayTest");
    assert.equal(paid.channel.type, "TEST");
    assert.equal(paid.customer.name, "홍길동");
    assert.equal(paid.customer.phoneNumber, "01012345678");
    assert.equal(paid.customData, fields.customData);
    assert.deepEqual(paid.disputes, []);
    const told = await hears("Transaction.Paid", paymentId);
    assert.deepEqual(told.data, {
      storeId: sandbox.storeId,
      paymentId,
      transactionId: paid.transactionId,
    });
    await assert.rejects(payment.payInstantly(instant(sandbox, fields)), failsWith("ALREADY_PAID"));
    await assert.rejects(
      payment.preRegisterPayment({ paymentId, totalAmount: 1 }),
      failsWith("ALREADY_PAID"),
    );

    const transactions = await attempts(payment, paymentId);
    assert.equal(transactions.length, 1);
    assert.equal(transactions[0].id, paid.transactionId);
    assert.equal(transactions[0].paymentId, paymentId);

    const part = { paymentId, amount: 400, currentCancellableAmount: 1000, reason: "한 잔 취소" };
    const first = await payment.cancelPayment({ ...part, requester: "CUSTOMER" });
    assert.equal(first.cancellation.status, "SUCCEEDED");
    assert.equal(first.cancellation.totalAmount, 400);
    assert.equal(first.cancellation.trigger, "API");
    const partly = await payment.getPayment({ paymentId });
    assert.equal(partly.status, "PARTIAL_CANCELLED");
    assert.equal(partly.amount.cancelled, 400);
    const partTold = await hears("Transaction.PartialCancelled", paymentId);
    assert.equal(partTold.data.cancellationId, first.cancellation.id);
    await assert.rejects(
      payment.cancelPayment(part),
      failsWith("CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"),
    );
    await assert.rejects(
      payment.cancelPayment({ paymentId, amount: 601, reason: "too much" }),
      failsWith("CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"),
    );

    const rest = await payment.cancelPayment({ paymentId, reason: "오늘 휴무" });
    assert.equal(rest.cancellation.totalAmount, 600);
    assert.equal(rest.cancellation.taxFreeAmount, 100);
    const cancelled = await payment.getPayment({ paymentId });
    assert.equal(cancelled.status, "CANCELLED");
    assert.equal(cancelled.amount.cancelled, 1000);
    assert.equal(cancelled.amount.cancelledTaxFree, 100);
    assert.deepEqual(
      cancelled.cancellations.map((/** @type {any} */ one) => one.reason).sort(),
      ["오늘 휴무", "한 잔 취소"].sort(),
    );
    const allTold = await hears("Transaction.Cancelled", paymentId);
    assert.equal(allTold.data.cancellationId, rest.cancellation.id);
    await assert.rejects(
      payment.cancelPayment({ paymentId, reason: "once more" }),
      failsWith("PAYMENT_ALREADY_CANCELLED"),
    );
    assert.equal(cancelled.webhooks?.length ?? 0, 3, "the history shows each message");

    const { transactions: books } = await sandbox.simulator.books();
    const [sale] = books.filter((/** @type {any} */ one) => one.pgTxId === summary.payment.pgTxId);
    assert.deepEqual([sale.state, sale.amount, sale.cancelledAmount], ["CANCELLED", 1000, 1000]);
    assert.equal(sale.orderId, paid.transactionId.replaceAll("-", ""));
  });

  await t.test(
    "a declined card is 502 with the PG's code, and the id can be paid again",
    async () => {
      const paymentId = newId();
      const declined = instant(sandbox, { paymentId, method: card("9000000000120049") });
      await assert.rejects(payment.payInstantly(declined), (error) => {
        failsWith("PG_PROVIDER", { pgCode: "120049" })(error);
        assert.equal(typeof error.data.pgMessage, "string");
        return true;
      });
      const failed = await payment.getPayment({ paymentId });
      assert.equal(failed.status, "FAILED");
      assert.equal(failed.failure.pgCode, "120049");
      await hears("Transaction.Failed", paymentId);
      await assert.rejects(
        payment.cancelPayment({ paymentId, reason: "nothing to give back" }),
        failsWith("PAYMENT_NOT_PAID"),
      );
      await payment.payInstantly(instant(sandbox, { paymentId }));
      const transactions = await attempts(payment, paymentId);
      assert.deepEqual(transactions.map((one) => one.status).sort(), ["FAILED", "PAID"]);
    },
  );

  await t.test("lists page, sort and filter", async () => {
    const storeId = sandbox.storeId;
    const ids = ["list-a", "list-b", "list-c"];
    for (const paymentId of ids) await payment.payInstantly(instant(sandbox, { paymentId }));
    await payment.cancelPayment({ paymentId: "list-b", reason: "for the filter" });
    const since = (await payment.getPayment({ paymentId: "list-a" })).requestedAt;
    const range = { storeId, timestampType: "CREATED_AT", from: since };
    const listed = async (/** @type {any} */ filter, /** @type {any} */ page = undefined) => {
      const found = await payment.getPayments({ page, filter: { ...range, ...filter } });
      return { ids: found.items.map((/** @type {any} */ one) => one.id), page: found.page };
    };
    const oldest = { sortBy: "REQUESTED_AT", sortOrder: "ASC" };
    assert.deepEqual((await listed(oldest)).ids, ids);
    assert.deepEqual((await listed({ ...oldest, sortOrder: "DESC" })).ids, [...ids].reverse());
    assert.deepEqual((await listed({ status: ["CANCELLED"] })).ids, ["list-b"]);
    assert.deepEqual((await listed({ ...oldest, isTest: true, status: ["PAID"] })).ids, [
      "list-a",
      "list-c",
    ]);
    assert.deepEqual((await listed({ isTest: false })).ids, []);
    const second = await listed(oldest, { number: 1, size: 2 });
    assert.deepEqual(second, { ids: ["list-c"], page: { number: 1, size: 2, totalCount: 3 } });
    const past = await listed(oldest, { number: 3000, size: 10 });
    assert.deepEqual(past.ids, []);
    const everything = await payment.getPayments({});
    assert.ok(everything.page.totalCount >= 5, "without a body: all defaults");
  });

  await t.test(
    "ids are looked up as they are, and refused where the PG can't take them",
    async () => {
      const odd = "주문/1 +%2F?&#";
      await payment.preRegisterPayment({ paymentId: odd, totalAmount: 1000 });
      await assert.rejects(payment.getPayment({ paymentId: odd }), failsWith("PAYMENT_NOT_FOUND"));
      await assert.rejects(
        payment.payInstantly(instant(sandbox, { paymentId: odd })),
        (error) => failsWith("INVALID_REQUEST")(error) && /paymentId/.test(error.message),
      );
      await assert.rejects(payment.getPayment({ paymentId: " " }), failsWith("PAYMENT_NOT_FOUND"));
      const slashed = "shop/2026/order 1+2%";
      await payment.payInstantly(instant(sandbox, { paymentId: slashed }));
      assert.equal((await payment.getPayment({ paymentId: slashed })).id, slashed);
      await hears("Transaction.Paid", slashed);
    },
  );

  await t.test("bad input is refused with the field's name, and nothing is stored", async () => {
    const paymentId = newId();
    const refused = async (/** @type {any} */ fields, /** @type {RegExp} */ names) =>
      assert.rejects(payment.payInstantly(instant(sandbox, { paymentId, ...fields })), (error) => {
        failsWith("INVALID_REQUEST")(error);
        assert.match(error.message, names);
        return true;
      });
    await refused({ amount: { total: -1 } }, /amount\.total/);
    await refused({ amount: { total: 10.5 } }, /amount\.total/);
    await refused({ currency: "WON" }, /currency/);
    await refused({ customer: {} }, /customer/);
    await refused({ method: {} }, /method/);
    await assert.rejects(
      payment.payInstantly(instant(sandbox, { paymentId, amount: { total: 100, taxFree: 101 } })),
      failsWith("SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
    );
    await assert.rejects(
      payment.payInstantly(instant(sandbox, { paymentId, channelKey: "channel-key-none" })),
      failsWith("CHANNEL_NOT_FOUND"),
    );
    await assert.rejects(payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));
  });

  await t.test("skipWebhook silences a success", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await hears("Transaction.Paid", paymentId);
    await payment.cancelPayment({ paymentId, amount: 1, reason: "quietly", skipWebhook: true });
    await payment.cancelPayment({ paymentId, reason: "loudly" });
    await hears("Transaction.Cancelled", paymentId);
    const of = receiver.deliveries.filter((one) => one.json.data.paymentId === paymentId);
    assert.deepEqual(
      of.map((one) => one.json.type),
      ["Transaction.Paid", "Transaction.Cancelled"],
    );
  });
});

/**
 * All attempts at a payment.
 * @param {any} payment
 * @param {string} paymentId
 * @returns {Promise<any[]>}
 */
async function attempts(payment, paymentId) {
  const answer = await payment.getPaymentTransactions({ paymentId });
  return answer.items;
}
