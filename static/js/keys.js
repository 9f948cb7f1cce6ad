// The keyboard. Elements say their own key: data-key="a" is clicked (or focused, for a field), "g i" is a sequence.
// j and k move along [data-rows] [data-row], whose keys are theirs alone; digits choose the nth button of an open [data-digits].
// data-once is not pressed twice by a key held down or struck twice. Enter on what has no use for it opens (o).
// WCAG 2.1.4: single keys can be switched off ([data-shortcuts], remembered); Ctrl+K stays.
(() => {
  const off = () => { try { return localStorage.getItem("shortcuts") === "off"; } catch { return false; } };
  const show = () => document.querySelectorAll("[data-shortcuts]").forEach((button) => button.setAttribute("aria-pressed", String(!off())));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-shortcuts]")) return;
    try { localStorage.setItem("shortcuts", off() ? "on" : "off"); } catch { /* nothing to remember it in */ }
    show();
  });
  document.addEventListener("DOMContentLoaded", show);
  let pending = "";
  let timer = 0;
  const typing = (element) => element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  const shown = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent;
  const scope = () => document.querySelector("dialog[open]") || document;

  let struck = { key: "", at: 0 };
  const act = (element, event) => {
    if (element.disabled) return;
    if (element.hasAttribute("data-once")) {
      if (event.repeat || (event.key === struck.key && event.timeStamp - struck.at < 300)) return;
      struck = { key: event.key, at: event.timeStamp };
    }
    if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); } else element.click();
  };

  const move = (step) => {
    const rows = [...document.querySelectorAll("[data-rows] [data-row]")].filter(shown);
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.matches(":focus-within, :focus, [aria-current=true]"));
    const row = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
    const target = row.matches("a, button") ? row : row.querySelector("a, button");
    target.focus();
    if (row.hasAttribute("data-row-opens")) target.click();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.querySelector("[data-opens=palette]")?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target) || off()) return;
    const key = event.key.toLowerCase();
    const digits = [...document.querySelectorAll("[data-digits]")].find(shown);
    if (digits && /^[0-9]$/.test(key)) {
      const choice = digits.querySelectorAll("button, input[type=radio]")[(Number(key) + 9) % 10];
      if (choice) { event.preventDefault(); choice.click(); choice.focus(); }
      return;
    }
    if (!pending && !document.querySelector("dialog[open]") && (key === "j" || key === "k")) { event.preventDefault(); move(key === "j" ? 1 : -1); return; }
    if (key === "enter" && event.target.closest("a, button, summary, input, dialog")) return;
    const wanted = pending ? `${pending} ${key}` : key === "enter" ? "o" : key;
    clearTimeout(timer);
    pending = "";
    const row = event.target.closest("[data-row]");
    const mine = (e) => e.dataset.key === wanted && (e.closest("[data-row]") || row) === row && (shown(e) || wanted.includes(" "));
    const element = [...(row || scope()).querySelectorAll("[data-key]"), ...scope().querySelectorAll("[data-key]")].find(mine);
    if (element) { event.preventDefault(); act(element, event); return; }
    if (key === "g") { pending = "g"; timer = setTimeout(() => { pending = ""; }, 900); }
  });
})();
