// A payment window as a browser sees it: the page that hands over, the simulated PG's window, and
// the way back. No script runs here: forms are read and sent as they stand in the pages.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newId } from "./support/orders.mjs";
import { TEST_MS, startSandbox } from "./support/sandbox.mjs";

const TEXTS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };
/** @param {string} text */
const plain = (text) =>
  text.replace(/&(?:lt|gt|quot|#39|amp);/g, (found) => /** @type {any} */ (TEXTS)[found]);

/**
 * The form of a page whose markup contains `mark`.
 * @param {string} html
 * @param {string} mark
 */
function formOf(html, mark) {
  const form = html.match(/<form[\s\S]*?<\/form>/g)?.find((one) => one.includes(mark));
  assert.ok(form, `a form with ${mark} in ${html}`);
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return {
    action: plain(form.match(/ action="([^"]*)"/)?.[1] ?? ""),
    fields: new URLSearchParams(fields.map(([, name, value]) => [name, plain(value)])),
  };
}

/**
 * @param {string} url
 * @param {URLSearchParams} body
 */
const post = (url, body) => fetch(url, { method: "POST", body, redirect: "manual" });

test("a payment window in a browser", { timeout: TEST_MS }, async (t) => {
  const sandbox = await startSandbox(t);
  const { payment } = sandbox.client();
  const pg = `${sandbox.simulator.url}/inicis`;

  /** @param {string[]} more */
  const open = async (/** @type {string} */ paymentId, ...more) => {
    const told = await sandbox.naru(
      ...["windows", "open", "--store", sandbox.storeId, "--payment", paymentId],
      ...["--channel", sandbox.channel, "--amount", "12000", ...more],
    );
    return JSON.parse(told);
  };
  const text = async (/** @type {string} */ url) => (await fetch(url)).text();
  /** From the merchant's page into the PG's window. */
  const enter = async (/** @type {any} */ opened, change = (/** @type {any} */ _fields) => {}) => {
    const { fields } = formOf(await text(opened.pageUrl), 'id="gateway"');
    change(fields);
    const window = opened.script ? `${pg}/stdpay/window/` : opened.action;
    return { at: new URL(window), html: await (await post(window, fields)).text() };
  };
  /** What the customer does there, up to the page that says what became of it. */
  const act = async (/** @type {any} */ shown, /** @type {Record<string, string>} */ choice) => {
    const { action, fields } = formOf(shown.html, 'action="act"');
    for (const [name, value] of Object.entries(choice)) fields.set(name, value);
    const answer = await (await post(new URL(action, shown.at).href, fields)).text();
    const back = formOf(answer, 'id="return"');
    const brought = await post(back.action, back.fields);
    assert.equal(brought.status, 303);
    const result = new URL(/** @type {string} */ (brought.headers.get("location")), back.action);
    return { back, html: await text(result.href) };
  };
  /** What the PG's books have of a transaction. */
  const taken = async (/** @type {any} */ opened) => {
    const { transactions } = await sandbox.simulator.books();
    const orderId = opened.transactionId.replaceAll("-", "");
    return transactions.filter((/** @type {any} */ one) => one.orderId === orderId);
  };
  const status = async (/** @type {string} */ paymentId) =>
    (await payment.getPayment({ paymentId })).status;

  await t.test("is paid on computers and phones, and a second return changes nothing", async () => {
    for (const more of [[], ["--mobile"]]) {
      const paymentId = newId();
      const opened = await open(paymentId, ...more);
      const shown = await enter(opened);
      assert.match(shown.html, /12,000원/);
      const { back, html } = await act(shown, { naru_act: "pay" });
      assert.match(html, /결제가 완료되었습니다/);
      assert.equal(await status(paymentId), "PAID");
      assert.equal((await post(back.action, back.fields)).status, 303);
      assert.equal((await taken(opened)).length, 1, "charged once");
    }
  });

  await t.test("issues a virtual account, and shows it", async () => {
    const paymentId = newId();
    const shown = await enter(await open(paymentId, "--virtual-account"));
    const { html } = await act(shown, { naru_act: "pay", naru_choice: "20" });
    assert.match(html, /가상계좌가 발급되었습니다/);
    const read = /** @type {any} */ (await payment.getPayment({ paymentId }));
    assert.equal(read.status, "VIRTUAL_ACCOUNT_ISSUED");
    assert.ok(html.includes(read.method.accountNumber), "the account's number is shown");
  });

  await t.test("fails when the customer cancels, and when the card is declined", async () => {
    const cancelled = newId();
    const left = await act(await enter(await open(cancelled)), { naru_act: "leave" });
    assert.match(left.html, /결제되지 않았습니다[\s\S]*취소/);
    const declined = newId();
    const card = { naru_act: "pay", naru_choice: "9000000000120049" };
    const refused = await act(await enter(await open(declined, "--mobile")), card);
    assert.match(refused.html, /결제되지 않았습니다/);
    for (const paymentId of [cancelled, declined]) {
      assert.equal(await status(paymentId), "FAILED");
    }
  });

  await t.test("can be closed and opened again, and left from our own page", async () => {
    const paymentId = newId();
    const opened = await open(paymentId);
    const shown = await enter(opened);
    const close = plain(shown.html.match(/class="close" href="([^"]*)"/)?.[1] ?? "");
    assert.match(await text(close), /INIStdPay_close\.js/);
    assert.equal(await status(paymentId), "READY", "closing ends nothing");
    const { action, fields } = formOf(await text(opened.pageUrl), "/leave");
    assert.equal((await post(new URL(action, opened.pageUrl).href, fields)).status, 303);
    assert.match(await text(opened.pageUrl), /취소/);
    assert.equal(await status(paymentId), "FAILED");
    // What the PG brings afterwards takes no money.
    const { html } = await act(shown, { naru_act: "pay" });
    assert.match(html, /결제되지 않았습니다/);
    assert.deepEqual(await taken(opened), []);
  });

  await t.test("is refused with a changed amount, a foreign opener and a forged token", async () => {
    const opened = await open(newId());
    const changed = await enter(opened, (fields) => fields.set("price", "1"));
    assert.match(changed.html, /결제창을 열 수 없습니다[\s\S]*`signature` does not match/);
    const { fields } = formOf(await text(opened.pageUrl), 'id="gateway"');
    const headers = { referer: "http://elsewhere.test/" };
    const foreign = { method: "POST", body: fields, headers };
    assert.match(await (await fetch(`${pg}/stdpay/window/`, foreign)).text(), /V023/);
    for (const path of ["", "/return", "/close"]) {
      const forged = `${opened.pageUrl.slice(0, -1)}${opened.pageUrl.endsWith("0") ? 1 : 0}`;
      assert.equal((await fetch(`${forged}${path}`)).status, 404, path);
    }
  });

  await t.test("lets nothing of elsewhere in, and nobody frame it", async () => {
    const answer = await fetch((await open(newId())).pageUrl);
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"), policy);
    assert.equal(answer.headers.get("referrer-policy"), "strict-origin");
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
    const html = await answer.text();
    assert.ok(!/<script>|<style|style="|onclick/.test(html), "nothing is inline");
  });
});
