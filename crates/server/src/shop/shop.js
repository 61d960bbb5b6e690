// The demo shop's page. What a shop would write is between the marks "shop code" below; the rest
// shows it.

const { store, channel, billingChannel, escrowChannel, danal, unified, webhooks, naru } =
  document.body.dataset;
const PRICE = 12000;
const LOOK_MS = 1000;

/** Each way to pay: its name, and what it adds to the request. */
const METHODS = [
  { id: "CARD", ko: "카드", en: "Card" },
  { id: "KAKAOPAY", ko: "카카오페이", en: "Kakao Pay", easyPay: { easyPayProvider: "KAKAOPAY" } },
  { id: "TRANSFER", ko: "계좌이체", en: "Transfer" },
  {
    id: "VIRTUAL_ACCOUNT",
    ko: "가상계좌",
    en: "Virtual account",
    virtualAccount: { accountExpiry: { validHours: 24 } },
  },
  { id: "MOBILE", ko: "휴대폰", en: "Phone bill", productType: "REAL" },
  {
    id: "GIFT_CERTIFICATE",
    ko: "상품권",
    en: "Gift certificate",
    giftCertificate: { giftCertificateType: "CULTURELAND" },
  },
  {
    id: "ESCROW",
    ko: "에스크로",
    en: "Escrow",
    channelKey: escrowChannel,
    payMethod: "CARD",
    isEscrow: true,
  },
  { id: "BILLING_KEY", ko: "정기결제", en: "Subscription" },
  { id: "PHONE_KEY", ko: "휴대폰 정기결제", en: "Subscription by phone bill" },
];
/** Each way to say who one is: no money is asked for. */
const IDENTITIES = [
  { id: "DANAL", ko: "휴대폰 문자", en: "By message", channelKey: danal },
  {
    id: "UNIFIED",
    ko: "간편 인증",
    en: "By app or bank",
    channelKey: unified,
    bypass: { inicisUnified: { flgFixedUser: "N" } },
  },
];
const STATUS = {
  READY: ["결제 대기", "Not paid yet"],
  PAY_PENDING: ["확인 중", "Being found out"],
  PAID: ["결제 완료", "Paid"],
  FAILED: ["결제 실패", "Failed"],
  VIRTUAL_ACCOUNT_ISSUED: ["입금 대기", "Waiting for a deposit"],
  CANCELLED: ["환불 완료", "Refunded"],
  PARTIAL_CANCELLED: ["부분 환불", "Refunded in part"],
};

/** Where the money of an order in escrow stands. */
const ESCROW = {
  BEFORE_REGISTERED: ["배송 전", "Not sent yet"],
  REGISTERED: ["배송 중", "On its way"],
  DELIVERED: ["배송 완료", "Delivered"],
  CONFIRMED: ["구매 확정", "Kept by the customer"],
  REJECTED: ["구매 거절", "Rejected by the customer"],
  REJECT_CONFIRMED: ["거절 확인", "Rejection accepted"],
  CANCELLED: ["에스크로 취소", "Escrow cancelled"],
};

const $ = (id) => document.getElementById(id);
const form = $("order");

/** An element with text and attributes. */
const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
/** Words in both languages; the page shows those of its own. */
const words = (ko, en) => [make("b", { lang: "ko" }, ko), make("b", { lang: "en" }, en)];

const speak = (language) => {
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  try {
    localStorage.setItem("language", language);
  } catch {
    // Then it is forgotten.
  }
};

/** The shop's own server. */
const ask = async (path, body) => {
  const headers = { "content-type": "application/json" };
  const init = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(`/shop/${path}`, { cache: "no-store", ...init });
  if (!response.headers.get("content-type")?.startsWith("application/json")) {
    throw new Error(`${response.status}`);
  }
  return response.json();
};

const chosen = () => {
  const data = new FormData(form);
  const all = [...METHODS, ...IDENTITIES];
  const method = all.find((one) => one.id === data.get("method")) ?? METHODS[0];
  return { method, windowType: data.get("window"), boxes: Number(data.get("boxes")) };
};

// shop code ---------------------------------------------------------------------------------
const CUSTOMER = { fullName: "홍길동", phoneNumber: "01012345678", email: "hong@shop.example" };

const windowOf = (windowType) => ({
  ...(windowType && { windowType: { pc: windowType, mobile: windowType } }),
  // Phones leave the page by default and come back here.
  redirectUrl: `${location.origin}/shop`,
});

const paymentOf = ({ method, windowType }, { paymentId, totalAmount }) => {
  const { id, ko: _ko, en: _en, ...more } = method;
  return {
    storeId: store,
    channelKey: channel,
    paymentId,
    orderName: "하동 홍차",
    totalAmount,
    currency: "KRW",
    payMethod: id === "KAKAOPAY" ? "EASY_PAY" : id,
    ...more, // of escrow: its channel, `isEscrow: true`
    customer: CUSTOMER,
    ...windowOf(windowType),
    noticeUrls: [webhooks],
  };
};

/** The first month is paid in the window that issues the key. */
const issueAndPayOf = (choice, order) => {
  const { payMethod: _payMethod, ...request } = paymentOf(choice, order);
  return {
    ...request,
    billingKeyAndPayMethod: "MOBILE",
    productType: "REAL",
    offerPeriod: { interval: "1m" },
  };
};

const issueOf = ({ windowType }) => ({
  storeId: store,
  channelKey: billingChannel,
  billingKeyMethod: "CARD",
  issueId: `issue-${Date.now()}`,
  issueName: "하동 홍차 구독",
  displayAmount: PRICE,
  // The PG's window for phones wants to know for how long; that for computers does not mind.
  offerPeriod: { interval: "1m" },
  customer: CUSTOMER,
  ...windowOf(windowType),
  noticeUrls: [webhooks],
});

const identityOf = ({ method, windowType }, identityVerificationId) => {
  const { id: _id, ko: _ko, en: _en, ...more } = method;
  return {
    storeId: store,
    identityVerificationId,
    ...more,
    customer: { phoneNumber: CUSTOMER.phoneNumber },
    ...windowOf(windowType),
  };
};
// ---------------------------------------------------------------------------- end of shop code

/** What one chooses: the SDK's function, and its request with ids still to come. */
const callOf = (choice) => {
  if (IDENTITIES.includes(choice.method)) {
    return ["requestIdentityVerification", identityOf(choice, "demo-…")];
  }
  if (choice.method.id === "BILLING_KEY") {
    return ["requestIssueBillingKey", { ...issueOf(choice), issueId: "issue-…" }];
  }
  const order = { paymentId: "demo-…", totalAmount: PRICE * choice.boxes };
  if (choice.method.id === "PHONE_KEY") {
    return ["requestIssueBillingKeyAndPay", issueAndPayOf(choice, order)];
  }
  return ["requestPayment", paymentOf(choice, order)];
};
const CLIENT = `const client = PortOneClient({ secret, baseUrl: "${naru}" });\n`;
/** What the shop's server does with each. */
const SERVER_CODE = {
  requestPayment:
    `await client.payment.preRegisterPayment({ paymentId, totalAmount }); // before\n` +
    `const payment = await client.payment.getPayment({ paymentId });     // after\n` +
    `if (payment.status === "PAID" && payment.amount.total === totalAmount) ship();`,
  escrow:
    `const payment = await client.payment.getPayment({ paymentId });\n` +
    `if (payment.status === "PAID") await client.payment.applyEscrowLogistics({\n` +
    `  paymentId, logistics: { company: "CJ", invoiceNumber, sentAt }, sender, receiver, products,\n` +
    `});\n` +
    `// later: payment.escrow.status is CONFIRMED, or REJECTED`,
  requestIssueBillingKey:
    `await client.payment.payWithBillingKey({\n  paymentId, billingKey: result.billingKey,\n` +
    `  orderName: "홍차 구독 한 달", amount: { total: ${PRICE} }, currency: "KRW", customer,\n});`,
  requestIssueBillingKeyAndPay:
    `const payment = await client.payment.getPayment({ paymentId });\n` +
    `if (payment.status === "PAID") keep(payment.billingKey); // charge it each month, the same`,
  requestIdentityVerification:
    `const one = await client.identityVerification.getIdentityVerification({\n` +
    `  identityVerificationId,\n});\n` +
    `if (one.status === "VERIFIED") welcome(one.verifiedCustomer.name, one.verifiedCustomer.ci);`,
};
/** What the button says. */
const VERBS = {
  requestPayment: ["결제하기", "Pay"],
  requestIssueBillingKey: ["카드 등록하기", "Register a card"],
  requestIssueBillingKeyAndPay: ["결제하기", "Pay"],
  requestIdentityVerification: ["본인확인 하기", "Say who I am"],
};

const showCode = () => {
  const choice = chosen();
  const [call, request] = callOf(choice);
  const text = JSON.stringify(request, null, 2).replace(/"([a-zA-Z]+)":/g, "$1:");
  $("browser-code").textContent =
    `<script src="${naru}/v2/browser-sdk.js"></script>\n\n` +
    `const result = await PortOne.${call}(${text});\n` +
    `if (result.code !== undefined) return showError(result.message);\n` +
    `await fetch("/complete", { method: "POST", body: JSON.stringify(result) });`;
  const kind = choice.method.isEscrow ? "escrow" : call;
  $("server-code").textContent = CLIENT + SERVER_CODE[kind];
  $("verb").replaceChildren(...words(...VERBS[call]));
  const { totalAmount } = request;
  const total = totalAmount === undefined ? "" : totalAmount.toLocaleString("ko-KR");
  $("total").textContent = total;
};

const say = (mood, ko, en) => {
  $("told").className = mood;
  $("told").replaceChildren(...words(ko, en));
};

/** Orders on the page, by their id. */
const shown = new Map();

const order = (id) => {
  let item = shown.get(id);
  if (!item) {
    item = make("li");
    shown.set(id, item);
    $("orders").prepend(item);
    $("no-orders").hidden = true;
  }
  return item;
};

const act = (ko, en, path, id) => {
  const button = make("button", { type: "button" }, ...words(ko, en));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { message, error } = await ask(path, {});
      const refused = message ?? error;
      if (refused) say("bad", `되지 않았습니다: ${refused}`, `Not done: ${refused}`);
    } finally {
      await look(id);
      // What the PG tells of by its own notice comes a moment later, and no webhook says so.
      setTimeout(() => look(id), 2 * LOOK_MS);
    }
  });
  return button;
};

/** What can be done with an order in escrow. */
const escrowActs = (id, { status }) => {
  if (status === "BEFORE_REGISTERED") return [act("보내기", "Send the parcel", `orders/${id}/ship`, id)];
  if (status !== "REGISTERED" && status !== "DELIVERED") return [];
  return [
    act("구매 확정(모의 고객)", "Keep it (simulated customer)", `orders/${id}/keep`, id),
    act("구매 거절(모의 고객)", "Reject it (simulated customer)", `orders/${id}/reject`, id),
  ];
};

/** Reads an order by the shop's server, and shows it. */
const look = async (id) => {
  const payment = await ask(`orders/${id}`);
  const item = order(id);
  const { status, method = {}, amount, escrow } = payment;
  const [ko, en] = STATUS[status] ?? [payment.message ?? "?", payment.message ?? "?"];
  const mood = { PAID: "good", FAILED: "bad" }[status] ?? "";
  const acts = [];
  if (status === "PAID") acts.push(act("환불", "Refund", `orders/${id}/cancel`, id));
  if (status === "VIRTUAL_ACCOUNT_ISSUED") {
    acts.push(act("입금하기(모의)", "Pay in (simulated)", `orders/${id}/deposit`, id));
  }
  if (status === "PAID" && escrow) acts.push(...escrowActs(id, escrow));
  const held = escrow ? words(...(ESCROW[escrow.status] ?? [escrow.status, escrow.status])) : [];
  const account = method.accountNumber ? `${method.bank ?? ""} ${method.accountNumber}` : "";
  const total = amount ? `${amount.total.toLocaleString("ko-KR")} KRW` : "";
  item.replaceChildren(
    make("p", {}, make("span", { class: `badge ${mood}` }, ...words(ko, en)), ` ${total} ${account} `, ...held),
    make("p", { class: "id" }, id),
    ...(acts.length ? [make("div", { class: "acts" }, ...acts)] : []),
    make(
      "details",
      {},
      make("summary", {}, ...words("서버가 읽은 것", "What the server read")),
      make("pre", { tabindex: "0" }, JSON.stringify(payment, null, 2)),
    ),
  );
  return status;
};

/** The button that charges a billing key. */
const chargeButton = (key) => {
  const button = make("button", { type: "button" }, ...words("한 달 결제", "Charge a month"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    const charged = await ask(`billing-keys/${encodeURIComponent(key)}/charge`, {});
    button.disabled = false;
    if (charged.paymentId) await look(charged.paymentId);
  });
  return button;
};

/** A billing key. One of a phone bill has paid its first month, and the PG takes one a month. */
const showKey = (key, isPaid) => {
  const next = words("다음 달 이날 같은 금액을 결제합니다.", "Charged the same, this day next month.");
  order(key).replaceChildren(
    make("p", {}, make("span", { class: "badge good" }, ...words("정기결제 등록됨", "Subscribed"))),
    make("p", { class: "id" }, key),
    isPaid ? make("p", {}, ...next) : make("div", { class: "acts" }, chargeButton(key)),
  );
};

/** Who somebody is, as the shop's server read it. */
const showPerson = async (id) => {
  const found = await ask(`identity-verifications/${id}`);
  const person = found.verifiedCustomer ?? {};
  const is = found.status === "VERIFIED";
  const badge = is ? words("본인확인 됨", "Verified") : words("확인되지 않음", "Not verified");
  order(id).replaceChildren(
    make(
      "p",
      {},
      make("span", { class: `badge ${is ? "good" : "bad"}` }, ...badge),
      ` ${person.name ?? ""} ${person.birthDate ?? ""}`,
    ),
    make("p", { class: "id" }, id),
    make(
      "details",
      {},
      make("summary", {}, ...words("서버가 읽은 것", "What the server read")),
      make("pre", { tabindex: "0" }, JSON.stringify(found, null, 2)),
    ),
  );
};

/** What the SDK, or the address that was returned to, says. */
const finish = async (result) => {
  const isIdentity = result.identityVerificationId !== undefined;
  if (result.code !== undefined) {
    const [ko, en] = isIdentity ? ["확인되지", "Not verified"] : ["결제되지", "Not paid"];
    say("bad", `${ko} 않았습니다: ${result.message}`, `${en}: ${result.message}`);
  } else if (result.billingKey) {
    say("good", "정기결제가 등록되었습니다.", "Subscribed.");
    showKey(result.billingKey, result.paymentId !== undefined);
  } else {
    say("good", "브라우저: 성공. 서버가 다시 읽습니다.", "Browser: success. The server reads again.");
  }
  if (isIdentity) await showPerson(result.identityVerificationId);
  if (result.paymentId) await look(result.paymentId);
};

const buy = async () => {
  const choice = chosen();
  if (IDENTITIES.includes(choice.method)) {
    const id = `demo-${crypto.randomUUID()}`;
    return PortOne.requestIdentityVerification(identityOf(choice, id));
  }
  if (choice.method.id === "BILLING_KEY") {
    return PortOne.requestIssueBillingKey(issueOf(choice));
  }
  const created = await ask("orders", { boxes: choice.boxes });
  if (!created.paymentId) throw new Error(created.message);
  if (choice.method.id === "PHONE_KEY") {
    return PortOne.requestIssueBillingKeyAndPay(issueAndPayOf(choice, created));
  }
  return PortOne.requestPayment(paymentOf(choice, created));
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector(".buy");
  button.disabled = true;
  say("", "창을 여는 중…", "Opening the window…");
  try {
    const result = await buy();
    if (result) await finish(result);
  } catch (error) {
    say("bad", `열 수 없습니다: ${error.message}`, `Can't open: ${error.message}`);
  } finally {
    button.disabled = false;
  }
});
form.addEventListener("change", showCode);

/** Webhooks as they come. */
let seen = 0;
const hear = async () => {
  const events = await ask(`events?after=${seen}`);
  for (const { number, event } of events) {
    seen = number;
    const { type, data = {}, timestamp = "" } = event;
    const id = data.paymentId ?? data.billingKey ?? "";
    $("no-events").hidden = true;
    $("events").prepend(
      make(
        "li",
        {},
        make("p", {}, make("strong", {}, type), ` ${timestamp.slice(11, 19)}`),
        make("p", { class: "id" }, id),
        make("details", {}, make("summary", {}, "JSON"), make("pre", { tabindex: "0" }, JSON.stringify(event, null, 2))),
      ),
    );
    if (shown.has(data.paymentId)) await look(data.paymentId);
  }
};
const listen = async () => {
  await hear().catch(() => {});
  setTimeout(listen, LOOK_MS);
};

for (const [place, all] of [["methods", METHODS], ["identities", IDENTITIES]]) {
  for (const { id, ko, en } of all) {
    const input = make("input", { type: "radio", name: "method", value: id });
    input.checked = id === "CARD";
    $(place).append(make("label", {}, input, make("span", {}, ...words(ko, en))));
  }
}
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}
let language = navigator.language?.startsWith("ko") ? "ko" : "en";
try {
  language = localStorage.getItem("language") ?? language;
} catch {
  // The browser's, then.
}
speak(language);
showCode();
listen();

// Back from a window that took the page's place.
const returned = Object.fromEntries(new URLSearchParams(location.search));
if (returned.transactionType) {
  history.replaceState(null, "", location.pathname);
  finish(returned);
}
