// Windows of the checkout, for both SDKs: asks the server for one, shows it in a frame, in a window
// of its own or in the place of the page, and waits for its end.
//
// The server alone knows the end: what a frame posts only says that it is time to ask, and a page
// that hears nothing asks by itself. Needs no cookie and no storage. One window at a time.

/**
 * @typedef {"IFRAME" | "POPUP" | "REDIRECTION"} WindowType
 * @typedef {{ url: string, windowType: WindowType }} Opened
 * @typedef {{ response: Record<string, any>, redirectUrl?: string }} Ended
 * @typedef {{ code: string, message: string, pgCode?: string, pgMessage?: string }} Refusal
 */

/** How often a page that hears nothing asks, in milliseconds. */
const ASK_EVERY_MS = 1000;
/** How long an answer may take before it counts as lost, in milliseconds. */
const ANSWER_MS = 30000;
const TOP_LAYER = "2147483647";
const OPENING = "창을 여는 중입니다…\nOpening the window…";
const ENDING = "결과를 확인하는 중입니다…\nAsking for the result…";

/** Something that was refused before a window opened. */
class Refused {
  /** @param {Refusal} refusal */
  constructor(refusal) {
    this.refusal = refusal;
  }
}

/** @param {string} code @param {string} message */
const refuse = (code, message) => new Refused({ code, message });

/** Whether this is a phone or a tablet. An iPad says that it is a Mac, but no Mac has touch. */
const isMobile = () =>
  /Mobi|Android|iPhone|iPad|iPod/i.test(navigator.userAgent) ||
  (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

/** @param {string} url @param {RequestInit} [init] */
const fetchJson = async (url, init) => {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ANSWER_MS);
  try {
    const response = await fetch(url, {
      ...init,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "strict-origin",
      signal: abort.signal,
    });
    return { isOk: response.ok, body: await response.json() };
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Asks for a window.
 * @param {string} url
 * @param {unknown} request
 * @returns {Promise<Opened>}
 */
const prepare = async (url, request) => {
  let body;
  try {
    body = JSON.stringify({ request, device: isMobile() ? "MOBILE" : "PC" });
  } catch {
    throw refuse("BadRequest", "The request can't be written as JSON.");
  }
  let answer;
  try {
    const headers = { "content-type": "application/json" };
    answer = await fetchJson(url, { method: "POST", headers, body });
  } catch {
    throw refuse("UnknownError", "The payment server can't be reached. Check the network.");
  }
  if (answer.isOk) return answer.body;
  if (typeof answer.body?.code === "string") throw new Refused(answer.body);
  throw refuse("UnknownError", "The payment server gave an answer that can't be read.");
};

/** What stands open: closes it, or says that it can't be closed. */
let current = /** @type {null | { clear: () => void, leave: () => void }} */ (null);

// Brought back from the browser's memory by the back button, a page stands as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) current?.clear();
});

/** @param {Partial<CSSStyleDeclaration>} style @param {string} tag */
const styled = (tag, style) => {
  const element = document.createElement(tag);
  // Whatever the page's style says about all elements does not hold here.
  element.style.all = "revert";
  Object.assign(element.style, style);
  return element;
};

/**
 * A frame above the page, with a way out.
 * @param {string} url
 * @param {{ isDim: boolean, leave: () => void }} how
 */
const openFrame = (url, { isDim, leave }) => {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const layer = styled("div", {
    position: "fixed", inset: "0", zIndex: TOP_LAYER, display: "flex", flexDirection: "column",
    alignItems: "center", justifyContent: "center",
    background: isDim ? "rgba(10, 16, 24, .6)" : "transparent",
  });
  layer.setAttribute("role", "dialog");
  layer.setAttribute("aria-modal", "true");
  layer.setAttribute("aria-label", "결제창 Payment window");
  const close = styled("button", {
    alignSelf: "flex-end", margin: "4px", padding: "0", border: "0", width: "44px", height: "44px",
    borderRadius: "22px",
    background: "rgba(10, 16, 24, .8)", color: "#fff", font: "24px/44px system-ui, sans-serif",
    textAlign: "center", cursor: "pointer", flex: "none",
  });
  close.setAttribute("type", "button");
  close.setAttribute("aria-label", "결제창 닫기 Close the payment window");
  close.textContent = "×";
  // Seen until the frame has its page, and again while the server is asked for the end.
  const panel = styled("div", {
    position: "relative", width: "min(560px, 100%)", height: "min(760px, 100% - 52px)",
    borderRadius: "12px", background: "#fff", color: "#333", flex: "none", overflow: "hidden",
    display: "grid", placeContent: "center", textAlign: "center",
    font: "16px/1.6 system-ui, sans-serif",
  });
  const note = styled("p", { margin: "0", whiteSpace: "pre-line" });
  note.setAttribute("role", "status");
  note.textContent = OPENING;
  const frame = /** @type {HTMLIFrameElement} */ (
    styled("iframe", { position: "absolute", inset: "0", width: "100%", height: "100%", border: "0" })
  );
  frame.addEventListener("load", () => (frame.style.background = "#fff"), { once: true });
  frame.title = "결제창 Payment window";
  frame.setAttribute("allow", "payment *; clipboard-write");
  frame.src = url;
  const out = () => {
    note.textContent = ENDING;
    frame.style.visibility = "hidden";
    leave();
  };
  close.addEventListener("click", out);
  panel.append(note, frame);
  layer.append(close, panel);
  layer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") out();
  });
  const scroll = document.documentElement.style.overflow;
  document.documentElement.style.overflow = "hidden";
  document.body.append(layer);
  frame.focus();
  return {
    source: () => frame.contentWindow,
    isClosed: () => !layer.isConnected,
    close: () => {
      layer.remove();
      document.documentElement.style.overflow = scroll;
      before?.focus?.();
    },
  };
};

/**
 * A window of its own, blank. It has to be opened in the task of the customer's click, before the
 * server is asked: later the browser would not let it.
 * @param {boolean} isCentred
 */
const openPopup = (isCentred) => {
  const [width, height] = [620, 780];
  const at = isCentred
    ? `,left=${screenX + (outerWidth - width) / 2},top=${screenY + (outerHeight - height) / 2}`
    : "";
  const popup = window.open("", "_blank", `popup,width=${width},height=${height}${at}`);
  if (!popup) {
    throw refuse("UnknownError", "The browser blocked the payment window: allow pop-ups.");
  }
  popup.document.body.textContent = OPENING;
  return {
    /** @param {string} url */
    go: (url) => popup.location.replace(url),
    source: () => popup,
    isClosed: () => popup.closed,
    close: () => popup.close(),
  };
};

/**
 * Leaves the page, also from inside a frame, where the browser lets it.
 * @param {string} url
 */
const go = (url) => {
  try {
    (window.top ?? window).location.assign(url);
  } catch {
    location.assign(url);
  }
};

/**
 * Waits until the window is over.
 * @param {string} url the window's page
 * @param {{ source: () => Window | null, isClosed: () => boolean }} shown
 * @param {{ wantsOut: boolean, wake: () => void }} state
 * @returns {Promise<Ended>}
 */
const end = async (url, shown, state) => {
  const origin = new URL(url).origin;
  const token = url.slice(url.lastIndexOf("/") + 1);
  /** @param {MessageEvent} event */
  const hear = (event) => {
    const isOurs = event.origin === origin && event.data?.type === "naru.window.ended";
    if (isOurs && event.data.window === token) state.wake();
  };
  addEventListener("message", hear);
  try {
    for (;;) {
      // Closed by hand, or left: what is not decided yet is given up, and the server says whether
      // it was too late for that.
      const leaves = state.wantsOut || shown.isClosed();
      const told = await fetchJson(`${url}/end`, leaves ? { method: "POST" } : {}).catch(
        () => null,
      );
      if (told?.isOk && told.body.status === "ENDED") return told.body;
      await new Promise((wake) => {
        state.wake = () => wake(undefined);
        setTimeout(wake, ASK_EVERY_MS);
      });
    }
  } finally {
    removeEventListener("message", hear);
  }
};

/**
 * Opens a window and waits for its end. Nothing comes back if the page is left for it.
 * @param {string} url where the server is asked
 * @param {any} request
 * @param {{ isPopup: boolean, isCentred: boolean, isDim: boolean }} how
 * @returns {Promise<Ended["response"] | undefined>}
 */
const openWindow = async (url, request, how) => {
  if (current) throw refuse("BadRequest", "Another payment window is still open.");
  const state = { wantsOut: false, wake: () => {} };
  const leave = () => {
    state.wantsOut = true;
    state.wake();
  };
  let shown = /** @type {null | ReturnType<openFrame> | ReturnType<openPopup>} */ (null);
  let done = /** @type {(nothing: undefined) => void} */ (() => {});
  const left = /** @type {Promise<undefined>} */ (new Promise((resolve) => (done = resolve)));
  const clear = () => {
    current = null;
    shown?.close();
    done(undefined);
  };
  current = { clear, leave };
  try {
    const popup = how.isPopup ? openPopup(how.isCentred) : null;
    shown = popup;
    const opened = await prepare(url, request);
    if (opened.windowType === "REDIRECTION") {
      popup?.close();
      go(opened.url);
      return await left;
    }
    const isPopup = opened.windowType === "POPUP";
    if (!isPopup) popup?.close();
    const view =
      popup && isPopup ? popup : openFrame(opened.url, { isDim: how.isDim, leave });
    shown = view;
    if (view === popup) popup.go(opened.url);
    const ended = await Promise.race([end(opened.url, view, state), left]);
    if (ended?.redirectUrl) {
      view.close();
      go(ended.redirectUrl);
      // An app's address does not take the page away.
      return /^https?:/i.test(ended.redirectUrl) ? await left : undefined;
    }
    return ended?.response;
  } finally {
    clear();
  }
};
