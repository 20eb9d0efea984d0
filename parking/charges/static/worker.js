// Keeps the app's own files for a phone without a line. What the server knows is never kept:
// a LUNAS, a total or a QR from a store could be an old one.
const KEPT = "parking-2";
const OFFLINE = "/attendant/static/offline.html";
const SHELL = [
  OFFLINE,
  "/attendant/static/app.css",
  "/attendant/static/app.js",
  "/attendant/static/cash.js",
  "/attendant/static/close.js",
  "/attendant/static/line.js",
  "/attendant/static/charge.js",
  "/attendant/static/view.js",
  "/static/icon.svg",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function freshElseKept(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(KEPT)).put(request, answer.clone());
    return answer;
  } catch (broken) {
    return (await caches.match(request)) ?? Promise.reject(broken);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (request.method === "GET" && SHELL.includes(path)) {
    event.respondWith(freshElseKept(request));
  }
});
