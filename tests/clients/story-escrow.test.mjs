// The official SDK, escrow from shipment to the customer's word, and store receipts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { within } from "./support/process.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const address = {
  country: "KR",
  addressLine1: "세종대로 1",
  addressLine2: "2층",
  city: "중구",
  province: "서울시",
};
const party = { name: "홍길동", phoneNumber: "02-123-4567", zipcode: "04524", address };
const goods = [{ id: "1", name: "커피", amount: 1000, quantity: 1 }];

/** @param {string} invoiceNumber */
const shipment = (invoiceNumber) => ({
  sender: party,
  receiver: party,
  logistics: { company: "CJ", invoiceNumber, sentAt: "2026-01-02T09:30:00+09:00" },
  products: goods,
});

test("escrow by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const channelKey = sandbox.file.channels[2].key;
  const pay = async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId, channelKey, isEscrow: true }));
    const paid = await payment.getPayment({ paymentId });
    assert.deepEqual(paid.escrow, { status: "BEFORE_REGISTERED" });
    return { paymentId, pgTxId: paid.pgTxId };
  };
  // What a notice tells is looked into by a worker, a moment after the PG has its answer.
  const until = async (/** @type {string} */ paymentId, /** @type {string} */ status) => {
    const looking = async () => {
      for (;;) {
        const found = await payment.getPayment({ paymentId });
        if (found.escrow.status === status) return found;
      }
    };
    return within(20_000, `the escrow of ${paymentId} to be ${status}`, looking());
  };

  await t.test("a shipment is told, corrected, and confirmed by the customer", async () => {
    const { paymentId, pgTxId } = await pay();
    const told = await payment.applyEscrowLogistics({ paymentId, ...shipment("111") });
    assert.equal(told.invoiceNumber, "111");
    assert.equal(told.sentAt, "2026-01-02T00:30:00Z");
    assert.match(told.appliedAt, /Z$/);
    const changed = await payment.modifyEscrowLogistics({ paymentId, ...shipment("222") });
    assert.equal(changed.invoiceNumber, "222");
    assert.match(changed.modifiedAt, /Z$/);
    const sent = await until(paymentId, "REGISTERED");
    assert.equal(sent.escrow.company, "CJ");
    assert.equal(sent.escrow.invoiceNumber, "222");

    await assert.rejects(
      payment.confirmEscrow({ paymentId }),
      failsWith("PG_PROVIDER", { pgCode: "NARU_UNSUPPORTED" }),
    );
    await assert.rejects(
      payment.cancelPayment({ paymentId, reason: "on its way" }),
      failsWith("PG_PROVIDER", { pgCode: "550685" }),
    );
    const said = await sandbox.simulator.says(pgTxId, "confirm");
    assert.equal(said.notified, true);
    const confirmed = await until(paymentId, "CONFIRMED");
    assert.equal(confirmed.escrow.isAutomaticallyConfirmed, false);
    assert.equal(confirmed.escrow.invoiceNumber, "222");
    const { news } = await sandbox.simulator.escrow(pgTxId);
    assert.deepEqual(
      news.map((/** @type {any} */ one) => [one.clStatus, one.notified]),
      [
        ["2", true],
        ["3", true],
      ],
    );
  });

  await t.test("silence is a yes after the PG's days", async () => {
    const { paymentId } = await pay();
    await payment.applyEscrowLogistics({ paymentId, ...shipment("333") });
    await sandbox.simulator.advance("P9D");
    const confirmed = await until(paymentId, "CONFIRMED");
    assert.equal(confirmed.escrow.isAutomaticallyConfirmed, true);
  });

  await t.test("a rejection is accepted, and then the money goes back", async () => {
    const { paymentId, pgTxId } = await pay();
    await payment.applyEscrowLogistics({ paymentId, ...shipment("444") });
    await sandbox.simulator.says(pgTxId, "reject", { reason: "색이 다름" });
    await until(paymentId, "REJECTED");
    const early = await sandbox.tryNaru(
      ...["payments", "accept-rejection", "--store", sandbox.storeId, "nothing"],
    );
    assert.notEqual(early.code, 0);
    const accept = ["payments", "accept-rejection", "--store", sandbox.storeId, paymentId];
    const accepted = await sandbox.json(...accept);
    assert.equal(accepted.paymentId, paymentId);
    const seen = await until(paymentId, "REJECT_CONFIRMED");
    assert.equal(seen.status, "PAID");
    await payment.cancelPayment({ paymentId, reason: "반품" });
    const cancelled = await payment.getPayment({ paymentId });
    assert.equal(cancelled.status, "CANCELLED");
    assert.equal(cancelled.escrow.status, "CANCELLED");
    await assert.rejects(
      payment.applyEscrowLogistics({ paymentId, ...shipment("555") }),
      failsWith("PAYMENT_NOT_PAID"),
    );
  });

  await t.test("a lost answer is told, and the PG's notice tells what became of it", async () => {
    const { paymentId } = await pay();
    await sandbox.simulator.fault({
      operation: "register_shipment",
      kind: "drop_after",
      times: 1,
    });
    await assert.rejects(
      payment.applyEscrowLogistics({ paymentId, ...shipment("666") }),
      failsWith("PG_PROVIDER", { pgCode: "NARU_OUTCOME_UNKNOWN" }),
    );
    const sent = await until(paymentId, "REGISTERED");
    assert.equal(sent.escrow.invoiceNumber, "666");
  });

  await t.test("what the PG needs is named, and what is not there is not found", async () => {
    const { paymentId } = await pay();
    await assert.rejects(
      payment.applyEscrowLogistics({ paymentId, ...shipment("777"), products: [] }),
      (error) => failsWith("INVALID_REQUEST")(error) && /products/.test(error.message),
    );
    await assert.rejects(
      payment.applyEscrowLogistics({ paymentId: "nothing", ...shipment("777") }),
      failsWith("PAYMENT_NOT_FOUND"),
    );
    const plain = newId();
    await payment.payInstantly(instant(sandbox, { paymentId: plain }));
    await assert.rejects(
      payment.applyEscrowLogistics({ paymentId: plain, ...shipment("777") }),
      failsWith("INVALID_REQUEST"),
    );
    await assert.rejects(payment.confirmEscrow({ paymentId: plain }), failsWith("INVALID_REQUEST"));
  });

  await t.test("sales of other stores are put on the receipt", async () => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    const item = {
      storeBusinessRegistrationNumber: "123-45-67890",
      storeName: "옆 가게",
      totalAmount: 1000,
      taxFreeAmount: 0,
      vatAmount: 91,
      supplyAmount: 909,
      currency: "KRW",
    };
    const register = (/** @type {any} */ fields) =>
      payment.registerStoreReceipt({ paymentId, items: [{ ...item, ...fields }] });
    await register({});
    await assert.rejects(register({ vatAmount: 90 }), failsWith("INVALID_REQUEST"));
    await assert.rejects(register({ vatAmount: undefined }), failsWith("INVALID_REQUEST"));
    await assert.rejects(
      payment.registerStoreReceipt({ paymentId: "nothing", items: [item] }),
      failsWith("PAYMENT_NOT_FOUND"),
    );
    await payment.cancelPayment({ paymentId, reason: "all of it" });
    await assert.rejects(register({}), failsWith("PAYMENT_NOT_PAID"));
  });
});
