// The V1 browser SDK: `window.IMP`. Stands behind `window.js` in one file.
//
// What happens is told by a callback, once and never in the caller's own turn. A page that is left
// for a phone's window is returned to at `m_redirect_url` instead.

/** @param {string} server */
const createImp = (server) => {
  /** @type {{ user_code?: string, tier_code?: string }} */
  let store = {};

  /** @typedef {(response: Record<string, any>) => void} Callback */

  /**
   * @param {Callback | undefined} callback
   * @param {Record<string, any>} response
   */
  const tell = (callback, response) => {
    setTimeout(() => callback?.(response), 0);
  };

  /** @param {unknown} reason @param {any} params */
  const failure = (reason, params) => {
    const { code, message } =
      reason instanceof Refused
        ? reason.refusal
        : { code: "F500", message: `알 수 없는 오류가 발생하였습니다. (${reason})` };
    return {
      success: false,
      imp_success: false,
      imp_uid: null,
      merchant_uid: params?.merchant_uid ?? null,
      // `window.js` has the codes of V2.
      error_code: { BadRequest: "F400", UnknownError: "F500" }[code] ?? code,
      error_msg: message,
    };
  };

  /** @param {string} message */
  const bad = (message) => refuse("F400", message);

  /**
   * @param {string} path
   * @param {any} params
   * @param {Callback | undefined} callback
   * @param {boolean} isPopupOnly whether it is a pop-up on computers whatever the page says
   */
  const run = async (path, params, callback, isPopupOnly = false) => {
    try {
      if (!store.user_code) {
        console.error("IMP.init(userCode) has to be called first.");
        throw bad("가맹점 식별코드가 초기화되지 않았습니다. IMP.init을 먼저 호출해 주세요.");
      }
      if (params === null || typeof params !== "object") {
        throw bad("요청 파라메터가 누락되었습니다.");
      }
      const isPopup = (isPopupOnly || params.popup === true) && !isMobile();
      const response = await openWindow(
        `${server}/checkout/v1/${path}`,
        { ...params, ...store },
        { isPopup, isCentred: true, isDim: true },
      );
      if (response) tell(callback, response);
    } catch (reason) {
      const told = failure(reason, params);
      if (reason instanceof Refused && reason.refusal.message.includes("pop-up")) {
        told.error_code = "NOT READY";
        told.error_msg = "팝업을 호출하는데 실패하였습니다.";
      }
      tell(callback, told);
    }
  };

  const api = {
    init: (/** @type {string} */ user_code) => {
      store = { user_code };
    },
    agency: (/** @type {string} */ user_code, /** @type {string} */ tier_code) => {
      store = { user_code, tier_code };
    },
    deinit: () => {
      store = {};
    },
    request_pay: (/** @type {any} */ params, /** @type {Callback} */ callback) => {
      const filled =
        params !== null && typeof params === "object"
          ? { pay_method: "card", ...params, merchant_uid: params.merchant_uid ?? `nobody_${Date.now()}` }
          : params;
      return void run("payments", filled, callback);
    },
    certification: (/** @type {any} */ params, /** @type {Callback} */ callback) => {
      const merchant_uid = params?.merchant_uid ?? `nobody_${Date.now()}`;
      return void run("certifications", { ...params, merchant_uid }, callback, true);
    },
    /** Buttons of a PG in the page: none of ours has any. */
    loadUI: (/** @type {string} */ _type, /** @type {any} */ params, /** @type {Callback} */ callback) =>
      tell(callback, failure(bad("이 채널은 결제 UI를 지원하지 않습니다."), params)),
    updateLoadUIRequest: () => {},
    loadModule: async () => {
      throw new Error("이 채널은 모듈을 지원하지 않습니다.");
    },
    /** Old apps tell of other apps' ends: our windows ask the server themselves. */
    communicate: () => {},
    naver_zzim: () => {
      console.error("Naver Pay is not supported.");
    },
    /** Takes an open window away, and with it what is not decided yet. */
    close: () => current?.leave(),
    __naru: true,
  };
  return Object.assign(api, { default: api });
};
