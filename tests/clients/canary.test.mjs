// No card number, card password, birth number, PG key or secret is left anywhere: not in the data
// directory, the logs at their most talkative, the answers, the metrics.

import assert from "node:assert/strict";
import { test } from "node:test";

import { canary, canaryPattern, files, findings } from "./support/canary.mjs";
import { openReceiver } from "./support/receiver.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";
import * as given from "./support/secrets.mjs";

test("no secret is left behind", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t, { env: { NARU_LOG__LEVEL: "trace" } });
  const receiver = await openReceiver(t, (_, count) => (count % 2 ? 500 : 200));
  const store = ["--store", sandbox.storeId];
  // Of its own: the published ones stand in the greeting and in sandbox.json.
  const key = await sandbox.json("keys", "create", ...store, "--name", "canary");
  const endpoint = await sandbox.json(
    "webhooks",
    "set",
    ...store,
    "--url",
    receiver.url(),
    "--version",
    "2024-01-01",
  );
  await sandbox.naru("webhooks", "set", ...store, "--url", receiver.url());
  const answers = recordAnswers(t, sandbox.url);
  const console = await given.storyOfConsole(t, sandbox);
  const tokens = await given.story(sandbox, receiver, key.secret);
  await given.mistakes(sandbox, key.secret);
  tokens.push(await given.storyV1(sandbox));

  const cardData = [
    ...Object.entries(given.CARDS).map(([name, number]) => canary(`card number (${name})`, number)),
    canary("birth date", given.BIRTH),
    canary("business number", given.BUSINESS),
    canaryPattern(
      "card password",
      /(passwordTwoDigits|cardPw|card_pw|password_two_digits)[^0-9]{0,12}73(?!\d)/i,
    ),
    canary("refund account", given.REFUND_ACCOUNT),
    canary("cash receipt id", given.RECEIPT_ID),
  ];
  const keys = given.PG_KEYS.map((value, index) => canary(`PG key ${index + 1}`, value));
  const secrets = [
    canary("API secret", key.secret),
    canary("webhook secret", endpoint.secret.replace("whsec_", "")),
    canary(
      "webhook secret, decoded",
      Buffer.from(endpoint.secret.replace("whsec_", ""), "base64").toString("latin1"),
    ),
    ...console.map((secret) => canary("secret of the console", secret)),
    ...tokens.map((token) => canary("token", token)),
  ];
  const published = [
    canary("published API secret", sandbox.file.v2.apiSecret),
    canary("published webhook secret", sandbox.secret.replace("whsec_", "")),
    canary("published webhook secret, decoded", "naru sandbox webhook secret 0001"),
    canary("published password", sandbox.file.console.password),
  ];

  await t.test("the search finds what is there", () => {
    const planted = new Map([
      ["plain", `x${given.CARDS.good}y`],
      ["base64", Buffer.from(`{"number":"${given.CARDS.good}"}`).toString("base64")],
      ["percent-encoded", `iv=${encodeURIComponent("HYb3yQ4f65QL89==")}`],
      ["birth date", `"birth":"${given.BIRTH}"`],
      ["password", `{"passwordTwoDigits":"${given.PASSWORD}"}`],
      ["decoded", Buffer.from(endpoint.secret.replace("whsec_", ""), "base64").toString("latin1")],
    ]);
    const found = findings(planted, [...cardData, ...keys, ...secrets]);
    for (const place of planted.keys())
      assert.ok(
        found.some((one) => one.startsWith(`${place}:`)),
        place,
      );
    assert.deepEqual(
      findings(new Map([["time", `2026-01-01T00:00:00.${given.BIRTH}Z`]]), cardData),
      [],
    );
  });

  await t.test("not in answers, nor in webhooks", () => {
    assert.ok(answers.size > 20 && receiver.deliveries.length > 10);
    assert.deepEqual(
      findings(answers, [...cardData, ...keys, ...secrets.slice(0, 3), ...published]),
      [],
    );
    const sent = new Map(
      receiver.deliveries.map((one, index) => [`webhook ${index}`, one.body + one.raw.join("\n")]),
    );
    assert.deepEqual(findings(sent, [...cardData, ...keys, ...secrets, ...published]), []);
  });

  await t.test("not in the metrics", async () => {
    const metrics = await (await fetch(`${sandbox.file.console.url}/metrics`)).text();
    assert.ok(metrics.length > 0);
    assert.deepEqual(
      findings(new Map([["metrics", metrics]]), [...cardData, ...keys, ...secrets, ...published]),
      [],
    );
  });

  await t.test("not in the data directory: running, killed, stopped", async () => {
    const wanted = (/** @type {string} */ path) => !path.endsWith("/sandbox.json");
    const all = [...cardData, ...keys, ...secrets, ...published];
    const running = await files(sandbox.data, wanted);
    assert.ok([...running.keys()].some((path) => path.endsWith("/naru.db")));
    assert.ok([...running.keys()].some((path) => path.endsWith("-books.jsonl")));
    assert.deepEqual(findings(running, all), []);
    await sandbox.kill();
    assert.deepEqual(findings(await files(sandbox.data, wanted), all), []);
    await sandbox.start();
    await sandbox.stop();
    assert.deepEqual(findings(await files(sandbox.data, wanted), all), []);
  });

  await t.test("not in the logs", () => {
    assert.match(sandbox.logs, /"level":"DEBUG"/);
    const logs = new Map([["standard error", sandbox.logs]]);
    assert.deepEqual(findings(logs, [...cardData, ...keys, ...secrets, ...published]), []);
    // The greeting shows what is published, by contract, and an example.
    const greeting = new Map([["standard output", sandbox.stdout ?? ""]]);
    assert.deepEqual(findings(greeting, [...cardData, ...keys, ...secrets]), []);
  });
});

/**
 * Keeps every answer of a server to this process, but those that hand out tokens.
 * @param {{after: (done: () => void) => void}} t
 * @param {string} base
 */
function recordAnswers(t, base) {
  /** @type {Map<string, string>} */
  const answers = new Map();
  const real = globalThis.fetch;
  t.after(() => {
    globalThis.fetch = real;
  });
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    if (String(input).startsWith(base)) {
      const name = `answer ${answers.size} (${response.status})`;
      const headers = [...response.headers].map((pair) => pair.join(": ")).join("\n");
      answers.set(name, `${headers}\n${await response.clone().text()}`);
    }
    return response;
  };
  return answers;
}
