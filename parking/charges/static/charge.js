// One vehicle's QR, from the tap to LUNAS. That it is paid only the server says.
import { Broken, get, newKey, post, tap } from "./line.js";
import { clock, copy, fill, minutes, on, picture, rupiah, say, serverNow, show } from "./view.js";

// How long after the tap (s) the server is asked how often (ms). A look that brings nothing new
// costs a phone on 3G a quarter of a kilobyte.
const LOOKS = [[90, 1000], [Infinity, 2000]];
const LUNAS_STAYS_MS = 20000;
// So long nobody is left to guess: then the phone itself offers cash, whoever is silent.
const SILENCE_MS = 5000;
const SILENT = "QRIS sedang gangguan. Terima tunai dan beri karcis.";
const NO_LINE = "Tidak ada sambungan. Terima tunai dan beri karcis; tercatat begitu tersambung.";
const NO_LINE_FOR_QR = "Tidak ada sambungan. QR tetap berlaku; LUNAS menunggu sambungan.";
const WAITING = ["creating", "create_unknown", "pending"];
const PAID = ["paid"];

let sound; // made at a tap: a browser lets no page speak by itself

export function wakeSound() {
  sound ??= "AudioContext" in window ? new AudioContext() : null;
  sound?.resume();
}

function chime() {
  navigator.vibrate?.([150, 80, 150, 80, 400]);
  if (!sound) return;
  [[660, 0], [880, 0.16], [1320, 0.32]].forEach(([pitch, after]) => {
    const tone = sound.createOscillator();
    const loud = sound.createGain();
    const begin = sound.currentTime + after;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.5, begin);
    loud.gain.exponentialRampToValueAtTime(0.01, begin + 0.4);
    tone.connect(loud).connect(sound.destination);
    tone.start(begin);
    tone.stop(begin + 0.45);
  });
}

export class ChargeScreen {
  // `done(cash)` is called when the attendant goes on; `instead` takes cash for the vehicle.
  constructor(done, instead) {
    this.done = done;
    this.instead = instead;
    this.timers = [];
  }

  // `texts` are those of the vehicle and its price.
  async ask(vehicle, texts, replaces) {
    this.leave();
    const turn = this.turn;
    const tapped = performance.now();
    show(fill(copy("waiting"), { message: "Meminta QR…" }));
    const body = { vehicle, client_key: newKey(), ...(replaces ? { replaces } : {}) };
    const givenUp = new AbortController();
    let broken = false;
    const lost = () => {
      broken = true;
      if (turn === this.turn) say("Tidak ada sambungan. Mencoba lagi…");
    };
    const silence = setTimeout(() => this.drawSilence(body, texts, givenUp, broken), SILENCE_MS);
    this.timers.push(silence); // taken away with the others once the screen is another
    let told;
    try {
      told = await tap("/attendant/charges", body, lost, givenUp);
    } finally {
      clearTimeout(silence);
    }
    if (turn !== this.turn || givenUp.signal.aborted) return; // cash was taken, nobody waits
    say("");
    this.open(told, tapped);
  }

  // `tapped`: since when somebody waits for it, by the page's own clock.
  open(told, tapped = performance.now()) {
    this.leave();
    this.told = told;
    this.tapped = tapped;
    this.began = performance.now();
    this.svg = told.svg;
    this.draw();
    if (WAITING.includes(told.state)) this.lookAgain();
  }

  leave() {
    this.timers.forEach(clearInterval);
    this.timers = [];
    this.turn = (this.turn ?? 0) + 1; // what an older look brings is not drawn any more
  }

  lookAgain() {
    const turn = this.turn;
    const age = (performance.now() - this.began) / 1000;
    setTimeout(() => this.look(turn), LOOKS.find(([until]) => age < until)[1]);
  }

  async look(turn) {
    if (turn !== this.turn) return;
    try {
      const lacks = this.told.state !== "pending" || !this.svg;
      const asks = lacks ? "picture=1" : "known=pending";
      const told = await get(`/attendant/charges/${this.told.ours}?${asks}`);
      if (turn !== this.turn) return;
      if (this.cut) say("");
      this.cut = false;
      if (told) this.learn(told);
    } catch (error) {
      if (turn !== this.turn) return;
      this.cut = true;
      say(error instanceof Broken ? (this.svg ? NO_LINE_FOR_QR : NO_LINE) : error.message);
    }
    if (WAITING.includes(this.told.state)) this.lookAgain();
  }

  learn(told) {
    const before = this.told;
    this.svg = told.svg ?? this.svg;
    this.told = told;
    this.heard = performance.now();
    const same = before.state === told.state && (before.seconds_left > 0) === (told.seconds_left > 0);
    if (!same || (told.svg && !before.svg)) this.draw();
  }

  draw() {
    this.timers.forEach(clearInterval);
    this.timers = [];
    this.heard = performance.now();
    const { state } = this.told;
    if (PAID.includes(state)) this.drawPaid();
    else if (state === "pending" && this.told.seconds_left === 0) this.drawEnded(); // and looked for
    else if (state === "pending" && this.svg) this.drawQr();
    else if (state === "create_unknown" || this.told.outage) this.drawOutage(this.told.message);
    else if (WAITING.includes(state)) this.drawWaiting();
    else this.drawEnded();
  }

  texts() {
    const { vehicle_text: vehicle, amount, point_code: point, merchant_name: merchant, nmid, message } = this.told;
    return { vehicle, amount: rupiah(amount), point, merchant, nmid, message, ours: this.told.ours };
  }

  drawQr() {
    const view = fill(copy("qr"), this.texts());
    view.querySelector("[data-qr]").replaceChildren(picture(this.svg));
    const rest = view.querySelector("[data-slot=rest]");
    const tick = () => {
      const left = Math.max(0, this.told.seconds_left - Math.floor((performance.now() - this.heard) / 1000));
      rest.textContent = minutes(left);
      rest.dataset.short = left <= 60;
      if (left === 0) view.querySelector("[data-qr]").replaceChildren(); // an old code is not shown
    };
    tick();
    this.timers.push(setInterval(tick, 500));
    on(view.querySelector("[data-do=cancel]"), () => this.cancel());
    on(view.querySelector("[data-do=cash]"), () => this.cash());
    show(view);
  }

  // A QR that is being made: soon, or it is an outage.
  drawWaiting() {
    const left = this.tapped + SILENCE_MS - performance.now();
    if (left <= 0) return this.drawOutage(SILENT);
    this.timers.push(setTimeout(() => this.drawWaiting(), left));
    const view = fill(copy("waiting"), this.texts());
    const cash = view.querySelector("[data-do=cash]");
    cash.hidden = false;
    on(cash, () => this.cash());
    show(view);
  }

  drawOutage(message) {
    const isAsked = WAITING.includes(this.told.state); // it may still come, and is looked for
    const view = fill(copy("outage"), { ...this.texts(), message });
    view.querySelector("[data-still]").hidden = !isAsked;
    view.querySelector("[data-do=again]").hidden = isAsked || this.told.again_s > 0;
    on(view.querySelector("[data-do=again]"), () => this.again());
    on(view.querySelector("[data-do=cash]"), () => this.cash());
    on(view.querySelector("[data-do=next]"), () => this.finish());
    if (this.told.again_s > 0) this.countDown(view);
    show(view);
  }

  // While nobody can be reached no try is offered: when the time is over the server is asked.
  countDown(view) {
    const turn = this.turn;
    view.querySelector("[data-later]").hidden = false;
    const tick = () => {
      const left = Math.max(0, this.told.again_s - Math.floor((performance.now() - this.heard) / 1000));
      fill(view, { later: minutes(left) });
      if (left === 0) this.lookForItsEnd(turn);
    };
    tick();
    this.timers.push(setInterval(tick, 500));
  }

  async lookForItsEnd(turn) {
    this.timers.forEach(clearInterval);
    await this.look(turn);
    if (turn === this.turn && this.told.outage) this.draw(); // it counts down anew, or offers the try
  }

  // No answer at all. Cash names the tap by its key, for of its charge nothing is known here.
  drawSilence(body, texts, givenUp, broken) {
    const view = fill(copy("outage"), { ...texts, message: broken ? NO_LINE : SILENT });
    view.querySelector("[data-do=again]").hidden = true;
    view.querySelector("[data-do=next]").hidden = true;
    on(view.querySelector("[data-do=cash]"), () => this.trying(async () => {
      givenUp.abort();
      const taken = await this.instead(body.vehicle, { instead_of_tap: body.client_key });
      this.finish(taken);
    }));
    show(view);
  }

  drawEnded() {
    const view = fill(copy("ended"), this.texts());
    on(view.querySelector("[data-do=again]"), () => this.again());
    on(view.querySelector("[data-do=cash]"), () => this.cash());
    on(view.querySelector("[data-do=next]"), () => this.finish());
    show(view);
  }

  drawPaid() {
    const view = fill(copy("paid"), { ...this.texts(), note: this.told.late ? "Dibayar setelah waktunya habis" : "" });
    const now = view.querySelector("[data-slot=now]");
    const tick = () => { now.textContent = clock(serverNow()); };
    tick();
    this.timers.push(setInterval(tick, 500));
    this.timers.push(setInterval(() => this.finish(), LUNAS_STAYS_MS));
    on(view.querySelector("[data-do=next]"), () => this.finish());
    show(view);
    chime();
  }

  async cancel() {
    await this.trying(async () => {
      const told = await post(`/attendant/charges/${this.told.ours}/cancel`);
      this.learn(told);
      if (told.state === "cancelled") this.finish();
    });
  }

  async cash() {
    await this.trying(async () => {
      const { vehicle, ours } = this.told;
      const taken = await this.instead(vehicle, { instead_of: ours });
      this.finish(taken);
    });
  }

  // If it is refused, what there was is there again, and is looked for.
  async again() {
    const before = this.told;
    await this.trying(async () => {
      try {
        await this.ask(before.vehicle, this.texts(), before.ours);
      } catch (error) {
        this.open(before);
        throw error;
      }
    });
  }

  // A refusal is said and the screen stays; the next look may tell that it is paid.
  async trying(work) {
    try {
      await work();
    } catch (error) {
      say(error instanceof Broken ? "Tidak ada sambungan. Coba lagi." : error.message);
    }
  }

  finish(taken) {
    this.left = this.told?.ours; // this one needs no screen any more
    this.leave();
    say("");
    this.done(taken);
  }
}
