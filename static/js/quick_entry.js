// Quick entry: a card is kept on this device first and sent after, so that a lost network loses nothing.
// The server takes each card once by its id, so sending one again is always safe. The words are the page's.
(() => {
  const form = document.querySelector("[data-quick]");
  if (!form || !window.localStorage) return;
  const words = form.dataset;
  const kept = `ecluse.quick.${words.user}`;
  const held = "ecluse.quick.occasion";
  const [status, rows] = ["status", "waiting"].map((name) => document.querySelector(`[data-quick-${name}]`));
  let sending = false;

  const read = () => JSON.parse(localStorage.getItem(kept) || "[]");
  const write = (cards) => { localStorage.setItem(kept, JSON.stringify(cards)); draw(); };
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
  };
  const element = (tag, text, attributes = {}) => Object.assign(document.createElement(tag), { textContent: text }, attributes);

  function row(card) {
    const line = element("li", "", { className: card.problem ? "quick__row quick__row--bad" : "quick__row" });
    line.append(element("span", card.name, { className: "quick__name", dir: "auto" }), element("span", card.problem || words.waiting, { className: "quick__state" }));
    if (card.problem) {
      line.append(element("button", words.correct, { type: "button", className: "btn btn--s", onclick: () => { fill(card); drop(card.id); } }));
      line.append(element("button", words.discard, { type: "button", className: "btn btn--s btn--ghost", onclick: () => drop(card.id) }));
    }
    return line;
  }

  function draw() {
    const cards = read();
    status.textContent = cards.length ? (cards.length === 1 ? words.one : words.many.replace("#", cards.length)) : "";
    status.classList.toggle("quick__status--offline", !navigator.onLine);
    if (!navigator.onLine) status.textContent = `${words.offline} ${status.textContent}`;
    rows.replaceChildren(...cards.map(row));
  }

  const drop = (id) => write(read().filter((card) => card.id !== id));
  const change = (id, values) => write(read().map((card) => (card.id === id ? { ...card, ...values } : card)));

  function fill(card) {
    const values = new URLSearchParams(card.body);
    for (const field of form.elements) {
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.getAll(field.name).includes(field.value);
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
    form.elements.id.value = newId();
    form.elements.first_name.focus();
  }

  async function send(card) {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(card.body), redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    });
    if (answer.ok) {
      const told = await answer.json();
      drop(card.id);
      const done = element("li", "", { className: "quick__row" });
      done.append(element("span", told.line, { className: "quick__name", dir: "auto" }));
      document.querySelector("[data-quick-sent]").prepend(done);
      document.querySelector("[data-quick-empty]")?.remove();
      const count = document.querySelector("[data-quick-count]");
      if (!told.again) count.textContent = Number(count.textContent) + 1;
      return true;
    }
    if (answer.status === 409 || answer.status === 422) {
      change(card.id, { problem: (await answer.json()).problem });
      return true;
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) status.textContent = words.signIn;
    return false;
  }

  async function flush() {
    if (sending) return;
    sending = true;
    try {
      for (const card of read()) if (!card.problem && !(await send(card))) break;
    } catch { draw(); } finally { sending = false; }
  }

  function fresh() {
    const stay = ["mode", "occasion", "met_on"].map((name) => [form.elements[name], form.elements[name]?.value]);
    form.reset();
    for (const [field, value] of stay) if (field) field.value = value;
    form.elements.corrects.value = "";
    form.elements.id.value = newId();
    form.elements.first_name.focus();
    form.scrollIntoView({ block: "start" });
  }

  form.addEventListener("submit", (event) => {
    const { email, phone, first_name, last_name } = form.elements;
    event.preventDefault();
    email.setCustomValidity(email.value.trim() || phone.value.trim() ? "" : words.needs);
    if (!form.reportValidity()) return;
    form.elements.met_at.value = new Date().toISOString();
    const body = new URLSearchParams(new FormData(form));
    body.delete("csrfmiddlewaretoken");
    const name = `${first_name.value} ${last_name.value}`.trim() || email.value || phone.value;
    write([...read(), { id: form.elements.id.value, body: body.toString(), name }]);
    fresh();
    flush();
  });
  form.addEventListener("input", () => form.elements.email.setCustomValidity(""));
  const { occasion } = form.elements;
  occasion.addEventListener("change", () => localStorage.setItem(held, occasion.value));
  if (occasion.value) localStorage.setItem(held, occasion.value);
  else occasion.value = localStorage.getItem(held) || "";
  for (const name of ["online", "offline", "focus"]) addEventListener(name, () => { draw(); flush(); });
  setInterval(flush, 30000);
  draw();
  flush();
  if (navigator.serviceWorker && words.worker) navigator.serviceWorker.register(words.worker);
})();
