// The inbox: dialogs that the server sent are shown, and closed when their decision has been taken;
// the queue shows which lead is open; the focus follows. Keys are in keys.js (data-key, data-digits).
(() => {
  const dialog = () => document.querySelector("#dialog dialog");
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog") {
      const shown = dialog();
      if (!shown) return;
      shown.showModal();
      shown.querySelector("[aria-invalid=true], [autofocus], input:not([type=hidden]), button:not([data-closes])")?.focus();
      return;
    }
    const open = document.getElementById("decision")?.dataset.offer;
    dialog()?.remove();
    document.querySelectorAll("#queue [data-offer]").forEach((row) => {
      if (row.dataset.offer === open) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    });
    document.getElementById("lead-name")?.focus({ preventScroll: true });
  });
})();
