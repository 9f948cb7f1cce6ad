/* The tracker of Écluse: one file, nothing else loaded. It stores and sends nothing until the site has said
   ecluse("consent", true), nothing at all for browsers that send Global Privacy Control or Do Not Track, and
   it never throws on the site. See docs/api.md, "The tracker". */
(() => {
  "use strict";
  const win = window, doc = document, nav = navigator, script = doc.currentScript || doc.querySelector("script[data-key][src*=ecluse]");
  if (!script || (win.ecluse && win.ecluse.on)) return;
  const own = script.dataset, key = own.key, api = (own.api || new URL(script.src).origin) + "/api/v1/";
  const KEEP = 395 * 864e5, WAIT = 2e3, MOST = 50, LATER = 3e5;
  const CLICKS = ["gclid", "gbraid", "wbraid", "msclkid", "dclid", "fbclid", "li_fat_id", "ttclid", "twclid", "epik"];
  const refused = nav.globalPrivacyControl === true || nav.doNotTrack === "1";
  const safe = (work) => function () { try { return work.apply(this, arguments); } catch { /* never on the site */ } };
  let allowed = false, version = "", state = null, config = null, page = null, last = doc.referrer, queue = [], early = [], timer = 0, failures = 0, sending = false;

  const uuid = (timed) => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    if (timed) for (let i = 5, now = Date.now(); i >= 0; i--, now = Math.floor(now / 256)) bytes[i] = now % 256;
    bytes[6] = (bytes[6] & 15) | (timed ? 112 : 64);
    bytes[8] = (bytes[8] & 63) | 128;
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  const keep = (area, name, value) => { try { value ? win[area].setItem(name, JSON.stringify(value)) : win[area].removeItem(name); } catch { /* full or forbidden */ } };
  const kept = (area, name) => { try { return JSON.parse(win[area].getItem(name)); } catch { return null; } };
  const save = () => { keep("localStorage", "ecluse", state); keep("sessionStorage", "ecluse.q", queue.length ? queue : null); };
  const bare = (address) => String(address).split(/[?#]/)[0].slice(0, 500);
  const matches = (patterns, path) => (patterns || []).some((one) => new RegExp("^" + one.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*") + "$").test(path));

  // Sending -------------------------------------------------------------------------------------------------
  const beacon = (path, body) => {
    body.key = key;
    const text = JSON.stringify(body);
    if (nav.sendBeacon && nav.sendBeacon(api + path, new Blob([text], { type: "text/plain" }))) return;
    fetch(api + path, { method: "POST", body: text, keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } }).catch(() => {});
  };
  const batch = (events) => ({ key, consent: true, sent_at: new Date().toISOString(), automated: nav.webdriver || undefined, events });
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(flush, wait); };
  const flush = safe((leaving) => {
    if (!allowed || !queue.length || (sending && !leaving)) return;
    const events = queue.slice(0, MOST);
    if (leaving) { beacon("events/", batch(events)); queue.splice(0, MOST); save(); return; }
    sending = true;
    const done = (ok) => {
      sending = false;
      if (!allowed) return;
      failures = ok ? 0 : failures + 1;
      if (ok) queue = queue.filter((one) => !events.includes(one));
      save();
      // An ad blocker is no reason to try all day: after five failures, only with the next page.
      if (queue.length && failures < 5) later(ok ? 0 : Math.min(WAIT * 4 ** failures, LATER));
    };
    fetch(api + "events/", { method: "POST", body: JSON.stringify(batch(events)), keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" } })
      .then((answer) => done(answer.status < 500 && answer.status !== 429), () => done(false));
  });
  const push = (kind, properties, content) => {
    if (!allowed) { if (!refused && early && early.length < 20) early.push([kind, properties, content]); return; }
    state.seen = Date.now();
    queue.push({ event_id: uuid(true), kind, occurred_at: new Date().toISOString(), visitor: state.id, content: content || undefined, properties: properties || {} });
    if (queue.length > 200) queue.shift();
    save();
    if (!failures) later(WAIT);
  };

  // Pages ---------------------------------------------------------------------------------------------------
  const source = () => {
    const query = new URLSearchParams(location.search), found = {}, clicks = CLICKS.filter((name) => query.has(name));
    for (const name of ["source", "medium", "campaign", "term", "content"]) { const value = query.get("utm_" + name); if (value) found["utm_" + name] = value.slice(0, 200); }
    if (clicks.length) found.clicks = clicks.join(" ");
    if (last) found.referrer = bare(last);
    return found;
  };
  const touch = (found) => {
    const outside = found.referrer && new URL(found.referrer).host !== location.host;
    if (!outside && !found.clicks && !found.utm_source && !found.utm_medium && !found.utm_campaign) return;
    state.last = found;
    state.first = state.first || found;
    state.touches = (state.touches || []).concat([found]).slice(-20);
  };
  const tick = () => { if (page && page.from) { page.time += Date.now() - page.from; page.from = 0; } if (page && !doc.hidden) page.from = Date.now(); };
  const time = (least) => {
    if (!page || page.told) return;
    tick();
    const seconds = Math.round(page.time / 1e3);
    if (seconds >= least) { page.told = true; push("time_on_site", { seconds, url: page.url }); }
  };
  const view = safe(() => {
    if (!allowed || !config) return;
    const address = location.pathname + location.search;
    if (page && page.address === address) return;
    time(5);
    page = null;
    const now = Date.now(), url = bare(location.href), path = location.pathname;
    if (!matches(config.ignored, path)) {
      const found = source();
      if (state.seen && now - state.seen > config.minutes * 6e4) { state.touches = []; push("return_visit", { url }); }
      touch(found);
      page = { address, url, time: 0, from: doc.hidden ? 0 : now };
      push(matches(config.pricing, path) ? "pricing_viewed" : "page_viewed", Object.assign({ url, title: doc.title.slice(0, 120) }, found, config.trap && path === config.trap ? { trap: true } : {}));
    }
    last = location.href;
  });
  const start = safe(() => {
    if (!allowed || config) return;
    const ready = safe((settings) => {
      if (!allowed) return;
      config = settings && settings.minutes ? settings : { minutes: 30, downloads: ["pdf"] };
      view();
      (early || []).splice(0).forEach((one) => push(...one));
    });
    const known = kept("sessionStorage", "ecluse.c");
    if (known) { ready(known); return; }
    fetch(api + "tracker/" + encodeURIComponent(key) + "/config", { credentials: "omit" }).then((answer) => (answer.ok ? answer.json() : null))
      .then((settings) => { if (allowed && settings) keep("sessionStorage", "ecluse.c", settings); ready(settings); }, () => ready(null));
  });

  // Consent -------------------------------------------------------------------------------------------------
  const consent = (given, more) => {
    if (given === true && !refused && !allowed) {
      allowed = true;
      version = String((more && more.version) || own.consentVersion || "banner").slice(0, 64);
      state = kept("localStorage", "ecluse");
      if (!state || !state.id || !(Date.now() - state.at < KEEP)) state = { id: uuid(), at: Date.now() };
      queue = (kept("sessionStorage", "ecluse.q") || []).filter((one) => one.visitor === state.id);
      save();
      start();
    } else if (given === false) {
      const old = state || kept("localStorage", "ecluse");
      allowed = false;
      state = config = page = null;
      queue = [];
      early = null; // what follows a refusal is not kept for a later yes
      clearTimeout(timer);
      save();
      keep("sessionStorage", "ecluse.c");
      if (old && old.id) beacon("tracker/withdraw/", { visitor: old.id, page: bare(location.href) });
    }
  };
  const banner = safe(() => {
    if (!own.consentCookie) return;
    const said = doc.cookie.split(/; */).includes(own.consentCookie);
    if (said !== allowed && (said || state)) consent(said);
  });

  // Forms of the site, and links ----------------------------------------------------------------------------
  const FIELDS = [["email", /e-?mail|courriel/], ["phone", /phone|t[ée]l(?!l)|mobile|portable/], ["first_name", /first|given|pr[ée]nom/], ["last_name", /last|family|surname|(^|[^a-z])nom($|[^a-z])/],
    ["company.name", /company|soci[ée]t[ée]|entreprise|organi[sz]ation/], ["job_title", /job|fonction|poste($|[^a-z])/], ["postcode", /zip|postal|postcode/], ["city", /city|ville/], ["need", /message|besoin|need|comment|demande/]];
  const PRIVATE = /pass|secret|card|carte|cvc|cvv|iban|ssn|s[ée]cu/i;
  const answers = (form) => {
    const found = {}, consents = [];
    for (const field of form.elements) {
      const name = [field.name, field.id, field.autocomplete].join(" ").toLowerCase(), wanted = field.dataset.ecluseField;
      if (/^(password|hidden|file|submit|button|image|reset)$/.test(field.type) || /(^| )cc-/.test(name) || PRIVATE.test(name)) continue;
      if (field.dataset.ecluseConsent && field.type === "checkbox") {
        consents.push({ purpose: field.dataset.ecluseConsent, state: field.checked ? "granted" : "denied", text_version: field.dataset.ecluseVersion || undefined });
        continue;
      }
      if (/^(checkbox|radio)$/.test(field.type) && !(wanted && field.checked)) continue;
      const target = wanted || (FIELDS.find((one) => one[1].test(name)) || [])[0], value = String(field.value || "").trim();
      if (!target || !value || found[target]) continue;
      found[target] = value.slice(0, 2000);
    }
    return [found, consents];
  };
  const capture = safe((form) => {
    const mode = form.dataset.ecluseForm;
    if (mode === undefined || !(allowed || mode === "always")) return;
    const [found, consents] = answers(form), body = { page: bare(location.href), event: { kind: form.dataset.ecluseEvent || "form_submitted", event_id: uuid(true), content: form.dataset.ecluseContent || undefined } };
    if (!found.email && !found.phone) return;
    for (const name in found) { if (name.startsWith("company.")) (body.company = body.company || {})[name.slice(8)] = found[name]; else body[name] = found[name]; }
    const origin = (allowed && state.last) || source();
    for (const name in origin) { if (name.startsWith("utm_")) (body.utm = body.utm || {})[name.slice(4)] = origin[name]; else if (name === "referrer") body.referrer = origin[name]; }
    if (allowed) {
      body.visitor = state.id;
      consents.push({ purpose: "tracking", state: "granted", text_version: version });
      flush(true);
    }
    if (consents.length) body.consents = consents;
    beacon("leads/", body);
  });
  const click = safe((target) => {
    const link = target && target.closest && target.closest("a[href],[data-ecluse-content],[data-ecluse-event]");
    setTimeout(banner, 500);
    if (!link || !allowed || !config) return;
    const path = link.pathname || "", extension = (/\.(\w{1,10})$/.exec(path) || [])[1], marks = link.dataset, url = link.href ? bare(link.href) : undefined;
    if (config.trap && path === config.trap) push("page_viewed", { url, trap: true });
    else if (marks.ecluseEvent) push(marks.ecluseEvent, { url }, marks.ecluseContent);
    else if (marks.ecluseContent || (extension && (config.downloads || []).includes(extension.toLowerCase()))) push("content_downloaded", { url }, marks.ecluseContent);
    else return;
    flush(true);
  });

  // The site's own calls, and what the browser tells --------------------------------------------------------
  const calls = { consent, event: (kind, more) => { const { content, ...rest } = more || {}; if (kind) push(String(kind), rest, content); }, page: () => { page = null; view(); } };
  const waiting = (win.ecluse && win.ecluse.q) || [];
  win.ecluse = safe((name, ...rest) => { if (Object.hasOwnProperty.call(calls, name)) calls[name](...rest); });
  win.ecluse.on = true;
  win.ecluse.visitor = () => (allowed && state ? state.id : "");
  const listen = (target, name, work) => target.addEventListener(name, safe(work), true);
  for (const name of ["pushState", "replaceState"]) {
    const before = history[name];
    history[name] = function () { const result = before.apply(this, arguments); setTimeout(view); return result; };
  }
  listen(win, "popstate", () => setTimeout(view));
  listen(win, "pageshow", (event) => { if (event.persisted) { page = null; view(); } });
  listen(doc, "visibilitychange", () => { tick(); if (doc.hidden) flush(true); });
  listen(win, "pagehide", () => { time(5); flush(true); });
  listen(doc, "submit", (event) => capture(event.target));
  listen(doc, "click", (event) => click(event.target));
  setInterval(safe(() => { if (page && !page.told) time(30); }), 1e3);
  safe(() => { if (new URLSearchParams(location.search).has("ecluse-test")) beacon("tracker/ping/", { page: bare(location.href) }); })();
  waiting.forEach((call) => win.ecluse(...call));
  banner();
})();
