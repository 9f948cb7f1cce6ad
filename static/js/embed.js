/* Puts a form of Écluse where its script tag stands: <script src="…/embed.js" data-form="guide" async></script>
   The form lives in a frame of its own, so the page's styles touch nothing in it and it touches nothing outside.
   Sets no cookie and keeps nothing; tells the form the page, where the visit came from, and the visitor's id only
   when the site's tracker has one, which it has only with consent. */
(() => {
  const script = document.currentScript;
  const slug = script && script.dataset.form;
  if (!slug) return;
  const home = new URL(script.src).origin;
  const address = new URL(`/f/${encodeURIComponent(slug)}/embed/`, home);
  address.searchParams.set("page", location.origin + location.pathname);
  const query = new URLSearchParams(location.search);
  for (const name of ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"]) {
    if (query.get(name)) address.searchParams.set(name, query.get(name));
  }
  if (document.referrer && new URL(document.referrer).origin !== location.origin) {
    address.searchParams.set("referrer", document.referrer.split("?")[0]);
  }
  const visitor = window.ecluse && typeof window.ecluse.visitor === "function" ? window.ecluse.visitor() : "";
  if (visitor) address.searchParams.set("visitor", visitor);

  // The colours of the page around, not those of the reader's system: a dark form in a light page is a hole.
  const schemes = getComputedStyle(document.documentElement).colorScheme;
  const theme = script.dataset.theme || (schemes.includes("dark") ? "auto" : "light");
  address.searchParams.set("theme", theme);

  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = script.dataset.title || "Formulaire";
  frame.width = "100%";
  frame.height = script.dataset.height || "480";
  Object.assign(frame.style, { border: "0", display: "block", colorScheme: theme === "auto" ? "light dark" : theme });
  script.after(frame);

  addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== home) return;
    const told = (event.data && event.data.ecluse) || {};
    if (Number.isFinite(told.height)) frame.height = String(Math.min(Math.max(told.height, 80), 10000));
    if (told.top) frame.scrollIntoView({ block: "nearest" });
    if (typeof told.go === "string" && /^https?:\/\//.test(told.go)) location.assign(told.go);
  });
})();
