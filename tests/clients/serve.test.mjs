// `naru serve`: what it refuses, and that it starts, takes a payment and ends.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { access, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { PortOneClient } from "@portone/server-sdk";

import { failsWith, newId } from "./support/orders.mjs";
import { freePort } from "./support/port.mjs";
import { Child, run } from "./support/process.mjs";
import { NARU, TEST_MS, startSandbox, temporaryDirectory } from "./support/sandbox.mjs";

test("serve on SQLite", { timeout: TEST_MS }, async (t) => {
  const directory = await temporaryDirectory(t);
  const database = join(directory, "naru.db");
  const config = await configFile(directory, database);
  const env = { ...process.env, NARU_TEST_KEY: "MDEyMzQ1Njc4OWFi" };
  const naru = (/** @type {string[]} */ ...args) =>
    run(NARU, [...args, "--config", config.path], env);

  await t.test("no database is made by mistake", async () => {
    for (const command of [["serve"], ["migrate"], ["config", "check"]]) {
      const done = await naru(...command);
      assert.equal(done.code, 1, command.join(" "));
      assert.match(done.stderr, /error: .+\nhint: .*migrate --create/s);
    }
    await assert.rejects(access(database), "nothing was created");
  });

  await t.test("migrate --create, config check, then it serves until SIGTERM", async () => {
    assert.equal((await naru("migrate", "--create")).code, 0);
    assert.equal((await naru("config", "check")).code, 0);
    const printed = await naru("config", "print");
    assert.ok(!printed.stdout.includes(config.masterKey));

    const server = new Child(NARU, ["serve", "--config", config.path]);
    t.after(() => server.stop());
    await server.says("stderr", "naru is serving");
    const ready = await fetch(`http://${config.private}/health/ready`);
    assert.deepEqual([ready.status, (await ready.json()).status], [200, "ready"]);
    const metrics = await fetch(`http://${config.private}/metrics`);
    assert.equal(metrics.status, 200);

    const store = JSON.parse((await naru("stores", "create", "--name", "shop", "--json")).stdout);
    const key = await naru("keys", "create", "--store", store.id, "--name", "backend", "--json");
    const { secret } = JSON.parse(key.stdout);
    const baseUrl = `http://${config.public}`;
    const client = PortOneClient({ secret, baseUrl });
    assert.deepEqual((await client.payment.getPayments({})).items, []);
    await client.payment.preRegisterPayment({ paymentId: newId(), totalAmount: 1 });

    const published =
      "NaruSandboxPublicV2ApiSecret0000000000000000000000000000000000000000000000000000000001";
    const stranger = PortOneClient({ secret: published, baseUrl });
    await assert.rejects(stranger.payment.getPayments({}), failsWith("UNAUTHORIZED"));

    const doctor = await naru("doctor", "--json");
    const failed = JSON.parse(doctor.stdout).filter(
      (/** @type {any} */ one) => one.state === "fail",
    );
    assert.deepEqual(failed, []);
    // Behind the doctor, who would look for the PG of these channels.
    await guessedFilesAreRefused(naru, store.id, directory);
    const second = await naru("serve");
    assert.equal(second.code, 1);
    assert.ok(second.stderr.includes(`\`${server.pid}\``), second.stderr);

    const ended = await server.stop();
    assert.deepEqual(ended, { code: 0, signal: null });
    assert.ok(!server.stderr.includes(secret));
  });

  await t.test("a sandbox's database is refused", async (t) => {
    const sandbox = await startSandbox(t);
    await sandbox.stop();
    const key = (await readFile(join(sandbox.data, "master.key"), "utf8")).trim();
    const stolen = await configFile(directory, join(sandbox.data, "naru.db"), key);
    const refused = await run(NARU, ["serve", "--config", stolen.path]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /error: the database is a sandbox's.*\nhint: /s);
  });
});

/**
 * How the PG's settlement file looks is a guess: in production it is not read unless somebody has
 * said so for the channel.
 * @param {(...args: string[]) => ReturnType<typeof run>} naru
 * @param {string} store
 * @param {string} directory
 */
async function guessedFilesAreRefused(naru, store, directory) {
  const file = join(directory, "settlement.csv");
  await writeFile(file, "구분,거래번호\n");
  const done = await naru("settlements", "enrol", "--store", store, "--from", "2026-01-01");
  assert.equal(done.code, 0, done.stderr);
  const keys = ["sign_key", "iniapi_key", "iniapi_iv"].map((name) => `${name}=NARU_TEST_KEY`);
  const create = async (/** @type {string[]} */ ...options) => {
    const secrets = keys.flatMap((key) => ["--secret-env", key]);
    const made = await naru(
      ...["channels", "create", "--store", store, "--name", "cards", "--pg", "INICIS_V2"],
      ...["--merchant-id", `MYMID000${options.length}A`, "--live", "--json"],
      ...["--option", "shop_url=https://shop.example"],
      ...["--option", "iniapi_base=https://pg.example", ...secrets, ...options],
    );
    assert.equal(made.code, 0, made.stderr);
    return JSON.parse(made.stdout).key;
  };
  const take = (/** @type {string} */ channel, /** @type {string[]} */ ...more) =>
    naru("settlements", "import", file, "--channel", channel, ...more);
  const [plain, tried] = [await create(), await create("--option", "unconfirmed=true")];
  const refused = await take(plain, "--format", "pg");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /is our guess.*unconfirmed=true/s);
  // It is read, and told where it goes wrong.
  for (const [channel, format] of [
    [tried, "pg"],
    [plain, "csv"],
  ]) {
    const read = await take(channel, "--format", format);
    assert.equal(read.code, 1);
    assert.match(read.stderr, /can't be read/);
  }
}

/**
 * Writes a config.
 * @param {string} directory
 * @param {string} database
 */
async function configFile(directory, database, masterKey = randomBytes(32).toString("base64")) {
  const path = join(directory, `${basename(dirname(database))}.toml`);
  const listeners = {
    public: `127.0.0.1:${await freePort()}`,
    private: `127.0.0.1:${await freePort()}`,
  };
  const text = `
    [server]
    public = "${listeners.public}"
    private = "${listeners.private}"
    [database]
    url = "sqlite:${database}"
    [keys]
    master = "${masterKey}"
    [log]
    level = "debug"
  `;
  await writeFile(path, text);
  return { path, masterKey, ...listeners };
}
