// The official SDK, smart routing: payments and billing keys by channel group, and the command line
// that says who is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, instant, newId } from "./support/orders.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("smart routing by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const [first, second] = sandbox.file.channels;
  const group = sandbox.file.channelGroups[0];
  const channelGroup = { id: group.id, name: group.name, isForTest: true };
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = async (/** @type {string} */ type) =>
    verify(await receiver.next(type), sandbox.secret);
  const pay = async (/** @type {any} */ fields = {}) => {
    const { channelKey: _, ...order } = instant(sandbox);
    await payment.payInstantly({ ...order, channelGroupId: group.id, ...fields });
    await hears("Transaction.Paid");
    return payment.getPayment({ paymentId: order.paymentId });
  };

  await t.test("a payment by group shows the channel that was drawn", async () => {
    for (const [off, on] of [
      [first, second],
      [second, first],
    ]) {
      await sandbox.naru("routing", "set", group.id, "--on", on.key, "--off", off.key);
      const paid = await pay();
      assert.equal(paid.status, "PAID");
      assert.equal(paid.channel.key, on.key);
      assert.deepEqual(paid.channelGroup, channelGroup);
    }
    await sandbox.naru("routing", "set", group.id, "--on", second.key);
    const named = await pay({ channelKey: second.key });
    assert.equal(named.channel.key, second.key);
    assert.equal(named.channelGroup, undefined);
  });

  await t.test("a group of which no channel is on, and none at all, are not found", async () => {
    const keys = [first.key, second.key];
    const all = (/** @type {string} */ flag) => keys.flatMap((key) => [flag, key]);
    await sandbox.naru("routing", "set", group.id, ...all("--off"));
    await assert.rejects(pay(), failsWith("CHANNEL_NOT_FOUND"));
    await sandbox.naru("routing", "set", group.id, ...all("--on"));
    await assert.rejects(
      pay({ channelGroupId: "channel-group-test-none" }),
      failsWith("CHANNEL_NOT_FOUND"),
    );
  });

  await t.test("a scheduled change waits for its hour", async () => {
    const made = await sandbox.json(
      ...["routing", "create", "--store", sandbox.storeId, "--name", "예약", "--test"],
      ...["--channel", `${first.key}=100`],
    );
    const hour = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3_600_000);
    await sandbox.naru(
      ...["routing", "schedule", made.id, "--at", hour.toISOString()],
      ...["--channel", `${second.key}=100`],
    );
    assert.equal((await pay({ channelGroupId: made.id })).channel.key, first.key);
    await sandbox.simulator.advance("PT3H");
    assert.equal((await pay({ channelGroupId: made.id })).channel.key, second.key);
    await sandbox.naru("routing", "delete", made.id);
    await assert.rejects(pay({ channelGroupId: made.id }), failsWith("CHANNEL_NOT_FOUND"));
  });

  await t.test("a super billing key is held by each channel and charged at one", async () => {
    const issued = await payment.billingKey.issueBillingKey({
      channelGroupId: group.id,
      customer,
      method: card("4012888888881881"),
    });
    const { billingKey, channels } = issued.billingKeyInfo;
    await hears("BillingKey.Issued");
    assert.deepEqual(
      channels.map((/** @type {any} */ one) => one.key),
      [first.key, second.key],
    );
    assert.deepEqual(issued.channelSpecificFailures, []);
    const read = await payment.billingKey.getBillingKeyInfo({ billingKey });
    assert.deepEqual(read.channelGroup, channelGroup);
    assert.deepEqual(
      read.pgBillingKeyIssueResponses.map((/** @type {any} */ one) => one.type),
      ["ISSUED", "ISSUED"],
    );
    const list = await payment.billingKey.getBillingKeyInfos({
      filter: { channelGroupIds: [group.id] },
    });
    assert.equal(list.items[0].billingKey, billingKey);

    const charge = async (/** @type {any} */ fields = {}) => {
      const paymentId = newId();
      await payment.payWithBillingKey({
        paymentId,
        billingKey,
        orderName: "정기 구독",
        amount: { total: 9900 },
        currency: "KRW",
        customer,
        ...fields,
      });
      await hears("Transaction.Paid");
      return payment.getPayment({ paymentId });
    };
    await sandbox.naru("routing", "set", group.id, "--off", first.key);
    assert.equal((await charge()).channel.key, second.key);
    assert.equal((await charge({ channelKey: first.key })).channel.key, first.key);
    await sandbox.naru("routing", "set", group.id, "--on", first.key);
    await payment.billingKey.deleteBillingKey({ billingKey });
    await hears("BillingKey.Deleted");
    await assert.rejects(charge(), failsWith("BILLING_KEY_ALREADY_DELETED"));
  });

  await t.test("what each channel said is in the error, or beside the key", async () => {
    const issue = (/** @type {string} */ number) =>
      payment.billingKey.issueBillingKey({
        channelGroupId: group.id,
        customer,
        method: card(number),
      });
    await assert.rejects(issue("9000000000120014"), failsWith("CHANNEL_SPECIFIC"));
    await hears("BillingKey.Failed");
    await sandbox.simulator.fault({
      operation: "issue_billing_key",
      kind: "drop_before",
      times: 1,
    });
    const issued = await issue("4012888888881881");
    assert.equal(issued.billingKeyInfo.channels.length, 1);
    assert.equal(issued.channelSpecificFailures[0].type, "PG_PROVIDER");
    assert.equal(issued.channelSpecificFailures[0].pgCode, "NARU_OUTCOME_UNKNOWN");
  });
});
