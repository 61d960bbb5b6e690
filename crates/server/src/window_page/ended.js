"use strict";
// Tells the page that opened the window that it is over: a page around this frame, or the one that
// opened this browser window. It says which window and no more; the page asks what became of it.
(() => {
  const { window: token, opener: origin } = document.currentScript.dataset;
  const said = { type: "naru.window.ended", window: token };
  const seen = new Set([window]);
  const tell = (/** @type {Window | null} */ other) => {
    if (!other || seen.has(other)) return;
    seen.add(other);
    other.postMessage(said, origin);
    tell(other.parent);
  };
  tell(window.parent);
  tell(window.opener);
})();
