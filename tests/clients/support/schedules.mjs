// A merchant who charges by schedule.

import assert from "node:assert/strict";

import { card, customer, newId } from "./orders.mjs";

/** A card whose key is issued and charged by the simulator. */
const KEY_CARD = "4012888888881881";

/** A merchant with a receiver of webhooks. */
export class Merchant {
  /**
   * @param {import("./sandbox.mjs").Sandbox} sandbox
   * @param {import("./receiver.mjs").Receiver} receiver
   */
  constructor(sandbox, receiver) {
    this.sandbox = sandbox;
    this.receiver = receiver;
    this.payment = sandbox.client().payment;
  }

  /**
   * A billing key, whose webhook has been heard.
   * @param {string} [number]
   * @returns {Promise<string>}
   */
  async issue(number = KEY_CARD) {
    const { billingKeyInfo } = await this.payment.billingKey.issueBillingKey({
      channelKey: this.sandbox.file.channels[1].key,
      customer,
      method: card(number),
    });
    const { billingKey } = billingKeyInfo;
    await this.receiver.hears("BillingKey.Issued", billingKey, this.sandbox.secret);
    return billingKey;
  }

  /** Now, by the business clock, in milliseconds. */
  now() {
    return Date.now() + this.sandbox.simulator.offsetMs;
  }

  /**
   * A time so many seconds from now, by the business clock.
   * @param {number} seconds
   */
  at(seconds) {
    return new Date(this.now() + seconds * 1_000).toISOString();
  }

  /**
   * What is charged to a key.
   * @param {string} billingKey
   * @param {Record<string, any>} [fields]
   */
  order(billingKey, fields = {}) {
    const amount = { total: 9_900 };
    return { billingKey, orderName: "정기 구독", amount, currency: "KRW", customer, ...fields };
  }

  /**
   * A schedule that is due in so many seconds.
   * @param {string} billingKey
   * @param {number} seconds
   * @param {Record<string, any>} [fields] `paymentId`, and fields of the order
   */
  async schedule(billingKey, seconds, { paymentId = newId(), ...fields } = {}) {
    const timeToPay = this.at(seconds);
    const { schedule } = await this.payment.paymentSchedule.createPaymentSchedule({
      paymentId,
      payment: this.order(billingKey, fields),
      timeToPay,
    });
    assert.ok(schedule.id);
    return { id: schedule.id, paymentId, timeToPay };
  }

  /**
   * A schedule as it reads.
   * @param {string} paymentScheduleId
   * @returns {Promise<any>}
   */
  async read(paymentScheduleId) {
    return this.payment.paymentSchedule.getPaymentSchedule({ paymentScheduleId });
  }

  /**
   * What the PG's books say of a payment's attempts: amounts and states.
   * @param {string} paymentId
   * @returns {Promise<[number, string][]>}
   */
  async charges(paymentId) {
    const { items } = /** @type {any} */ (await this.payment.getPaymentTransactions({ paymentId }));
    const orders = items.map((/** @type {any} */ one) => one.id.replaceAll("-", ""));
    const { transactions } = await this.sandbox.simulator.books();
    return transactions
      .filter((/** @type {any} */ one) => orders.includes(one.orderId))
      .map((/** @type {any} */ one) => [one.amount, one.state]);
  }
}
