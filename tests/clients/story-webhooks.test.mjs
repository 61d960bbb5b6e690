// Webhooks: both versions, signatures, other addresses, retries, resends, receivers that hang.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, customer, failsWith, instant, newId } from "./support/orders.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

/** How long a stop may take, on a busy machine. */
const STOP_MS = 15_000;

test("webhooks", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const store = ["--store", sandbox.storeId];
  const endpoint = async (/** @type {string} */ url, /** @type {string[]} */ ...options) => {
    const set = await sandbox.json("webhooks", "set", ...store, "--url", url, ...options);
    const remove = () => sandbox.naru("webhooks", "remove", ...store, set.webhook.id);
    return { ...set, remove };
  };
  const pay = async (/** @type {Record<string, unknown>} */ fields = {}) => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId, ...fields }));
    return paymentId;
  };
  const about =
    (/** @type {string} */ id, path = "/webhook") =>
    (/** @type {any} */ one) =>
      one.path === path && one.body.includes(id);
  const receiver = await openReceiver(t);
  await endpoint(receiver.url());

  await t.test("a webhook is signed for every verifier", async () => {
    const paymentId = await pay();
    const delivery = await receiver.next(about(paymentId));
    const webhook = await verify(delivery, sandbox.secret);
    assert.equal(webhook.type, "Transaction.Paid");
    assert.match(webhook.timestamp, /Z$/);
    const [kept] = await executed(payment, paymentId, 1);
    assert.equal(kept.id, delivery.headers["webhook-id"]);
    assert.equal(kept.url, receiver.url());
    assert.equal(kept.response.code, "200");
    assert.equal(kept.request.body, delivery.body);
  });

  await t.test(
    "version 2024-01-01 goes out as JSON and as a form, for payments only",
    async (t) => {
      const version = ["--version", "2024-01-01"];
      const json = await endpoint(receiver.url("/json"), ...version);
      const form = await endpoint(receiver.url("/form"), ...version, "--content-type", "form");
      t.after(json.remove);
      t.after(form.remove);
      const paymentId = await pay();
      await payment.cancelPayment({ paymentId, reason: "of this version as well" });
      const { transactionId } = await payment.getPayment({ paymentId });
      for (const status of ["Paid", "Cancelled"]) {
        const of = (/** @type {string} */ path) => (/** @type {any} */ one) =>
          about(paymentId, path)(one) && one.body.includes(status);
        const asJson = await receiver.next(of("/json"));
        assert.equal(asJson.headers["content-type"], "application/json");
        assert.deepEqual(asJson.json, { payment_id: paymentId, tx_id: transactionId, status });
        await verify(asJson, json.secret);
        const asForm = await receiver.next(of("/form"));
        assert.equal(asForm.headers["content-type"], "application/x-www-form-urlencoded");
        assert.deepEqual(Object.fromEntries(new URLSearchParams(asForm.body)), asJson.json);
        await verify(asForm, form.secret);
        await verify(await receiver.next(about(paymentId)), sandbox.secret);
      }
      const { billingKeyInfo } = await payment.billingKey.issueBillingKey({
        channelKey: sandbox.channel,
        customer,
        method: card(),
      });
      await receiver.next(about(billingKeyInfo.billingKey));
      const paths = receiver.deliveries.filter((one) =>
        one.body.includes(billingKeyInfo.billingKey),
      );
      assert.deepEqual(
        paths.map((one) => one.path),
        ["/webhook"],
      );
    },
  );

  await t.test("noticeUrls replace the store's address", async () => {
    const noticeUrls = [receiver.url("/notice/1"), receiver.url("/notice/2")];
    const paymentId = await pay({ noticeUrls });
    await verify(await receiver.next(about(paymentId, "/notice/1")), sandbox.secret);
    await verify(await receiver.next(about(paymentId, "/notice/2")), sandbox.secret);
    const plain = await pay({ noticeUrls: [] });
    await receiver.next(about(plain));
    assert.ok(!receiver.deliveries.some(about(paymentId)), "not to the store's own address");
  });

  await t.test(
    "noticeUrls are signed with the store's own secret beside other versions",
    async (t) => {
      const extra = await endpoint(receiver.url("/extra"), "--version", "2024-01-01");
      t.after(extra.remove);
      const paymentId = await pay({ noticeUrls: [receiver.url("/notice/3")] });
      const delivery = await receiver.next(about(paymentId, "/notice/3"));
      assert.equal(delivery.json.type, "Transaction.Paid");
      await verify(delivery, sandbox.secret);
    },
  );

  await t.test("while two secrets live, both verify", async (t) => {
    const [own] = (await sandbox.json("webhooks", "list", ...store)).items;
    const rotated = await sandbox.naru("webhooks", "rotate-secret", ...store, own.id);
    const fresh = rotated.trim();
    t.after(() => sandbox.naru("webhooks", "rotate-secret", ...store, own.id, "--finish"));
    const delivery = await receiver.next(about(await pay()));
    await verify(delivery, sandbox.secret);
    await verify(delivery, fresh);
  });
});

test("what is not received is sent again", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  let broken = 0;
  const receiver = await openReceiver(t, async () => (broken-- > 0 ? refuse() : 200));
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());

  await t.test("a retry has the same id and body, a fresh time stamp and signature", async () => {
    const paymentId = newId();
    broken = 2;
    await payment.payInstantly(instant(sandbox, { paymentId }));
    const first = await receiver.next("Transaction.Paid");
    await executed(payment, paymentId, 1);
    await sandbox.simulator.advance("PT1M");
    const second = await receiver.next("Transaction.Paid");
    await executed(payment, paymentId, 2);
    await sandbox.simulator.advance("PT4M");
    const third = await receiver.next("Transaction.Paid");
    const tries = [first, second, third];
    for (const one of tries) {
      // The process clock, which is the verifiers', has not moved.
      await verify(one, sandbox.secret);
      assert.equal(one.headers["webhook-id"], first.headers["webhook-id"]);
      assert.equal(one.body, first.body);
    }
    const distinct = (/** @type {string} */ name) =>
      new Set(tries.map((one) => one.headers[name])).size;
    assert.equal(distinct("webhook-timestamp"), 3);
    assert.equal(distinct("webhook-signature"), 3);
    const [webhook] = await executed(payment, paymentId, 3);
    assert.equal(webhook.status, "SUCCEEDED");
    assert.equal(webhook.maxExecutionCount, 6);
  });

  await t.test("a person can have it sent again", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    const first = await receiver.next("Transaction.Paid");
    const { webhook } = await payment.resendWebhook({ paymentId });
    const again = await receiver.next("Transaction.Paid");
    assert.equal(again.headers["webhook-id"], first.headers["webhook-id"]);
    assert.equal(again.body, first.body);
    assert.equal(webhook.id, first.headers["webhook-id"]);
    assert.equal(webhook.trigger, "MANUAL");
    assert.equal(webhook.status, "SUCCEEDED");
    assert.equal(webhook.response.code, "200");
    await payment.resendWebhook({ paymentId, webhookId: webhook.id });
    await verify(await receiver.next("Transaction.Paid"), sandbox.secret);
    await assert.rejects(
      payment.resendWebhook({ paymentId, webhookId: "none" }),
      failsWith("WEBHOOK_NOT_FOUND"),
    );
  });

  await t.test("a receiver that hangs delays no other", async (t) => {
    const hanging = await openReceiver(t, () => new Promise(() => {}));
    const urls = [hanging.url(), receiver.url("/notice")];
    for (let count = 0; count < 20; count += 1) {
      const noticeUrls = urls;
      await payment.payInstantly(instant(sandbox, { noticeUrls }));
      await receiver.next("Transaction.Paid");
    }
    assert.ok(hanging.deliveries.length > 0);
    hanging.close();
  });

  await t.test(
    "a receiver that hangs holds no stop up, and is told by the next start",
    async (t) => {
      let hangs = true;
      const slow = await openReceiver(t, () => (hangs ? new Promise(() => {}) : 200));
      await payment.payInstantly(instant(sandbox, { noticeUrls: [slow.url()] }));
      const cut = await slow.next("Transaction.Paid");
      const begun = Date.now();
      await sandbox.stop();
      assert.ok(Date.now() - begun < STOP_MS, "well before the receiver's minute is over");
      hangs = false;
      await sandbox.start();
      const again = await slow.next("Transaction.Paid");
      assert.equal(again.headers["webhook-id"], cut.headers["webhook-id"]);
      await verify(again, sandbox.secret);
    },
  );
});

/**
 * Refuses once the next second has begun, so that a retry's time stamp can't be the same.
 * @returns {Promise<number>}
 */
async function refuse() {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) {
    await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)));
  }
  return 500;
}

/**
 * The history, once its first webhook has been sent so often: the record follows the receiver's
 * answer, so it is read until it is there.
 * @param {any} payment
 * @param {string} paymentId
 * @param {number} count
 */
async function executed(payment, paymentId, count) {
  for (let tries = 0; tries < 500; tries += 1) {
    const { webhooks } = await payment.getPayment({ paymentId });
    if (webhooks?.[0]?.currentExecutionCount >= count) return webhooks;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the webhook of ${paymentId} was not recorded ${count} times`);
}
