// The official SDK, identity verification: by message and by app, at both PGs; wrong passwords,
// time, lists.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";

import { failsWith, instant } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const newId = () => `identity-${randomUUID()}`;
const phoneNumber = "01055501234";

test("identity verification by the official SDK", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { identityVerification, payment } = sandbox.client();
  const channel = (/** @type {string} */ pg) =>
    sandbox.file.channels.find((/** @type {any} */ one) => one.pgProvider === pg).key;
  const send = (/** @type {string} */ id, /** @type {any} */ fields = {}) =>
    identityVerification.sendIdentityVerification({
      identityVerificationId: id,
      channelKey: channel("DANAL"),
      customer: { name: "홍길동", phoneNumber, identityNumber: "9001012", ipAddress: "203.0.113.9" },
      operator: "KT_MVNO",
      method: "SMS",
      ...fields,
    });
  const confirm = (/** @type {string} */ id, /** @type {string} */ otp) =>
    identityVerification.confirmIdentityVerification({ identityVerificationId: id, otp });
  const read = (/** @type {string} */ id) =>
    identityVerification.getIdentityVerification({ identityVerificationId: id });

  await t.test("a message is sent, sent again, confirmed and listed", async () => {
    for (const pg of ["DANAL", "KCP_V2"]) {
      const id = newId();
      const bypass = { kcpV2: { media_type: "MC02" } };
      assert.deepEqual(await send(id, { channelKey: channel(pg), bypass }), {});
      await assert.rejects(send(id), failsWith("IDENTITY_VERIFICATION_ALREADY_SENT"));
      const ready = await read(id);
      assert.equal(ready.status, "READY");
      assert.equal(ready.requestedCustomer.birthYear, "1990");
      const first = await sandbox.simulator.otp(phoneNumber);
      await identityVerification.resendIdentityVerification({ identityVerificationId: id });
      await assert.rejects(confirm(id, first), failsWith("PG_PROVIDER"));
      const otp = await sandbox.simulator.otp(phoneNumber);
      const { identityVerification: found } = await confirm(id, otp);
      assert.equal(found.status, "VERIFIED");
      assert.equal(found.verifiedCustomer.birthDate, "1990-01-01");
      assert.equal(found.verifiedCustomer.gender, "FEMALE");
      assert.equal(found.verifiedCustomer.ci.length, 88);
      assert.deepEqual(await read(id), found);
      await assert.rejects(confirm(id, otp), failsWith("IDENTITY_VERIFICATION_ALREADY_VERIFIED"));
      const list = await identityVerification.getIdentityVerifications({
        filter: { statuses: ["VERIFIED"], pgProviders: [pg], customer: { phoneNumber } },
      });
      assert.deepEqual(
        list.items.map((/** @type {any} */ one) => one.id),
        [id],
      );
      assert.equal(list.page.totalCount, 1);
    }
  });

  await t.test("an app is asked and answered", async () => {
    const id = newId();
    const customer = { name: "임꺽정", phoneNumber, ipAddress: "203.0.113.9" };
    await send(id, { method: "APP", customer });
    const asked = () =>
      identityVerification.confirmIdentityVerification({ identityVerificationId: id });
    await assert.rejects(asked(), failsWith("PG_PROVIDER", { pgCode: "1202" }));
    await sandbox.simulator.approve(phoneNumber);
    const { identityVerification: found } = await asked();
    assert.equal(found.verifiedCustomer.name, "임꺽정");
  });

  await t.test("what nobody confirms ends, and the id takes another", async () => {
    const id = newId();
    await send(id);
    await sandbox.simulator.advance("PT11M");
    await assert.rejects(
      confirm(id, await sandbox.simulator.otp(phoneNumber)),
      failsWith("IDENTITY_VERIFICATION_NOT_SENT"),
    );
    await send(id);
    const otp = await sandbox.simulator.otp(phoneNumber);
    assert.equal((await confirm(id, otp)).identityVerification.status, "VERIFIED");
  });

  await t.test("what is not there, and what a channel is not for", async () => {
    await assert.rejects(read("없는/아이디"), failsWith("IDENTITY_VERIFICATION_NOT_FOUND"));
    await assert.rejects(
      send(newId(), { channelKey: "channel-key-none" }),
      failsWith("CHANNEL_NOT_FOUND"),
    );
    await assert.rejects(send(newId(), { channelKey: sandbox.channel }), failsWith("INVALID_REQUEST"));
    const order = instant({ channel: channel("DANAL") });
    await assert.rejects(payment.payInstantly(order), failsWith("INVALID_REQUEST"));
  });

  await t.test("a killed sandbox goes on where it was", async () => {
    const id = newId();
    await send(id);
    await sandbox.kill();
    await sandbox.start();
    const again = sandbox.client().identityVerification;
    const otp = await sandbox.simulator.otp(phoneNumber);
    const { identityVerification: found } = await again.confirmIdentityVerification({
      identityVerificationId: id,
      otp,
    });
    assert.equal(found.status, "VERIFIED");
  });
});
