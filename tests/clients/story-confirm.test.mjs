// Payments that a customer authenticates in a window, and that the official SDK confirms.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { failsWith, newId } from "./support/orders.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("windows and their confirmation", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const receiver = await openReceiver(t);
  await sandbox.naru("webhooks", "set", "--store", sandbox.storeId, "--url", receiver.url());
  const hears = (/** @type {string} */ type, /** @type {string} */ paymentId) =>
    receiver.hears(type, paymentId, sandbox.secret);

  /** @param {string[]} more */
  const open = async (/** @type {string} */ paymentId, ...more) => {
    const told = await sandbox.naru(
      ...["windows", "open", "--store", sandbox.storeId, "--payment", paymentId],
      ...["--channel", sandbox.channel, "--amount", "1000", ...more],
    );
    return JSON.parse(told);
  };
  /** @param {Record<string, unknown>} [customer] */
  const play = async (/** @type {any} */ opened, customer = {}) => {
    const device = opened.script ? "pc" : "mobile";
    const base = `${sandbox.simulator.url}/inicis`;
    const asked = { device, base, fields: opened.fields, ...customer };
    const { form } = await sandbox.simulator.window(asked);
    const told = await sandbox.naru("windows", "return", opened.transactionId, "--form", form);
    return JSON.parse(told);
  };

  await t.test("without manual confirmation the return pays, on computers and phones", async () => {
    for (const more of [[], ["--mobile"]]) {
      const paymentId = newId();
      const opened = await open(paymentId, ...more);
      assert.equal((await payment.getPayment({ paymentId })).status, "READY");
      await hears("Transaction.Ready", paymentId);
      const result = await play(opened);
      const paid = await payment.getPayment({ paymentId });
      assert.deepEqual([paid.status, paid.pgTxId], ["PAID", result.pgTxId]);
      await hears("Transaction.Paid", paymentId);
    }
  });

  await t.test("the merchant's server says whether the money may be taken", async () => {
    let status = 200;
    /** @type {any[]} */
    const asked = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        asked.push(JSON.parse(body));
        response.writeHead(status).end(JSON.stringify({ errorMessage: "sold out" }));
      });
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
    t.after(() => server.close());
    const address = /** @type {import("node:net").AddressInfo} */ (server.address());
    const url = `http://127.0.0.1:${address.port}/confirm`;

    const paymentId = newId();
    await play(await open(paymentId, "--confirm-url", url));
    const paid = await payment.getPayment({ paymentId });
    assert.equal(paid.status, "PAID");
    const [question] = asked;
    assert.equal(question.type, "Transaction.Confirm");
    assert.deepEqual(question.data, {
      storeId: sandbox.storeId,
      paymentId,
      transactionId: paid.transactionId,
      totalAmount: 1000,
    });

    status = 409;
    const refused = newId();
    const result = await play(await open(refused, "--confirm-url", url));
    assert.equal(result.pgCode, "NARU_CONFIRM_REFUSED");
    assert.match(result.pgMessage, /sold out/);
    assert.equal((await payment.getPayment({ paymentId: refused })).status, "FAILED");
    await hears("Transaction.Failed", refused);
  });

  await sandbox.naru("channels", "manual-confirm", sandbox.channel);

  await t.test("a payment waits for the merchant's word", async () => {
    const paymentId = newId();
    const { paymentToken, txId } = await play(await open(paymentId));
    assert.equal((await payment.getPayment({ paymentId })).status, "READY");
    const word = { paymentId, paymentToken };
    await assert.rejects(
      payment.confirmPayment({ ...word, totalAmount: 999 }),
      failsWith("INFORMATION_MISMATCH"),
    );
    await assert.rejects(
      payment.confirmPayment({ paymentId, paymentToken: "another" }),
      failsWith("INVALID_PAYMENT_TOKEN"),
    );
    await assert.rejects(
      payment.confirmPayment({ ...word, paymentId: newId() }),
      failsWith("PAYMENT_NOT_FOUND"),
    );
    const summary = await payment.confirmPayment({
      ...word,
      txId,
      currency: "KRW",
      totalAmount: 1000,
      taxFreeAmount: 0,
      isTest: true,
    });
    const paid = await payment.getPayment({ paymentId });
    assert.deepEqual([paid.status, paid.pgTxId], ["PAID", summary.pgTxId]);
    assert.match(summary.paidAt, /^\d{4}-\d\d-\d\dT/);
    await hears("Transaction.Paid", paymentId);
    await assert.rejects(payment.confirmPayment(word), failsWith("ALREADY_PAID"));
  });

  await t.test("a lost approval is found, a refused one fails", async () => {
    const found = newId();
    const lost = await play(await open(found));
    await sandbox.simulator.fault({ operation: "approve_window", kind: "garbage", times: 1 });
    await payment.confirmPayment({ paymentId: found, paymentToken: lost.paymentToken });
    assert.equal((await payment.getPayment({ paymentId: found })).status, "PAID");

    const declined = newId();
    const { paymentToken } = await play(await open(declined), { card: "9000000000120026" });
    const word = { paymentId: declined, paymentToken };
    await assert.rejects(payment.confirmPayment(word), failsWith("PG_PROVIDER"));
    assert.equal((await payment.getPayment({ paymentId: declined })).status, "FAILED");
    await assert.rejects(payment.confirmPayment(word), failsWith("INVALID_PAYMENT_TOKEN"));
  });

  await t.test("a virtual account is issued at the confirmation", async () => {
    const paymentId = newId();
    const { paymentToken } = await play(await open(paymentId, "--virtual-account"));
    await payment.confirmPayment({ paymentId, paymentToken });
    const waiting = await payment.getPayment({ paymentId });
    assert.equal(waiting.status, "VIRTUAL_ACCOUNT_ISSUED");
    await sandbox.simulator.deposit(waiting.method.accountNumber);
    await hears("Transaction.Paid", paymentId);
  });

  await t.test("a token of no billing-key window confirms nothing", async () => {
    const word = { billingIssueToken: "billing-issue-token-0.0" };
    const { billingKey } = payment;
    for (const confirm of ["confirmBillingKey", "confirmBillingKeyIssueAndPay"]) {
      await assert.rejects(billingKey[confirm](word), failsWith("BILLING_KEY_NOT_FOUND"));
    }
  });

  await sandbox.naru("channels", "auto-confirm", sandbox.channel);
});
