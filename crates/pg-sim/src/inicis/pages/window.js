"use strict";
// Takes the browser back to the merchant. The window for computers stands in a frame of the page
// that opened it, which does it; only a page of the merchant's own origin is told.
(() => {
  const form = document.getElementById("return");
  if (form.target !== "_top" || window.parent === window) {
    form.submit();
    return;
  }
  const message = { type: "INIStdPay.return", url: form.action, fields: [...new FormData(form)] };
  window.parent.postMessage(message, new URL(form.action).origin);
})();
