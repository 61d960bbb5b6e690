// The official SDK, schedules: made, listed, due, revoked, and what they exclude.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, instant, newId, virtualAccount } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import { Merchant } from "./support/schedules.mjs";

test("schedules by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const { paymentSchedule, billingKey } = payment;
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const merchant = new Merchant(sandbox, receiver);
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);

  await t.test("a schedule waits, then pays, and is read as it is", async () => {
    const key = await merchant.issue();
    const paymentId = newId();
    const { id, timeToPay } = await merchant.schedule(key, 3_600, {
      paymentId,
      customData: "내 것",
      amount: { total: 60_000, taxFree: 5_000 },
      installmentMonth: 3,
    });
    const waits = await merchant.read(id);
    assert.deepEqual(
      [waits.status, waits.id, waits.paymentId, waits.billingKey, waits.storeId],
      ["SCHEDULED", id, paymentId, key, sandbox.storeId],
    );
    assert.deepEqual(
      [waits.totalAmount, waits.taxFreeAmount, waits.vatAmount, waits.customData],
      [60_000, 5_000, 5_000, "내 것"],
    );
    assert.equal(waits.installmentMonth, 3);
    assert.equal(Date.parse(waits.timeToPay), Date.parse(timeToPay));
    assert.ok(!("startedAt" in waits || "completedAt" in waits || "revokedAt" in waits));
    await assert.rejects(payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));

    await sandbox.simulator.advance("PT1H");
    const told = await hears("Transaction.Paid", paymentId);
    const paid = /** @type {any} */ (await payment.getPayment({ paymentId }));
    assert.deepEqual(
      [paid.status, paid.scheduleId, paid.billingKey, paid.customData],
      ["PAID", id, key, "내 것"],
    );
    assert.equal(told.data.transactionId, paid.transactionId);
    const done = await merchant.read(id);
    assert.equal(done.status, "SUCCEEDED");
    const times = [done.timeToPay, done.startedAt, done.completedAt].map(Date.parse);
    assert.deepEqual(times, [...times].sort((a, b) => a - b));
    assert.deepEqual(await merchant.charges(paymentId), [[60_000, "APPROVED"]]);
    await payment.cancelPayment({ paymentId, reason: "구독 해지" });
    assert.equal((await merchant.read(id)).status, "SUCCEEDED", "it did what it was for");
  });

  await t.test("a declined charge fails the schedule, once, and the id is free again", async () => {
    const key = await merchant.issue("9000000001120054");
    const paymentId = newId();
    const { id } = await merchant.schedule(key, 60, { paymentId });
    await sandbox.simulator.advance("PT1M");
    await hears("Transaction.Failed", paymentId);
    const failed = /** @type {any} */ (await payment.getPayment({ paymentId }));
    assert.deepEqual(
      [failed.status, failed.failure.pgCode, failed.scheduleId],
      ["FAILED", "120054", id],
    );
    const schedule = await merchant.read(id);
    assert.equal(schedule.status, "FAILED");
    assert.ok(schedule.completedAt);
    const again = await merchant.schedule(await merchant.issue(), 0, { paymentId });
    await hears("Transaction.Paid", paymentId);
    assert.equal((await merchant.read(again.id)).status, "SUCCEEDED");
    assert.deepEqual((await merchant.charges(paymentId)).map(([, state]) => state).sort(), [
      "APPROVED",
      "DECLINED",
    ]);
  });

  await t.test("what is past is refused, a minute's delay is not", async () => {
    const key = await merchant.issue();
    for (const seconds of [-61, -86_400]) {
      await assert.rejects(
        merchant.schedule(key, seconds),
        (error) => failsWith("INVALID_REQUEST")(error) && /timeToPay/.test(error.message),
      );
    }
    const paymentId = newId();
    await merchant.schedule(key, -50, { paymentId });
    await hears("Transaction.Paid", paymentId);
  });

  await t.test("they are listed by what they are", async () => {
    const keys = [await merchant.issue(), await merchant.issue()];
    const [first, second] = /** @type {[string, string]} */ (keys);
    const [tomorrow, soon, later, gone] = [
      await merchant.schedule(first, 86_400),
      await merchant.schedule(first, 600),
      await merchant.schedule(second, 1_200),
      await merchant.schedule(second, 1_800),
    ];
    await paymentSchedule.revokePaymentSchedules({ scheduleIds: [gone.id] });
    const until = merchant.at(90_000);
    const list = async (/** @type {any} */ filter, /** @type {any} */ more = {}) => {
      const found = await paymentSchedule.getPaymentSchedules({
        filter: { storeId: sandbox.storeId, until, ...filter },
        ...more,
      });
      return found.items.map((/** @type {any} */ one) => one.id);
    };
    const mine = [tomorrow, gone, later, soon].map(({ id }) => id);
    const from = merchant.at(1);
    assert.deepEqual(await list({ from }), mine, "the latest due first");
    assert.deepEqual(await list({ from, billingKey: first }), [tomorrow.id, soon.id]);
    assert.deepEqual(await list({ billingKey: "billing-key-none" }), []);
    assert.deepEqual(await list({ from, status: ["REVOKED"] }), [gone.id]);
    assert.deepEqual(await list({ from, status: ["SCHEDULED"], billingKey: second }), [later.id]);
    assert.deepEqual(await list({ from, status: ["STARTED", "PENDING", "FAILED"] }), []);
    assert.deepEqual(await list({ from, isForTest: true }), mine);
    assert.deepEqual(await list({ from, isForTest: false }), []);
    assert.deepEqual(await list({ from: merchant.at(900), until: merchant.at(1_500) }), [
      later.id,
    ]);
    const oldest = { sort: { by: "TIME_TO_PAY", order: "ASC" } };
    assert.deepEqual(await list({ from }, oldest), [...mine].reverse());
    const made = { sort: { by: "CREATED_AT", order: "ASC" } };
    assert.deepEqual(
      await list({ from }, made),
      [tomorrow, soon, later, gone].map(({ id }) => id),
    );
    const page = await paymentSchedule.getPaymentSchedules({
      filter: { from, until },
      page: { number: 1, size: 3 },
    });
    assert.deepEqual(
      page.items.map((/** @type {any} */ one) => one.id),
      [soon.id],
    );
    assert.deepEqual(page.page, { number: 1, size: 3, totalCount: 4 });
    const past = await paymentSchedule.getPaymentSchedules({});
    const isPast = (/** @type {any} */ one) => Date.parse(one.timeToPay) <= merchant.now();
    assert.ok(past.items.length > 0 && past.items.every(isPast), "what is to come is asked for");
  });

  await t.test("all of those named are revoked, or none", async () => {
    const [key, other] = [await merchant.issue(), await merchant.issue()];
    const paymentId = newId();
    const done = await merchant.schedule(key, 0, { paymentId });
    await hears("Transaction.Paid", paymentId);
    const revoke = (/** @type {any} */ which) => paymentSchedule.revokePaymentSchedules(which);
    const [waits, gone] = [await merchant.schedule(key, 600), await merchant.schedule(key, 600)];
    const first = await revoke({ scheduleIds: [gone.id] });
    assert.deepEqual(first.revokedScheduleIds, [gone.id]);
    assert.equal((await merchant.read(gone.id)).revokedAt, first.revokedAt);
    const refused = /** @type {[any, string][]} */ ([
      [{ scheduleIds: [waits.id, done.id] }, "PAYMENT_SCHEDULE_ALREADY_PROCESSED"],
      [{ scheduleIds: [waits.id, gone.id] }, "PAYMENT_SCHEDULE_ALREADY_REVOKED"],
      [{ scheduleIds: [waits.id, "none"] }, "PAYMENT_SCHEDULE_NOT_FOUND"],
      [{ scheduleIds: [waits.id], billingKey: other }, "PAYMENT_SCHEDULE_NOT_FOUND"],
      [{ billingKey: "billing-key-none" }, "BILLING_KEY_NOT_FOUND"],
      [{}, "INVALID_REQUEST"],
    ]);
    for (const [which, type] of refused) await assert.rejects(revoke(which), failsWith(type));
    assert.equal((await merchant.read(waits.id)).status, "SCHEDULED", "none of them");
    await assert.rejects(
      paymentSchedule.getPaymentSchedule({ paymentScheduleId: "none" }),
      failsWith("PAYMENT_SCHEDULE_NOT_FOUND"),
    );

    const elsewhere = await merchant.schedule(other, 600);
    const second = await merchant.schedule(key, 900);
    const { revokedScheduleIds } = await revoke({ billingKey: key });
    assert.deepEqual(revokedScheduleIds.sort(), [waits.id, second.id].sort());
    assert.deepEqual((await revoke({ billingKey: key })).revokedScheduleIds, []);
    assert.equal((await merchant.read(elsewhere.id)).status, "SCHEDULED");
    await sandbox.simulator.advance("PT15M");
    await hears("Transaction.Paid", elsewhere.paymentId);
    for (const { paymentId } of [waits, gone, second]) {
      await assert.rejects(payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));
      assert.ok(!receiver.deliveries.some((one) => one.body.includes(paymentId)), "no webhook");
    }
    // What was revoked leaves its payment to others.
    await payment.payInstantly(instant(sandbox, { paymentId: waits.paymentId }));
    await hears("Transaction.Paid", waits.paymentId);
    await billingKey.deleteBillingKey({ billingKey: key });
    await assert.rejects(revoke({ billingKey: key }), failsWith("BILLING_KEY_ALREADY_DELETED"));
  });

  await t.test("payments, keys and schedules exclude each other", async () => {
    const key = await merchant.issue();
    const { id, paymentId } = await merchant.schedule(key, 600);
    const exists = failsWith("PAYMENT_SCHEDULE_ALREADY_EXISTS");
    await assert.rejects(merchant.schedule(key, 1_200, { paymentId }), exists);
    await assert.rejects(payment.payInstantly(instant(sandbox, { paymentId })), exists);
    await assert.rejects(
      payment.payWithBillingKey({ ...merchant.order(key), paymentId }),
      exists,
    );
    await assert.rejects(billingKey.deleteBillingKey({ billingKey: key }), exists);
    for (const method of [card(), virtualAccount()]) {
      const busy = newId();
      await payment.payInstantly(instant(sandbox, { paymentId: busy, method }));
      await assert.rejects(
        merchant.schedule(key, 600, { paymentId: busy }),
        failsWith("ALREADY_PAID_OR_WAITING"),
      );
    }
    await assert.rejects(
      merchant.schedule(key, 600, { amount: { total: 1_000, taxFree: 1_001 } }),
      failsWith("SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT"),
    );
    await assert.rejects(
      merchant.schedule("billing-key-none", 600),
      failsWith("BILLING_KEY_NOT_FOUND"),
    );
    await paymentSchedule.revokePaymentSchedules({ scheduleIds: [id] });
    await billingKey.deleteBillingKey({ billingKey: key });
    await assert.rejects(
      merchant.schedule(key, 600, { paymentId }),
      failsWith("BILLING_KEY_ALREADY_DELETED"),
    );
    await payment.payInstantly(instant(sandbox, { paymentId, customer }));
    await hears("Transaction.Paid", paymentId);
  });
});
