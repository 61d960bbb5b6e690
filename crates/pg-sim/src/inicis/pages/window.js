"use strict";
// Takes the browser back to the merchant. In a frame the page that opened the window does it, and
// only a page of the merchant's own origin is told.
(() => {
  const form = document.getElementById("return");
  if (window.parent === window) {
    form.submit();
    return;
  }
  const message = { type: "INIStdPay.return", url: form.action, fields: [...new FormData(form)] };
  window.parent.postMessage(message, new URL(form.action).origin);
})();
