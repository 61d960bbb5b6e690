// The command line against a running sandbox.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { failsWith, instant, newId } from "./support/orders.mjs";
import { Child } from "./support/process.mjs";
import { openReceiver, verify } from "./support/receiver.mjs";
import { NARU, TEST_MS, startSandbox } from "./support/sandbox.mjs";

const DAY_MS = 86_400_000;

test("administration", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const store = ["--store", sandbox.storeId];

  await t.test("stores", async () => {
    const made = await sandbox.json(
      "stores",
      "create",
      "--name",
      "2호점",
      "--parent",
      sandbox.storeId,
    );
    assert.match(made.id, /^store-/);
    const { items } = await sandbox.json("stores", "list");
    assert.deepEqual(
      items.map((/** @type {any} */ one) => [one.id, one.parentId ?? null]).sort(),
      [
        [sandbox.storeId, null],
        [made.id, sandbox.storeId],
      ].sort(),
    );
    assert.equal(
      items.find((/** @type {any} */ one) => one.id === made.id).merchantId,
      items[0].merchantId,
    );
    assert.match(await sandbox.naru("stores", "show", made.id), /2호점/);
    assert.match(await sandbox.naru("stores", "list"), /STORE +NAME +PARENT/);
    assert.equal(made.timeZone, "Asia/Seoul");
    const moved = await sandbox.json("stores", "time-zone", made.id, "Asia/Kolkata");
    assert.equal(moved.timeZone, "Asia/Kolkata");
    assert.match(await sandbox.naru("stores", "show", made.id), /time zone Asia\/Kolkata/);
    await assert.rejects(sandbox.naru("stores", "time-zone", made.id, "Mars"), /no time zone/);
  });

  await t.test("a key works until it is revoked, at the most a second longer", async () => {
    const before = Date.now();
    const made = await sandbox.json(
      "keys",
      "create",
      ...store,
      "--name",
      "ci",
      "--expires-in-days",
      "7",
    );
    assert.match(made.secret, /^[A-Za-z0-9_-]{60,}$/);
    const days = (Date.parse(made.key.expiresAt) - before) / DAY_MS;
    assert.ok(days > 6.99 && days < 7.01, made.key.expiresAt);
    const listed = await sandbox.naru("keys", "list", ...store, "--json");
    assert.ok(
      listed.includes(made.key.id) && !listed.includes(made.secret),
      "listed without the secret",
    );
    const status = async () =>
      (await sandbox.call("/payments/none", { authorization: `PortOne ${made.secret}` })).status;
    assert.equal(await status(), 404);
    await sandbox.naru("keys", "revoke", made.key.id);
    const revoked = Date.now();
    while ((await status()) !== 401)
      assert.ok(Date.now() - revoked < 1000, "still works after a second");
    const [row] = JSON.parse(await sandbox.naru("keys", "list", ...store, "--json")).items.filter(
      (/** @type {any} */ one) => one.id === made.key.id,
    );
    assert.ok(row.revokedAt);
  });

  await t.test("channels: without their secrets, off and on again, a new one", async () => {
    const listed = await sandbox.naru("channels", "list", ...store, "--json");
    const shown = await sandbox.naru("channels", "show", sandbox.channel, "--json");
    for (const text of [listed, shown]) assert.ok(!text.includes("ItEQKi3rY7uvDS8l"));
    assert.deepEqual(JSON.parse(shown).secretNames.sort(), [
      "iniapi_iv",
      "iniapi_key",
      "mobile_hash_key",
      "sign_key",
    ]);

    const { payment } = sandbox.client();
    const paymentId = newId();
    await payment.payInstantly(instant(sandbox, { paymentId }));
    await sandbox.naru("channels", "disable", sandbox.channel);
    await assert.rejects(payment.payInstantly(instant(sandbox)), failsWith("CHANNEL_NOT_FOUND"));
    await payment.cancelPayment({ paymentId, reason: "cancellations go on" });
    await sandbox.naru("channels", "enable", sandbox.channel);
    await payment.payInstantly(instant(sandbox));

    const key = join(sandbox.data, "key.txt");
    await writeFile(key, "ItEQKi3rY7uvDS8l\n");
    sandbox.env.MY_SECRET = "HYb3yQ4f65QL89==";
    const made = await sandbox.json(
      "channels",
      "create",
      ...store,
      "--name",
      "own",
      "--pg",
      "INICIS_V2",
      "--merchant-id",
      "INIpayTest",
      "--test",
      "--secret-file",
      `iniapi_key=${key}`,
      "--secret-env",
      "iniapi_iv=MY_SECRET",
      "--secret-env",
      "sign_key=MY_SECRET",
      "--option",
      `iniapi_base=${sandbox.simulator.url}/inicis`,
      "--option",
      "shop_url=http://localhost",
      "--option",
      "order_id_inquiry=true",
    );
    await payment.payInstantly(instant(sandbox, { channelKey: made.key }));
    const wrong = await sandbox.tryNaru(
      "channels",
      "create",
      ...store,
      "--name",
      "own",
      "--pg",
      "INICIS_V2",
      "--merchant-id",
      "short",
      "--test",
      "--secret-file",
      `iniapi_key=${key}`,
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^error: .+/);
    assert.ok(!wrong.stderr.includes("ItEQ"));
  });

  await t.test("webhook endpoints", async () => {
    const receiver = await openReceiver(t, (one) => (one.path === "/broken" ? 500 : 200));
    const made = await sandbox.json(
      "webhooks",
      "set",
      ...store,
      "--url",
      receiver.url("/a"),
      "--version",
      "2024-01-01",
    );
    const { id } = made.webhook;
    assert.match(made.secret, /^whsec_/);
    assert.match(await sandbox.naru("webhooks", "test", ...store, id), /^200 after \d+ ms/);
    await verify(await receiver.next((one) => one.path === "/a"), made.secret);
    const moved = await sandbox.json(
      "webhooks",
      "set",
      ...store,
      "--url",
      receiver.url("/broken"),
      "--version",
      "2024-01-01",
    );
    assert.deepEqual(
      [moved.webhook.id, moved.secret],
      [id, null],
      "one per environment and version",
    );
    const broken = await sandbox.tryNaru("webhooks", "test", ...store, id);
    assert.deepEqual([broken.code, /answered `500`/.test(broken.stderr)], [1, true]);
    await sandbox.naru("webhooks", "remove", ...store, id);
    const { items } = await sandbox.json("webhooks", "list", ...store);
    assert.ok(!items.some((/** @type {any} */ one) => one.id === id));
  });

  await t.test("a failure says what to do next", async () => {
    for (const args of [
      ["stores", "show", "none"],
      ["keys", "revoke", "none"],
      ["channels", "show", "none"],
    ]) {
      const done = await sandbox.tryNaru(...args);
      assert.equal(done.code, 1);
      assert.match(done.stderr, /^error: .+\nhint: .+/, args.join(" "));
    }
  });

  await t.test("doctor finds nothing to mend", async () => {
    const done = await sandbox.tryNaru("doctor", "--json");
    const checks = JSON.parse(done.stdout);
    assert.deepEqual(
      [done.code, checks.filter((/** @type {any} */ one) => one.state === "fail")],
      [0, []],
    );
    assert.ok(checks.length > 0);
  });

  await t.test("a second sandbox on the directory is refused with the first one's id", async () => {
    const second = await sandbox.tryNaru("sandbox", "--listen", "127.0.0.1:0");
    assert.equal(second.code, 1);
    assert.ok(second.stderr.includes(`process id \`${sandbox.pid}\``), second.stderr);
    assert.match(second.stderr, /hint: /);
    assert.equal((await fetch(`${sandbox.file.console.url}/health/ready`)).status, 200);
  });
});

test("listen forwards what trigger makes", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const receiver = await openReceiver(t);
  const listen = new Child(NARU, [
    "listen",
    "--forward-to",
    receiver.url("/hook"),
    "--data",
    sandbox.data,
  ]);
  t.after(() => listen.stop());
  await listen.says("stderr", "forwarding webhooks");
  const help = await sandbox.tryNaru("trigger", "--help");
  const events = help.stdout.match(/\b(Transaction|BillingKey)\.[A-Za-z]+/g) ?? [];
  assert.ok(events.length >= 9, help.stdout);
  for (const event of new Set(events)) {
    await t.test(event, async () => {
      const said = await sandbox.naru("trigger", event);
      const subject = said.trim().split(" ")[1];
      const fits = (/** @type {any} */ one) =>
        one.json.type === event && (subject.startsWith("(") || one.body.includes(subject));
      await verify(await receiver.next(fits), sandbox.secret);
      await listen.says("stdout", `${event} `);
    });
  }
  const ended = await listen.stop();
  assert.equal(ended.code, 0, listen.stderr);
  const { items } = await sandbox.json("webhooks", "list", "--store", sandbox.storeId);
  assert.deepEqual(
    items.map((/** @type {any} */ one) => one.url ?? null),
    [null],
    "nothing is left behind",
  );
});
