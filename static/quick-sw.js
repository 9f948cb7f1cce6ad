// Lets the quick entry page open without a network. Keeps one page without anybody's data, and its files.
const SHELF = "ecluse-quick-1";
const SHELL = "/capture/quick/?offline";

async function keepShell() {
  const answer = await fetch(SHELL, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) {
    const shelf = await caches.open(SHELF);
    await shelf.put(SHELL, answer.clone());
    const files = [...(await answer.text()).matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
    await Promise.allSettled([...new Set(files.map((file) => file.split("#")[0]))].map((file) => shelf.add(file)));
  }
}

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function openPage(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) keepShell().catch(() => {});
    return answer;
  } catch {
    return (await caches.match(SHELL)) || Response.error();
  }
}

async function openFile(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && path === "/capture/quick/") event.respondWith(openPage(request));
  else if (path.startsWith("/static/")) event.respondWith(openFile(request));
});
