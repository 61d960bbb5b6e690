// Promotions, payment sessions, checkout profiles and card promotions: by the official SDK where it
// has the operation, else as the document says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { card, failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

/** A card of the sandbox's table: SAMSUNG_CARD. */
const SAMSUNG = "4000000000000001";
/** Another one: LOTTE_CARD. */
const LOTTE = "4111111111111111";

test("promotions by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const { storeId } = sandbox;
  const promotions = (/** @type {string[]} */ ...args) => sandbox.json("promotions", ...args);
  const create = async (/** @type {string[]} */ ...args) => {
    const fixed = ["create", "--store", storeId, "--name", "여름 할인", "--partition", "1000=10%"];
    const company = ["--card-company", "SAMSUNG_CARD", "--end", "2098-12-31T23:59:59+09:00"];
    return (await promotions(...fixed, ...company, ...args)).id;
  };
  const pay = async (/** @type {string} */ promotionId, number = SAMSUNG) => {
    const paymentId = newId();
    const fields = { paymentId, promotionId, amount: { total: 10_000 }, method: card(number) };
    await payment.payInstantly(instant(sandbox, fields));
    return payment.getPayment({ paymentId });
  };
  const shown = (/** @type {string} */ promotionId) =>
    payment.promotion.getPromotion({ promotionId });

  await t.test("a card of the company pays less, and the budget counts it", async () => {
    const promotionId = await create("--budget", "2500");
    const fresh = await shown(promotionId);
    assert.equal(fresh.status, "IN_PROGRESS");
    assert.deepEqual([fresh.totalBudget, fresh.spentAmount], [2500, 0]);
    const paid = await pay(promotionId);
    assert.equal(paid.promotionId, promotionId);
    assert.deepEqual(
      [paid.amount.total, paid.amount.discount, paid.amount.paid],
      [10_000, 1000, 9000],
    );
    assert.equal(paid.method.card.issuer, "SAMSUNG_CARD", "the PG says so, too");
    const { transactions } = await sandbox.simulator.books();
    assert.equal(transactions.at(-1).amount, 9000, "the PG took the price");
    assert.equal((await shown(promotionId)).spentAmount, 1000);

    await assert.rejects(
      pay(promotionId, LOTTE),
      failsWith("PROMOTION_PAY_METHOD_DOES_NOT_MATCH"),
    );
    await pay(promotionId);
    // 500 are left of 2,500: too little for another, which pays the full price.
    const late = await pay(promotionId);
    assert.deepEqual([late.amount.discount, late.amount.paid], [0, 10_000]);
    assert.equal((await shown(promotionId)).status, "BUDGET_EXHAUSTED");

    await payment.cancelPayment({ paymentId: paid.id, reason: "취소" });
    const after = await shown(promotionId);
    assert.deepEqual([after.status, after.spentAmount], ["IN_PROGRESS", 1000]);
    const cancelled = await payment.getPayment({ paymentId: paid.id });
    assert.equal(cancelled.amount.cancelled, 10_000, "in the order's terms");
  });

  await t.test("a part goes back with its part of the discount, or without", async () => {
    const promotionId = await create("--budget", "100000");
    for (const [option, money] of /** @type {const} */ ([
      ["RETAIN", 3600],
      ["RELEASE", 3600],
    ])) {
      const paid = await pay(promotionId);
      await payment.cancelPayment({
        paymentId: paid.id,
        amount: 4000,
        reason: "하나 반품",
        promotionDiscountRetainOption: option,
      });
      const partly = await payment.getPayment({ paymentId: paid.id });
      assert.equal(partly.status, "PARTIAL_CANCELLED");
      assert.equal(partly.amount.cancelled, 4000);
      const { transactions } = await sandbox.simulator.books();
      const sale = transactions.find((/** @type {any} */ one) => one.pgTxId === paid.pgTxId);
      assert.equal(sale.cancelledAmount, money, option);
    }
  });

  await t.test("it is paused, resumed, changed before its start, and ended", async () => {
    const promotionId = await create("--budget", "100000");
    await promotions("pause", promotionId);
    assert.equal((await pay(promotionId)).amount.discount, 0);
    assert.equal((await shown(promotionId)).status, "PAUSED");
    await promotions("resume", promotionId);
    assert.equal((await pay(promotionId)).amount.discount, 1000);
    const early = await sandbox.tryNaru("promotions", "edit", promotionId, "--no-recover");
    assert.match(early.stderr, /only its name and its schedule can be changed/);
    await promotions("terminate", promotionId);
    assert.equal((await shown(promotionId)).status, "TERMINATED");
    assert.equal((await pay(promotionId)).amount.discount, 0);

    const later = await create("--budget", "1000", "--start", "2098-01-01T00:00:00+09:00");
    assert.equal((await shown(later)).status, "SCHEDULED");
    const spare = ["--no-recover", "--spare-percent", "10"];
    const changed = await promotions("edit", later, ...spare);
    assert.deepEqual(changed.recovery, { recovers: false, sparePercent: 10 });
    assert.equal((await shown(later)).recoverOption.type, "NO_RECOVER");
    const back = await promotions("edit", later, "--recover");
    assert.deepEqual(back.recovery, { recovers: true });
    assert.equal((await shown(later)).recoverOption.type, "RECOVER");
  });

  await t.test("what is not there is told apart from what does not fit", async () => {
    await assert.rejects(shown("promotion-id-none"), failsWith("PROMOTION_NOT_FOUND"));
    await assert.rejects(pay("promotion-id-none"), failsWith("INVALID_REQUEST"));
  });

  await t.test("card promotions are the PG's own, and none that can be asked for", async () => {
    const asked = { amount: 1000, channelKey: sandbox.channel };
    const none = await payment.getPgCardPromotions?.(asked);
    const raw = await sandbox.call(
      `/payment-gateways/card-promotion?amount=1000&channelKey=${sandbox.channel}`,
    );
    assert.deepEqual(JSON.parse(raw.text), { promotions: [] });
    if (none) assert.deepEqual(none, { promotions: [] });
    const kcp = sandbox.file.channels.find((/** @type {any} */ one) => one.pgProvider === "KCP_V2");
    const refused = await sandbox.call(
      `/payment-gateways/card-promotion?amount=1000&channelKey=${kcp.key}`,
    );
    assert.equal(refused.status, 400);
    assert.equal(JSON.parse(refused.text).type, "INVALID_REQUEST");
  });
});

test("payment sessions and checkout profiles", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { storeId } = sandbox;
  const call = async (
    /** @type {string} */ method,
    /** @type {string} */ path,
    /** @type {unknown} */ body = undefined,
  ) => {
    const answer = await sandbox.call(path, { method, body: JSON.stringify(body) });
    return { status: answer.status, body: JSON.parse(answer.text) };
  };
  const profile = await sandbox.json(
    ...["profiles", "create", "--store", storeId, "--name", "Main shop", "--test"],
  );
  const set = ["profiles", "set-method", profile.key, "CARD_KR", "--channel", sandbox.channel];
  await sandbox.json(...set, "--country", "KR", "--currency", "KRW", "--max", "50000");

  await t.test("a profile offers what fits", async () => {
    const evaluate = async (/** @type {number} */ amount) => {
      const query = new URLSearchParams({
        profileKey: profile.key,
        country: "KR",
        currency: "KRW",
        amount: String(amount),
      });
      return call("GET", `/checkout-profiles/evaluate?${query}`);
    };
    const offered = await evaluate(1000);
    assert.equal(offered.status, 200, JSON.stringify(offered.body));
    assert.match(JSON.stringify(offered.body), new RegExp(sandbox.channel));
    const nothing = await evaluate(50_001);
    assert.doesNotMatch(JSON.stringify(nothing.body), new RegExp(sandbox.channel));
    await sandbox.naru("channels", "disable", sandbox.channel);
    assert.doesNotMatch(JSON.stringify((await evaluate(1000)).body), new RegExp(sandbox.channel));
    await sandbox.naru("channels", "enable", sandbox.channel);
  });

  await t.test("a session lives until it ends by time or by hand", async () => {
    const session = {
      storeId,
      paymentId: newId(),
      profileKey: profile.key,
      paymentMethod: "CARD_KR",
      country: "KR",
      currency: "KRW",
      totalAmount: 1000,
      orderName: "커피 두 잔",
      redirectUrl: "https://shop.example/done",
      ttlSeconds: 600,
    };
    const made = await call("POST", "/payment-sessions", session);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const { sessionId, url } = made.body;
    const path = `/payment-sessions/${sessionId}`;
    const read = await call("GET", path);
    assert.equal(read.body.orderName, session.orderName);
    assert.equal(read.body.paymentId, session.paymentId);
    const none = await call("GET", `/payments/${session.paymentId}`);
    assert.equal(none.body.type, "PAYMENT_NOT_FOUND", "a session is no payment");
    assert.equal((await fetch(url)).status, 200);

    const dear = await call("POST", "/payment-sessions", { ...session, totalAmount: 50_001 });
    assert.equal(dear.body.type, "INVALID_REQUEST");
    const long = await call("POST", "/payment-sessions", { ...session, ttlSeconds: 31_536_000 });
    assert.equal(long.body.type, "MAX_TTL_EXCEEDED");

    await sandbox.simulator.advance("PT11M");
    assert.equal((await call("GET", path)).body.type, "SESSION_EXPIRED");
    assert.equal((await fetch(url)).status, 410);
    const second = await call("POST", "/payment-sessions", session);
    const other = `/payment-sessions/${second.body.sessionId}`;
    const closed = await call("POST", `${other}/close`);
    assert.equal(closed.status, 200, JSON.stringify(closed.body));
    assert.equal((await call("GET", other)).body.type, "SESSION_EXPIRED");
    assert.equal((await call("GET", "/payment-sessions/none")).body.type, "SESSION_NOT_FOUND");
  });
});
