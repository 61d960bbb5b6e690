// Lists by cursor and analytics, by the official SDK where it has them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

/**
 * Follows the cursors until so many items were met: new ones come within a second.
 *
 * @param {(input: any) => Promise<{ items: any[] }>} page
 * @param {number} count
 */
async function walk(page, count) {
  /** @type {any[]} */
  const seen = [];
  const end = Date.now() + 10_000;
  /** @type {string | undefined} */
  let cursor;
  while (seen.length < count) {
    assert.ok(Date.now() < end, `${seen.length} of ${count} items`);
    const { items } = await page({ size: 2, ...(cursor && { cursor }) });
    seen.push(...items);
    cursor = items.at(-1)?.cursor ?? cursor;
  }
  const after = await page({ size: 2, cursor });
  assert.deepEqual(after.items, []);
  return seen;
}

test("lists by cursor, and charts", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const ids = Array.from({ length: 5 }, () => newId());
  for (const paymentId of ids) await payment.payInstantly(instant(sandbox, { paymentId }));
  const first = /** @type {string} */ (ids[0]);
  const paid = /** @type {any} */ (await payment.getPayment({ paymentId: first }));
  const price = paid.amount.total;
  await payment.cancelPayment({ paymentId: first, amount: 100, reason: "part" });
  await payment.cancelPayment({ paymentId: first, reason: "rest" });

  await t.test("each payment is met once, in order", async () => {
    const seen = await walk((input) => payment.getAllPaymentsByCursor(input), 5);
    assert.deepEqual(
      seen.map((item) => item.payment.id),
      ids,
    );
    await assert.rejects(
      payment.getAllPaymentsByCursor({ cursor: "forged" }),
      failsWith("INVALID_REQUEST"),
    );
  });

  await t.test("each movement of money is met once", async () => {
    const seen = await walk((input) => payment.getAllPaymentEventsByCursor(input), 7);
    const events = seen.map((item) => item.paymentEvent);
    assert.deepEqual(
      events.filter((event) => event.paymentId === first).map((one) => [one.type, one.eventAmount]),
      [
        ["PAID", price],
        ["PARTIAL_CANCELLED", -100],
        ["CANCELLED", 100 - price],
      ],
    );
  });

  await t.test("charts say the same", async () => {
    const authorization = `PortOne ${sandbox.file.v2.apiSecret}`;
    const until = new Date(Date.now() + 60_000).toISOString();
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const chart = async (/** @type {string} */ path, /** @type {object} */ more) => {
      const body = JSON.stringify({ from, until, currency: "KRW", ...more });
      const query = `requestBody=${encodeURIComponent(body)}`;
      const answer = await sandbox.call(`/analytics/${path}?${query}`, { authorization });
      assert.equal(answer.status, 200, answer.text);
      return JSON.parse(answer.text);
    };
    const { stats } = await chart("charts/payment-method", { excludeCancelled: true });
    assert.deepEqual(stats, [{ paymentMethod: "CARD", amount: 4 * price, count: 5 }]);
    assert.deepEqual(await chart("cancellation-rate", {}), { cancellationRate: 0.2 });
    // The rest, each with all it must be given.
    const kept = { excludeCancelled: true };
    const monthly = { ...kept, timeGranularity: { month: { timezoneHourOffset: 9 } } };
    for (const [path, more] of /** @type {[string, object][]} */ ([
      ["charts/payment", monthly],
      ["charts/payment-insight", { ...kept, timezoneHourOffset: 9 }],
      ["charts/average-amount", monthly],
      ["charts/payment-method-trend", monthly],
      ["charts/card", monthly],
      ["charts/card-company", { ...monthly, cardCompanies: [], excludesFromRemainders: [] }],
      ["charts/easy-pay", monthly],
      ["charts/easy-pay-provider", { ...monthly, easyPayProviders: [], excludesFromRemainders: [] }],
      ["charts/pg-company", kept],
      ["charts/pg-company-trend", { ...monthly, pgCompanies: ["INICIS"] }],
      ["overseas-payment-usage", {}],
      ["charts/payment-status", {}],
      ["charts/payment-status/by-method", {}],
      ["charts/payment-status/by-pg-company", {}],
      ["charts/payment-status/by-payment-client", {}],
    ])) {
      await chart(path, more);
    }
  });
});
