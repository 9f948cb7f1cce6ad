// The inbox: dialogs that the server sent are shown, and closed when their decision has been taken; the queue
// shows which lead is open; the focus follows. What was changed elsewhere on the page ("lead-changed", from
// dialogs and from undoing) is read again. Keys are in keys.js (data-key, data-digits, data-once).
(() => {
  const dialog = () => document.querySelector("#dialog dialog");
  const toLead = () => document.getElementById("lead-name")?.focus({ preventScroll: true });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog") {
      const shown = dialog();
      if (!shown) return;
      if (!shown.open) shown.showModal();
      shown.querySelector("[aria-invalid=true], [autofocus], [data-digits] button, input:not([type=hidden]), button:not([data-closes])")?.focus();
      return;
    }
    if (event.detail.target.id !== "decision") return;
    const open = document.getElementById("decision")?.dataset.offer;
    dialog()?.remove();
    document.querySelectorAll("#queue [data-offer]").forEach((row) => {
      if (row.dataset.offer === open) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    });
    document.querySelector("#queue [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    toLead();
  });
  document.addEventListener("lead-changed", (event) => {
    if (!document.getElementById("decision")) return;
    const there = event.target.dataset?.back || location.pathname;
    window.htmx.ajax("GET", there, { target: "#decision", swap: "outerHTML", values: { queue: 1 } });
  });
})();
