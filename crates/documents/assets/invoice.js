// Prints a tax invoice: when the page says so, or when the button is pressed.
if (document.body.dataset.print === "now") {
  document.fonts.ready.then(() => window.print());
}
document
  .querySelector('button[data-print="button"]')
  ?.addEventListener("click", () => window.print());
