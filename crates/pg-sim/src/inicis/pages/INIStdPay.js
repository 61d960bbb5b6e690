"use strict";
// The simulated PG's window for computers: an overlay with a frame in the page that asks for it. Under
// another name it is the window in which a customer decides on the goods of an escrow payment.
(() => {
  const place = document.currentScript.src.replace(/\/stdjs\/[^/]*$/, "");
  const page = document.currentScript.src.includes("escrow_conf") ? "escrow" : "window";
  let overlay = null;
  let frame = null;
  let before = null;

  const close = () => {
    if (!overlay) return;
    overlay.remove();
    overlay = frame = null;
    document.documentElement.style.overflow = "";
    before?.focus?.();
  };

  /** A form with these fields, sent at once. */
  const send = (action, fields, target) => {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action, target, hidden: true, acceptCharset: "utf-8" });
    for (const [name, value] of fields) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
    document.body.append(form);
    form.submit();
    form.remove();
  };

  /** Opens the window from the form with this id. */
  const pay = (formId) => {
    const fields = [...new FormData(document.getElementById(formId))];
    close();
    before = document.activeElement;
    overlay = document.createElement("div");
    overlay.setAttribute("role", "dialog");
    overlay.setAttribute("aria-modal", "true");
    overlay.setAttribute("aria-label", "결제창 Payment window");
    Object.assign(overlay.style, {
      position: "fixed", inset: "0", zIndex: "2147483647", background: "rgba(10, 16, 24, .55)",
      display: "flex", alignItems: "center", justifyContent: "center",
    });
    frame = document.createElement("iframe");
    frame.name = "inistdpay";
    frame.title = "결제창 Payment window";
    Object.assign(frame.style, {
      width: "min(30rem, 100%)", height: "min(42rem, 100%)", border: "0",
      borderRadius: "12px", background: "#fff",
    });
    overlay.append(frame);
    document.body.append(overlay);
    document.documentElement.style.overflow = "hidden";
    send(`${place}/${page}/`, fields, frame.name);
    frame.focus();
  };

  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow) return;
    if (event.data === "INIStdPay.close") close();
    // The window's page takes the result to the merchant, in the page that opened it.
    if (event.data?.type === "INIStdPay.return") send(event.data.url, event.data.fields, "_self");
  });

  window.INIStdPay = { pay };
})();
