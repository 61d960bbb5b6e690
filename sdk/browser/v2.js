// The V2 browser SDK: `window.PortOne`, as pages and the official loader use it. Stands behind
// `window.js` and `errors.js` in one file; `SERVER` is the address of the server that served it.

/** @param {string} server */
const createPortOne = (server) => {
  /**
   * @param {string} kind the kind of error
   * @param {Record<string, any>} fields
   * @param {unknown} reason
   */
  const rejection = (kind, fields, reason) => {
    const refusal =
      reason instanceof Refused
        ? reason.refusal
        : { code: "UnknownError", message: `Something went wrong: ${reason}` };
    return makeError(kind, { ...fields, ...refusal });
  };

  /** @param {any} request @param {string[]} needed */
  const check = (request, needed) => {
    if (request === null || typeof request !== "object") {
      throw refuse("BadRequest", "The request is required: an object.");
    }
    for (const name of needed) {
      const value = request[name];
      if (value === undefined || value === null || value === "") {
        throw refuse("BadRequest", `\`${name}\` is required.`);
      }
    }
  };

  /** @param {any} request */
  const checkChannel = (request) => {
    if (request.channelKey && request.channelGroupId) {
      throw refuse("BadRequest", "Only one of `channelKey` and `channelGroupId` may be given.");
    }
    if (!request.channelKey && !request.channelGroupId) {
      throw refuse("BadRequest", "`channelKey` is required, or `channelGroupId` instead.");
    }
  };

  /** An address relative to the page becomes absolute; those of apps are left as they are. */
  const absolute = (/** @type {any} */ url) => {
    const isApp = /^[a-z][a-z0-9+.-]*:/i.test(url) && !/^https?:/i.test(url);
    return typeof url !== "string" || isApp ? url : new URL(url, location.href).href;
  };

  /**
   * @param {any} request
   * @param {{ path: string, kind: string, needed: string[], usual?: string,
   *   named: (request: any) => object }} call `usual` is the type of window on computers
   */
  const run = async (request, { path, kind, needed, usual, named }) => {
    let fields = {};
    try {
      check(request, needed);
      fields = named(request);
      checkChannel(request);
      const { pc = usual, mobile } = request.windowType ?? {};
      let redirectUrl;
      try {
        redirectUrl = absolute(request.redirectUrl || undefined);
      } catch {
        throw refuse("BadRequest", "`redirectUrl`: expected an address.");
      }
      return await openWindow(
        `${server}/checkout/v2/${path}`,
        { ...request, redirectUrl },
        {
          isPopup: (isMobile() ? mobile : pc) === "POPUP",
          isCentred: request.popup?.center === true,
          isDim: request.iframe?.dim !== false,
        },
      );
    } catch (reason) {
      throw rejection(kind, fields, reason);
    }
  };

  /**
   * Buttons of a PG in the page. No channel of ours has any: the server says so.
   * @param {any} request
   * @param {{ path: string, kind: string, needed: string[] }} call
   */
  const load = async (request, { path, kind, needed }) => {
    try {
      check(request, needed);
      const all = [...document.querySelectorAll(".portone-ui-container")];
      const own = all.filter(
        (one) => one.getAttribute("data-portone-ui-type") === request.uiType,
      );
      if (all.length === 0 || (all.length > 1 && own.length !== 1)) {
        const what = `<div class="portone-ui-container" data-portone-ui-type="${request.uiType}">`;
        throw refuse("BadRequest", `The page needs one ${what} for the buttons.`);
      }
      await prepare(`${server}/checkout/v2/${path}`, request);
      throw refuse("UnknownError", "The payment server gave an answer that can't be read.");
    } catch (reason) {
      throw rejection(kind, {}, reason);
    }
  };

  const PAYMENT = ["storeId", "paymentId", "orderName", "totalAmount", "currency"];
  const PAYMENT_UI = {
    path: "payment-uis",
    kind: "LoadPaymentUIError",
    needed: ["uiType", "channelKey", ...PAYMENT],
  };
  const KEY_UI = {
    path: "billing-key-uis",
    kind: "LoadIssueBillingKeyUIError",
    needed: ["uiType", "storeId", "channelKey", "billingKeyMethod"],
  };
  const paymentId = (/** @type {any} */ { paymentId }) => ({ paymentId });

  const api = {
    requestPayment: (/** @type {any} */ request) =>
      run(request, {
        path: "payments",
        kind: "PaymentError",
        needed: [...PAYMENT, "payMethod"],
        named: paymentId,
      }),
    requestIssueBillingKey: (/** @type {any} */ request) =>
      run(request, {
        path: "billing-keys",
        kind: "IssueBillingKeyError",
        needed: ["storeId"],
        named: () => ({ billingKey: "" }),
      }),
    requestIssueBillingKeyAndPay: (/** @type {any} */ request) =>
      run(request, {
        path: "billing-keys-with-payment",
        kind: "IssueBillingKeyAndPayError",
        needed: [...PAYMENT, "billingKeyAndPayMethod"],
        named: paymentId,
      }),
    requestIdentityVerification: (/** @type {any} */ request) =>
      run(request, {
        path: "identity-verifications",
        kind: "IdentityVerificationError",
        needed: ["storeId", "identityVerificationId", "channelKey"],
        usual: "POPUP",
        named: ({ identityVerificationId }) => ({ identityVerificationId }),
      }),
    loadPaymentUI: (/** @type {any} */ request) => load(request, PAYMENT_UI),
    loadIssueBillingKeyUI: (/** @type {any} */ request) => load(request, KEY_UI),
    updateLoadPaymentUIRequest: (/** @type {any} */ request) => load(request, PAYMENT_UI),
    updateLoadIssueBillingKeyUIRequest: (/** @type {any} */ request) => load(request, KEY_UI),
    errors,
    __naru: true,
  };
  return Object.assign(api, { default: api });
};
