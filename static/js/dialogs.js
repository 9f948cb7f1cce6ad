// data-opens="id" shows the <dialog id>; data-closes hides the one it is in; a click on the backdrop too.
// <details class="menu"> closes when the eye goes elsewhere, and gives the focus back on Escape.
(() => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog && !dialog.open) dialog.showModal();
      dialog?.querySelector("[autofocus]")?.focus();
    }
    if (event.target.closest("[data-closes]") || event.target.matches("dialog[open]")) event.target.closest("dialog")?.close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
})();
