// The command palette: arrows choose, Enter opens. What it lists comes from the server (hx-get).
(() => {
  const box = document.getElementById("palette");
  if (!box) return;
  const input = box.querySelector("input");
  const items = () => [...box.querySelectorAll("[role=option]")].filter((item) => !item.hidden);
  const select = (index) => {
    const all = items();
    all.forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    all[index]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", all[index]?.id || "");
  };
  const filter = () => {
    const words = input.value.trim().toLowerCase();
    box.querySelectorAll("[data-command]").forEach((item) => { item.hidden = !item.textContent.toLowerCase().includes(words); });
    select(0);
  };
  input.addEventListener("input", filter);
  box.addEventListener("htmx:afterSwap", () => select(0));
  box.addEventListener("close", () => { input.value = ""; filter(); });
  input.addEventListener("keydown", (event) => {
    const all = items();
    const now = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      select((now + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length);
    } else if (event.key === "Enter" && all[now]) { event.preventDefault(); all[now].click(); }
  });
  filter();
})();
