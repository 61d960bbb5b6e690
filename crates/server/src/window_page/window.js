"use strict";
// Hands the customer over to the PG: at once the first time, then by the button, so that going
// back does not lead forward again.
(() => {
  const form = document.getElementById("gateway");
  if (!form) return;
  const isFramed = !form.hasAttribute("action");
  const open = () => {
    if (!isFramed) return form.submit();
    if (window.INIStdPay) return window.INIStdPay.pay(form.id);
    document.getElementById("no-script").hidden = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open();
  });
  const seen = `naru-window:${location.pathname}`;
  try {
    if (sessionStorage.getItem(seen)) return;
    sessionStorage.setItem(seen, "1");
  } catch {
    // A browser that keeps nothing in a frame, or at all: it still knows which way it came.
    const [came] = performance.getEntriesByType("navigation");
    if (came?.type !== "navigate") return;
  }
  open();
})();
