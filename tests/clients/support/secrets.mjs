// Secrets that a merchant hands over, in the right places and in wrong ones.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { card, customer, instant, newId, virtualAccount } from "./orders.mjs";

export const CARDS = {
  good: "5365101234567896",
  declined: "9000000000120014",
  lost: "9000000000000003",
  wrong: "9000000000000004",
  billing: "4673091234567890",
  short: "4673091234567",
};
export const BIRTH = "871106";
export const BUSINESS = "2208162517";
export const PASSWORD = "73";
export const REFUND_ACCOUNT = "94137708561203";
export const RECEIPT_ID = "01098765432";
// KG Inicis's published test keys: see crates/server/src/sandbox_credentials.rs.
export const PG_KEYS = [
  "SU5JTElURV9UUklQTEVERVNfS0VZU1RS",
  "ItEQKi3rY7uvDS8l",
  "HYb3yQ4f65QL89==",
  "3CB8183A4BE283555ACC8363C0360223",
  "rKnPljRn5m6J9Mzz",
  "W2KLNKra6Wxc1P==",
  "b09LVzhuTGZVaEY1WmJoQnZzdXpRdz09",
  "yERbIlJ3NhTeObsA",
  "tOGDXbfoajk2DQ==",
  "37F3A120C1DFCDEB708B00F5383D2263",
];

/** @param {string} number */
const secretCard = (number, birth = BIRTH) => {
  const method = card(number);
  method.card.credential.birthOrBusinessRegistrationNumber = birth;
  method.card.credential.passwordTwoDigits = PASSWORD;
  return method;
};

/**
 * Everything that a merchant does with secrets; gives the tokens that were handed out.
 * @param {import("./sandbox.mjs").Sandbox} sandbox
 * @param {import("./receiver.mjs").Receiver} receiver
 * @param {string} secret
 */
export async function story(sandbox, receiver, secret) {
  const { auth, payment } = sandbox.client({ secret });
  const pay = async (/** @type {any} */ method) => {
    const paymentId = newId();
    await payment
      .payInstantly(instant(sandbox, { paymentId, method }))
      .catch((/** @type {any} */ error) => error.data.type);
    return paymentId;
  };
  const { billing, short: _, ...numbers } = CARDS;
  for (const number of Object.values(numbers)) await pay(secretCard(number));
  await payment.cancelPayment({
    paymentId: await pay(secretCard(CARDS.good, BUSINESS)),
    amount: 1,
    reason: "part",
  });

  const method = virtualAccount();
  method.virtualAccount.cashReceipt.customerIdentityNumber = RECEIPT_ID;
  const account = await pay(method);
  const issued = await payment.getPayment({ paymentId: account });
  await sandbox.simulator.deposit(issued.method.accountNumber);
  await receiver.hears("Transaction.Paid", account, sandbox.secret);
  const refundAccount = { bank: "KOOKMIN", number: REFUND_ACCOUNT, holderName: "홍길동" };
  // Unclear, so that what is needed to ask again is kept for a while.
  await sandbox.simulator.fault({ operation: "partial_refund", kind: "garbage", times: 1 });
  await sandbox.simulator.fault({ operation: "inquiry", kind: "garbage", times: 1 });
  await payment.cancelPayment({ paymentId: account, amount: 400, reason: "part", refundAccount });
  await payment.cancelPayment({ paymentId: account, reason: "rest", refundAccount });

  for (const [type, identityNumber] of [
    ["PERSONAL", RECEIPT_ID],
    ["CORPORATE", BUSINESS],
    // Refused by the PG's rules.
    ["CORPORATE", RECEIPT_ID],
  ]) {
    const paymentId = newId();
    await payment.cashReceipt
      .issueCashReceipt({
        paymentId,
        channelKey: sandbox.channel,
        type,
        orderName: "커피",
        currency: /** @type {const} */ ("KRW"),
        amount: { total: 1000 },
        customer: { identityNumber },
      })
      .then(() => payment.cashReceipt.cancelCashReceiptByPaymentId({ paymentId }))
      .catch((/** @type {any} */ error) => error.data.type);
  }
  await payment.cashReceipt.getCashReceipts({});

  const channelKey = sandbox.file.channels[1].key;
  const { billingKeyInfo } = await payment.billingKey.issueBillingKey({
    channelKey,
    customer,
    method: secretCard(billing),
  });
  const { billingKey } = billingKeyInfo;
  const order = {
    orderName: "구독",
    amount: { total: 500 },
    currency: /** @type {const} */ ("KRW"),
    customer,
  };
  await payment.payWithBillingKey({ paymentId: newId(), billingKey, ...order });
  await payment.getPayments({});
  await payment.billingKey.getBillingKeyInfos({});
  await payment.billingKey.deleteBillingKey({ billingKey });

  const first = await auth.loginViaApiSecret({ apiSecret: secret });
  const second = await auth.refreshToken({ refreshToken: first.refreshToken });
  await sandbox.call("/payments", { authorization: `Bearer ${second.accessToken}` });
  return [first.accessToken, first.refreshToken, second.accessToken, second.refreshToken];
}

/**
 * Secrets in wrong places, and right places with wrong values.
 * @param {import("./sandbox.mjs").Sandbox} sandbox
 * @param {string} secret
 */
export async function mistakes(sandbox, secret) {
  const { paymentId: _, ...good } = instant(sandbox, { method: secretCard(CARDS.good) });
  const credential = good.method.card.credential;
  const withCard = (/** @type {any} */ change) => ({
    ...good,
    method: { card: { credential: { ...credential, ...change } } },
  });
  const bodies = [
    withCard({ number: CARDS.short }),
    withCard({ number: `${CARDS.good}x` }),
    withCard({ number: Number(CARDS.good) }),
    withCard({ birthOrBusinessRegistrationNumber: `${BIRTH}-${BUSINESS}` }),
    withCard({ passwordTwoDigits: 73 }),
    withCard({ expiryYear: CARDS.good }),
    { ...good, method: { card: { credential: CARDS.good } } },
    { ...good, method: { card: CARDS.good } },
    { ...good, currency: CARDS.good },
    { ...good, amount: { total: CARDS.good } },
    { ...good, channelKey: secret },
    { ...good, noticeUrls: CARDS.good },
    { ...good, [CARDS.good]: CARDS.good },
    {
      ...good,
      method: {
        virtualAccount: { bank: REFUND_ACCOUNT, expiry: {}, option: { type: RECEIPT_ID } },
      },
    },
  ].map((body) => JSON.stringify(body));
  bodies.push(
    `{"number": "${CARDS.good}", `,
    `${CARDS.good}`,
    `"${CARDS.good}"`,
    `{"${CARDS.good}": }`,
  );
  const authorization = `PortOne ${secret}`;
  for (const body of bodies) {
    const headers = { "idempotency-key": `"canary-${newId()}"` };
    await sandbox.call(`/payments/${newId()}/instant`, {
      method: "POST",
      authorization,
      headers,
      body,
    });
  }
  for (const wrong of [`Basic ${secret}`, `PortOne ${secret}x`, `Bearer ${secret}`, secret]) {
    await sandbox.call("/payments/none", { authorization: wrong });
  }
  const login = {
    method: "POST",
    body: JSON.stringify({ apiSecret: `${secret}x`, refreshToken: secret }),
  };
  await sandbox.call("/login/api-secret", login);
  await sandbox.call("/token/refresh", login);
  await sandbox.call(
    `/payments?requestBody=${encodeURIComponent(`{"filter":{"status":["${CARDS.good}"]}}`)}`,
    { authorization },
  );
  await sandbox.call(`/payments/none?storeId=${secret}`, { authorization });
  await sandbox.call(`/nowhere?card=${CARDS.good}`, { authorization });
}

/**
 * The same by V1, in JSON and as a form, right and wrong; gives the token that was handed out.
 * @param {import("./sandbox.mjs").Sandbox} sandbox
 */
export async function storyV1(sandbox) {
  const { impKey, impSecret } = sandbox.file.v1;
  const json = { "content-type": "application/json" };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const send = async (/** @type {string} */ path, /** @type {any} */ body, token = "") => {
    const init = { method: "POST", headers: json, body: JSON.stringify(body), authorization: token };
    return JSON.parse((await sandbox.call(path, init)).text).response;
  };
  const pair = { imp_key: impKey, imp_secret: impSecret };
  const { access_token: token } = await send("/users/getToken", pair);
  const credential = (/** @type {string} */ number) => ({
    ...{ card_number: number, expiry: "2030-12", birth: BIRTH, pwd_2digit: PASSWORD },
  });
  const buyer = { buyer_name: "홍길동", buyer_email: "a@shop.example", buyer_tel: "01012345678" };
  const order = () => ({ merchant_uid: newId().slice(0, 40), amount: 1000, name: "표", ...buyer });
  const later = Math.floor((Date.now() + sandbox.simulator.offsetMs) / 1000) + 600;
  for (const number of [CARDS.good, CARDS.declined, CARDS.short, `${CARDS.good}x`]) {
    const asked = { ...order(), ...credential(number) };
    await send("/subscribe/payments/onetime", asked, token);
    const body = new URLSearchParams(/** @type {any} */ ({ ...asked, ...order() })).toString();
    const init = { method: "POST", headers: form, body, authorization: token };
    await sandbox.call("/subscribe/payments/onetime", init);
    await send("/subscribe/customers/canary", credential(number), token);
    const schedules = [{ ...order(), schedule_at: later }];
    const card = { customer_uid: `c-${newId()}`, checking_amount: 100, ...credential(number) };
    await send("/subscribe/payments/schedule", { ...card, schedules }, token);
  }
  const receipt = { ...order(), identifier: RECEIPT_ID, type: "person" };
  await send("/receipts/external/canary-1", receipt, token);
  await send("/receipts/external/canary-2", { ...receipt, identifier: `${RECEIPT_ID}x` }, token);
  const point = { benepia_user: "a", benepia_password: REFUND_ACCOUNT };
  await send("/benepia/point", point, token);
  return token;
}

/**
 * What an administrator does with secrets; gives the password and the tokens that were handed out.
 * @param {import("node:test").TestContext} t
 * @param {import("./sandbox.mjs").Sandbox} sandbox
 */
export async function storyOfConsole(t, sandbox) {
  const folder = await mkdtemp(join(tmpdir(), "naru-password-"));
  t.after(() => rm(folder, { recursive: true }));
  const [email, password] = ["canary@shop.example", "canary of the console 7f3a"];
  const file = join(folder, "password");
  await writeFile(file, `${password}\n`);
  await sandbox.naru("administrators", "add", email, "--password-file", file);
  const origin = sandbox.file.console.url;
  const logIn = (/** @type {Record<string, string>} */ fields) =>
    fetch(`${origin}/console/log-in`, {
      method: "POST",
      redirect: "manual",
      headers: { origin },
      body: new URLSearchParams(fields),
    });
  await logIn({ email, password: `${password}, typed wrong` });
  await logIn({ email: `${password}@wrong.field`, password });
  const answer = await logIn({ email, password });
  const [cookie] = answer.headers.getSetCookie();
  const [, token] = cookie?.match(/^naru-console=([^;]+);/) ?? [];
  if (!token) throw new Error(`no session: ${answer.status}`);
  const headers = { cookie: `naru-console=${token}` };
  const page = await (await fetch(`${origin}/console/audit-log`, { headers })).text();
  const [, formToken] = page.match(/name="token" value="([^"]+)"/) ?? [];
  if (!formToken) throw new Error("no form");
  return [password, token, formToken];
}
