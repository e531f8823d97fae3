// The installed cabinet without a network: one page that says so. Nothing else is kept: the pages of the cabinet are
// somebody's own, and whatever is not the navigation to a page goes out as if we were not here.
const KEPT = "offline-{{ version }}";
const PAGE = "/offline";
const FILES = {{ files | tojson }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([PAGE, ...FILES])));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

// Who comes from another site, as from the bank's page, comes with the browser's own request: cookies as without us.
const isFromUs = (referrer) => !referrer || new URL(referrer).origin === self.location.origin;

self.addEventListener("fetch", (event) => {
  const { method, mode, url, referrer } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate" && (isFromUs(referrer) || !navigator.onLine)) event.respondWith(fetch(event.request).catch(() => caches.match(PAGE, { ignoreVary: true })));
  else if (FILES.includes(url.slice(self.location.origin.length))) event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
