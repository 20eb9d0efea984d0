// The line to the server. A tap is kept until it is answered, and sent again under its own key,
// so that a broken line loses none and doubles none.
const csrf = document.querySelector('meta[name="csrf-token"]').content;
const UNSENT = "unsent";
const PATIENCE_MS = 15000;
const PAUSES_MS = [500, 1000, 2000, 4000, 8000];

export class Refused extends Error {
  constructor(status, told) {
    super(told.message ?? "Permintaan ditolak");
    this.status = status;
    this.problems = told.problems ?? {};
  }
}

export class Broken extends Error {}

async function once(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, credentials: "same-origin" };
  if (method === "POST") {
    options.headers["X-CSRFToken"] = csrf;
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body ?? {});
  }
  let answer;
  try {
    answer = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Broken();
  }
  if (answer.status === 401) {
    location.assign("/attendant/sign-in");
    throw new Refused(401, { message: "Silakan masuk lagi" });
  }
  if (answer.status >= 502) throw await refusedOrBroken(answer);
  if (answer.status === 204) return null; // nothing new
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

// A gateway that does not answer is no broken line: the server says so in its own words.
async function refusedOrBroken(answer) {
  const told = await answer.json().catch(() => ({}));
  return told.error?.startsWith("Gateway") ? new Refused(answer.status, told) : new Broken();
}

export const get = (path) => once("GET", path);
export const post = (path, body) => once("POST", path, body);

const pause = (ms) => new Promise((go) => setTimeout(go, ms));

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Send a tap until it is answered. `onBroken` hears of each try that was lost. One that is given
// up (by an AbortController) is sent no more, and nothing comes of it: its answer is not wanted.
export async function tap(path, body, onBroken = () => {}, givenUp = null) {
  const mine = JSON.stringify({ path, body });
  const forget = () => localStorage.getItem(UNSENT) === mine && localStorage.removeItem(UNSENT);
  localStorage.setItem(UNSENT, mine);
  givenUp?.signal.addEventListener("abort", forget);
  for (let tries = 0; ; tries += 1) {
    try {
      const told = await post(path, body);
      forget();
      return told;
    } catch (error) {
      if (!(error instanceof Broken)) {
        if (error.status !== 401) forget();
        throw error;
      }
      if (givenUp?.signal.aborted) return null;
      onBroken();
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
      if (givenUp?.signal.aborted) return null;
    }
  }
}

// The tap that was under way when the page was left, if there is one.
export function unsent() {
  const kept = localStorage.getItem(UNSENT);
  return kept ? JSON.parse(kept) : null;
}
