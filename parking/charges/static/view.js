import { Broken } from "./line.js";

// Screens are <template>s of the page; texts go in as text, never as markup.
const stage = document.querySelector("#stage");
const notice = document.querySelector("#notice");

export const rupiah = (amount) => `Rp${new Intl.NumberFormat("id-ID").format(amount)}`;

// A number as it was typed, also with the dots of thousands: 1.500.
export const numberOf = (field) => Number(field.value.replaceAll(".", ""));

// A phone's own clock may be minutes off: what is shown goes by the server's.
let skewMs = 0;

export function setServerTime(text) {
  skewMs = new Date(text) - Date.now();
}

export const serverNow = () => new Date(Date.now() + skewMs);

export const clock = (moment) =>
  new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "Asia/Jakarta" })
    .format(moment);

export const minutes = (seconds) => `${Math.floor(seconds / 60)}.${String(seconds % 60).padStart(2, "0")}`;

export const copy = (name) => document.querySelector(`#${name}`).content.firstElementChild.cloneNode(true);

export function fill(view, texts) {
  for (const [slot, text] of Object.entries(texts)) {
    for (const place of view.querySelectorAll(`[data-slot="${slot}"]`)) place.textContent = text;
  }
  return view;
}

export function show(view) {
  stage.replaceChildren(view);
  document.body.dataset.screen = view.dataset.screen ?? "";
  window.scrollTo(0, 0);
  view.querySelector("[data-focus]")?.focus();
}

export const shown = () => stage.firstElementChild;

export function say(text, kind = "wrong") {
  notice.textContent = text;
  notice.dataset.kind = kind;
  notice.hidden = !text;
}

// A button that works once until its work is done.
export function on(button, work) {
  button.addEventListener("click", async () => {
    if (button.disabled) return;
    button.disabled = true;
    try {
      await work();
    } finally {
      button.disabled = false;
    }
  });
}

export function onSubmit(view, work, back) {
  const form = view.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    attempt(() => work(form.elements), back).finally(() => { button.disabled = false; });
  });
}

// A refusal is said in the server's words, with the fields it names; the screen stays, or if it
// is gone, `back` shows where things stand.
export async function attempt(work, back = () => {}) {
  say("");
  const before = shown();
  try {
    await work();
  } catch (error) {
    const more = Object.values(error.problems ?? {}).join(". ");
    say(error instanceof Broken ? "Tidak ada sambungan. Coba lagi." : [error.message, more].filter(Boolean).join(": "));
    if (shown() !== before) back();
  }
}

// The server's picture, read as XML: what is not an svg of paths is not put in.
export function picture(svg) {
  const read = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const strange = [read, ...read.querySelectorAll("*")].some((one) => !["svg", "path"].includes(one.localName));
  if (strange) throw new Error("not a picture of ours");
  return document.importNode(read, true);
}
