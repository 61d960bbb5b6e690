// Settlements of the PG against our payments, and our books against the PG's: by the command line,
// and the VAT reports by the official SDK.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const DAY = "2026-01-15";
const SETTLED = "2026-01-16";
/** How long a walk through a few payments may take, on a busy machine. */
const FOUND_MS = 30_000;

test("reconciliation", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment, reconciliation } = sandbox.client();
  const [store, channel] = [sandbox.storeId, sandbox.channel];
  await sandbox.simulator.set(`${DAY}T12:00:00+09:00`);
  const pay = async (/** @type {number} */ total) => {
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId, amount: { total } }));
    return paymentId;
  };
  const [whole, part, none] = [await pay(11_000), await pay(22_000), await pay(3_300)];
  await payment.cancelPayment({ paymentId: part, amount: 5_500, reason: "하나 반품" });
  await payment.cancelPayment({ paymentId: none, reason: "모두 반품" });
  const file = join(sandbox.data, "settlement.csv");
  const take = async (/** @type {Uint8Array | string} */ content, /** @type {string[]} */ ...more) => {
    await writeFile(file, content);
    const to = ["settlements", "import", file, "--channel", channel, ...more];
    return (await sandbox.json(...to)).days[0];
  };
  const period = ["--store", store, "--from", DAY, "--until", SETTLED];
  const differing = ["settlements", "lines", ...period, "--status", "NOT_MATCHED,INCOMPARABLE"];
  const vat = async (/** @type {"Settlement" | "Transaction"} */ of, /** @type {string} */ day) => {
    const report = reconciliation[`getPaymentReconciliation${of}VatReport`];
    return report({ dateRange: { from: day, until: day } });
  };

  await t.test("nobody is told of a store that does not collect", async () => {
    await assert.rejects(vat("Settlement", SETTLED), failsWith("FORBIDDEN"));
    const early = await sandbox.tryNaru("settlements", "import", file, "--channel", channel);
    assert.equal(early.code, 1);
    await sandbox.naru("settlements", "enrol", "--store", store, "--from", "2026-01-01");
  });

  await t.test("the PG's own file is imported, once", async () => {
    const content = await sandbox.simulator.settlement(SETTLED);
    const trial = await take(content, "--format", "pg", "--dry-run");
    assert.deepEqual([trial.outcome, trial.lines], ["NEW", 5]);
    const first = await take(content, "--format", "pg");
    assert.deepEqual([first.outcome, first.settledOn, first.unmatched], ["NEW", SETTLED, 0]);
    assert.equal((await take(content, "--format", "pg")).outcome, "UNCHANGED");
    const report = await sandbox.json("settlements", "report", ...period);
    const [total] = report.totals;
    assert.deepEqual([total.transactionAmount, total.cancelAmount], [36_300, 8_800]);
    assert.deepEqual([total.transactionCount, total.cancelCount], [3, 2]);
    assert.equal((await sandbox.tryNaru(...differing, "--fail-on-difference")).code, 0);
  });

  await t.test("the VAT reports go by the day of settlement, and of transaction", async () => {
    const sums = {
      totalSupplyAmount: 25_000,
      totalVatAmount: 2_500,
      totalTaxFreeAmount: 0,
      totalAmount: 27_500,
    };
    const of = /** @type {const} */ ([
      ["Settlement", SETTLED, DAY],
      ["Transaction", DAY, SETTLED],
    ]);
    for (const [report, on, off] of of) {
      const found = await vat(report, on);
      assert.deepEqual(found.summary, sums, report);
      assert.deepEqual(
        found.items.map((/** @type {any} */ one) => [one.paymentMethod, one.totalAmount]),
        [["CARD", 27_500]],
      );
      assert.deepEqual(found.pgSpecifiers, [
        { pgProvider: "INICIS", pgMerchantId: sandbox.file.channels[0].pgMerchantId },
      ]);
      assert.equal((await vat(report, off)).summary.totalAmount, 0);
    }
    await assert.rejects(
      reconciliation.getPaymentReconciliationSettlementVatReport(
        /** @type {any} */ ({ dateRange: { from: SETTLED } }),
      ),
      failsWith("INVALID_REQUEST"),
    );
  });

  await t.test("a line that differs is told, until a corrected file takes its place", async () => {
    const right = Buffer.from(await sandbox.simulator.settlement(SETTLED, "csv")).toString();
    const wrong = right.replace(/,22000,/, ",22001,");
    assert.notEqual(wrong, right);
    const [replaced, changed] = await take(wrong).then((day) => [day.outcome, day.unmatched]);
    assert.deepEqual([replaced, changed], ["REPLACED", 1]);
    const told = await sandbox.tryNaru(...differing, "--fail-on-difference");
    assert.equal(told.code, 1);
    assert.ok(told.stdout.includes(part) && told.stdout.includes("PAYMENT_AMOUNT"), told.stdout);
    const { items } = await sandbox.json(...differing, "--reason", "PAYMENT_AMOUNT");
    assert.deepEqual(
      items.map((/** @type {any} */ one) => [one.paymentId, one.amount, one.difference]),
      [[part, 22_001, 1]],
    );
    assert.deepEqual((await sandbox.json(...differing, "--reason", "ESCROW")).items, []);
    // A line less is refused unless it is meant.
    const lines = right.trimEnd().split("\n");
    await writeFile(file, lines.slice(0, -1).join("\n"));
    const less = await sandbox.tryNaru("settlements", "import", file, "--channel", channel);
    assert.equal(less.code, 1);
    assert.match(less.stderr, /--replace/);
    assert.equal((await take(right)).unmatched, 0);
    assert.equal((await sandbox.tryNaru(...differing, "--fail-on-difference")).code, 0);
  });

  await t.test("what somebody cancelled at the PG is found by itself", async () => {
    const differences = ["settlements", "differences", "--store", store];
    const before = await payment.getPayment({ paymentId: whole });
    assert.deepEqual((await sandbox.json(...differences)).items, []);
    await sandbox.simulator.cancelAtConsole(/** @type {any} */ (before).pgTxId, 1_000);
    await sandbox.simulator.advance("PT11M");
    // In a sandbox the comparison is off unless it is asked for.
    await sandbox.stop();
    sandbox.env.NARU_COMPARE__ENABLED = "true";
    await sandbox.start();
    const [found] = await eventually(async () => (await sandbox.json(...differences)).items);
    assert.deepEqual(
      [found.paymentId, found.kind, found.state, found.ours, found.theirs],
      [whole, "CANCELLED_AMOUNT", "OPEN", 0, 1_000],
    );
    const failing = [...differences, "--fail-on-difference"];
    assert.equal((await sandbox.tryNaru(...failing)).code, 1);
    const after = await sandbox.client().payment.getPayment({ paymentId: whole });
    assert.deepEqual(after, before, "no payment is changed by looking");
    // By hand it comes to the same, and finds nothing wrong with the others.
    for (const [id, open] of [
      [whole, "1 differences are open"],
      [part, "our books and the PG's agree"],
    ]) {
      const told = await sandbox.naru("settlements", "compare", "--store", store, String(id));
      assert.ok(told.includes(String(open)), told);
    }
    await sandbox.naru(
      ...["settlements", "accept", "--store", store, found.id, "--note", "전화로 확인"],
    );
    assert.equal((await sandbox.tryNaru(...failing)).code, 0);
    const [accepted] = (await sandbox.json(...differences)).items;
    assert.deepEqual([accepted.state, accepted.note], ["ACCEPTED", "전화로 확인"]);
  });
});

/**
 * Asks until there is something.
 * @param {() => Promise<any[]>} ask
 */
async function eventually(ask) {
  const end = Date.now() + FOUND_MS;
  while (Date.now() < end) {
    const found = await ask();
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing was found within ${FOUND_MS} ms`);
}
