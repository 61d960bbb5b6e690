// Tokens, secrets, stores: who may call, by the official SDK and without it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

test("credentials and stores", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { auth, payment } = sandbox.client();
  const paymentId = newId();
  await payment.payInstantly(instant(sandbox, { paymentId }));
  const read = (/** @type {string} */ authorization, id = paymentId) =>
    sandbox.call(`/payments/${id}`, { authorization });

  await t.test("tokens open what the secret opens", async () => {
    const first = await auth.loginViaApiSecret({ apiSecret: sandbox.file.v2.apiSecret });
    assert.equal((await read(`Bearer ${first.accessToken}`)).status, 200);
    const second = await auth.refreshToken({ refreshToken: first.refreshToken });
    assert.equal((await read(`Bearer ${second.accessToken}`)).status, 200);
    await assert.rejects(
      auth.refreshToken({ refreshToken: first.refreshToken }),
      failsWith("UNAUTHORIZED"),
    );
    await assert.rejects(auth.loginViaApiSecret({ apiSecret: "wrong" }), failsWith("UNAUTHORIZED"));
    await sandbox.simulator.advance("PT31M");
    assert.equal((await read(`Bearer ${second.accessToken}`)).status, 401, "30 minutes");
    const third = await auth.refreshToken({ refreshToken: second.refreshToken });
    assert.equal((await read(`Bearer ${third.accessToken}`)).status, 200);
    await sandbox.simulator.advance("P1DT1M");
    await assert.rejects(
      auth.refreshToken({ refreshToken: third.refreshToken }),
      failsWith("UNAUTHORIZED"),
    );
  });

  await t.test("what is no credential is 401 in the documented shape", async () => {
    for (const authorization of [
      "",
      "PortOne",
      "PortOne x",
      "Bearer x",
      "Basic eDp5",
      sandbox.file.v2.apiSecret,
    ]) {
      const answer = await read(authorization);
      assert.equal(answer.status, 401, authorization);
      assert.equal(JSON.parse(answer.text).type, "UNAUTHORIZED");
    }
  });

  await t.test("a sub-store is a store of its own", async () => {
    const store = await sandbox.json(
      "stores",
      "create",
      "--name",
      "모퉁이 가게",
      "--parent",
      sandbox.storeId,
    );
    const { secret } = await sandbox.json(
      "keys",
      "create",
      "--store",
      store.id,
      "--name",
      "backend",
    );
    const inside = sandbox.client({ secret });
    await assert.rejects(inside.payment.getPayment({ paymentId }), failsWith("PAYMENT_NOT_FOUND"));
    await assert.rejects(
      inside.payment.getPayment({ paymentId, storeId: sandbox.storeId }),
      failsWith("FORBIDDEN"),
    );
    await assert.rejects(
      payment.getPayment({ paymentId, storeId: `store-${randomUUID()}` }),
      failsWith("FORBIDDEN"),
    );
    const parent = sandbox.client({ storeId: store.id });
    await parent.payment.payInstantly(instant(sandbox, { paymentId }));
    const [own, main] = await Promise.all([
      inside.payment.getPayment({ paymentId }),
      payment.getPayment({ paymentId }),
    ]);
    assert.deepEqual([own.storeId, main.storeId], [store.id, sandbox.storeId]);
    assert.equal((await payment.getPayment({ paymentId, storeId: store.id })).storeId, store.id);
    assert.equal((await payment.getPayments({})).page.totalCount, 2, "every store of the merchant");
  });

  await t.test("an idempotency key is answered once, and kept for its request", async () => {
    const id = newId();
    const { paymentId: _, ...body } = instant(sandbox, {});
    const pay = (/** @type {any} */ fields = {}) =>
      sandbox.call(`/payments/${id}/instant`, {
        method: "POST",
        headers: { "idempotency-key": '"key-of-sixteen-characters"' },
        body: JSON.stringify({ ...body, ...fields }),
      });
    const first = await pay();
    const again = await pay();
    assert.deepEqual([first.status, again.status, again.text], [200, 200, first.text]);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    const other = await pay({ amount: { total: 2000 } });
    assert.equal(other.status, 400);
    assert.equal(JSON.parse(other.text).type, "INVALID_REQUEST");
  });

  await t.test("banks are public", async () => {
    const answer = await sandbox.call("/banks", { authorization: "" });
    assert.equal(answer.status, 200);
    const { items } = JSON.parse(answer.text);
    const shinhan = items.find((/** @type {any} */ one) => one.bank === "SHINHAN");
    assert.match(shinhan.name.ko, /신한/);
  });
});
