// The official SDK, billing keys: issue, read, list, pay, delete.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, newId } from "./support/orders.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("billing keys by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const channelKey = sandbox.file.channels[1].key;
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = async (/** @type {string} */ type) =>
    verify(await receiver.next(type), sandbox.secret);
  const issue = async (/** @type {string} */ number = "4012888888881881") => {
    const issued = await payment.billingKey.issueBillingKey({
      channelKey,
      customer,
      method: card(number),
    });
    assert.equal(
      (await hears("BillingKey.Issued")).data.billingKey,
      issued.billingKeyInfo.billingKey,
    );
    return issued;
  };
  const pay = (/** @type {any} */ fields) =>
    payment.payWithBillingKey({
      paymentId: newId(),
      orderName: "정기 구독",
      amount: { total: 9900 },
      currency: "KRW",
      customer,
      ...fields,
    });

  await t.test("a key is issued, read, listed, charged, deleted", async () => {
    const { billingKeyInfo, channelSpecificFailures } = await issue();
    const { billingKey } = billingKeyInfo;
    assert.match(billingKey, /^billing-key-/);
    assert.deepEqual(channelSpecificFailures, []);
    assert.equal(billingKeyInfo.channels[0].key, channelKey);

    const read = await payment.billingKey.getBillingKeyInfo({ billingKey });
    assert.equal(read.status, "ISSUED");
    assert.equal(read.storeId, sandbox.storeId);
    assert.equal(read.methods[0].type, "BillingKeyPaymentMethodCard");
    assert.equal(read.customer.name, customer.name.full);
    assert.doesNotMatch(JSON.stringify(read), /4012888888881881/);

    const list = await payment.billingKey.getBillingKeyInfos({
      filter: { storeId: sandbox.storeId, status: ["ISSUED"] },
      sort: { by: "ISSUED_AT", order: "ASC" },
    });
    assert.deepEqual(
      list.items.map((/** @type {any} */ one) => one.billingKey),
      [billingKey],
    );
    assert.deepEqual(list.page, { number: 0, size: 10, totalCount: 1 });

    const paymentId = newId();
    const paid = await pay({ paymentId, billingKey });
    assert.ok(paid.payment.pgTxId);
    await hears("Transaction.Paid");
    const seen = await payment.getPayment({ paymentId });
    assert.equal(seen.status, "PAID");
    assert.equal(seen.billingKey, billingKey);
    await payment.cancelPayment({ paymentId, reason: "구독 해지" });
    await hears("Transaction.Cancelled");

    const { deletedAt } = await payment.billingKey.deleteBillingKey({
      billingKey,
      reason: "해지",
      requester: "CUSTOMER",
    });
    assert.match(deletedAt, /Z$/);
    assert.equal((await hears("BillingKey.Deleted")).data.billingKey, billingKey);
    assert.equal((await payment.billingKey.getBillingKeyInfo({ billingKey })).status, "DELETED");
    await assert.rejects(pay({ billingKey }), failsWith("BILLING_KEY_ALREADY_DELETED"));
    await assert.rejects(
      payment.billingKey.deleteBillingKey({ billingKey }),
      failsWith("BILLING_KEY_ALREADY_DELETED"),
    );
  });

  await t.test("unknown keys and channels are not found", async () => {
    await assert.rejects(
      pay({ billingKey: "billing-key-none" }),
      failsWith("BILLING_KEY_NOT_FOUND"),
    );
    await assert.rejects(
      payment.billingKey.getBillingKeyInfo({ billingKey: "없는/키" }),
      failsWith("BILLING_KEY_NOT_FOUND"),
    );
    await assert.rejects(
      payment.billingKey.issueBillingKey({ channelKey: "channel-key-none", method: card() }),
      failsWith("CHANNEL_NOT_FOUND"),
    );
  });

  await t.test(
    "a card that is declined at issue leaves no key, one declined later fails the charge",
    async () => {
      await assert.rejects(
        payment.billingKey.issueBillingKey({
          channelKey,
          customer,
          method: card("9000000000120004"),
        }),
        failsWith("PG_PROVIDER", { pgCode: "120004" }),
      );
      await hears("BillingKey.Failed");
      const { billingKeyInfo } = await issue("9000000001120054");
      const paymentId = newId();
      await assert.rejects(
        pay({ paymentId, billingKey: billingKeyInfo.billingKey }),
        failsWith("PG_PROVIDER", { pgCode: "120054" }),
      );
      await hears("Transaction.Failed");
      assert.equal((await payment.getPayment({ paymentId })).status, "FAILED");
    },
  );
});
