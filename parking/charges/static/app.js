// The attendant's day: open a shift, one vehicle after the other, close it.
import { cashOf, drawCash } from "./cash.js";
import { ChargeScreen, wakeSound } from "./charge.js";
import { drawClose } from "./close.js";
import { Broken, get, newKey, post, tap, unsent } from "./line.js";
import { attempt, copy, fill, minutes, numberOf, on, onSubmit, rupiah, say, serverNow, setServerTime, show, shown } from "./view.js";

let day;
let undoTimer;
let outageTimer;
const LOOK_AGAIN_MS = 15000; // whether an outage is over
const charge = new ChargeScreen(refresh, takeCash);

const trying = (work) => attempt(work, () => day && draw());
const lost = () => say("Tidak ada sambungan. Mencoba lagi…");

async function refresh(taken) {
  try {
    day = await get("/attendant/state");
    setServerTime(day.now);
    if (taken) day.last_cash = taken;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    lost();
    setTimeout(refresh, 2000);
    if (!day) return;
  }
  draw();
}

function draw() {
  if (!day.shift) drawOffers();
  else if (isOpen(day.charge)) charge.open(day.charge);
  else drawShift();
}

// A QR whose time is over needs no screen, nor what was left without one: should it be paid after
// all, the totals tell.
const isOpen = (asked) => asked && asked.ours !== charge.left && (asked.state !== "pending" || asked.seconds_left > 0);

function drawOffers() {
  const view = fill(copy("offers"), { name: day.attendant.name, badge: day.attendant.badge, day: day.day });
  const list = view.querySelector("[data-list]");
  for (const offer of day.points) list.append(offerOf(offer));
  view.querySelector("[data-none]").hidden = day.points.length > 0;
  on(view.querySelector("[data-do=take-over]"), drawTakeOver);
  on(view.querySelector("[data-do=cash]"), () => trying(() => drawCash(drawOffers)));
  show(view);
}

function offerOf(offer) {
  const row = fill(copy("offer"), {
    point: offer.code, place: `${offer.name}, ${offer.road}`, reason: offer.reason ?? "", letter: offer.letter ?? "",
  });
  const button = row.querySelector("button");
  button.hidden = !offer.can_open;
  row.dataset.can = offer.can_open;
  on(button, () => trying(async () => {
    await post("/attendant/shifts", { point_id: offer.id });
    await refresh();
  }));
  return row;
}

function drawShift() {
  const { shift, totals } = day;
  const view = fill(copy("shift"), {
    point: shift.point.code, place: `${shift.point.name}, ${shift.point.road}`, name: day.attendant.name,
    ...totalsOf(totals),
  });
  const list = view.querySelector("[data-list]");
  for (const tariff of day.tariffs) list.append(vehicleOf(tariff, shift.point.has_qris));
  view.querySelector("[data-none]").hidden = day.tariffs.length > 0;
  on(view.querySelector("[data-do=close]"), () => trying(() => drawClose(day, drawShift, closed)));
  view.querySelector("[data-outage]").hidden = !day.outage;
  show(view);
  offerUndo(view);
  lookForItsEnd(view);
}

function lookForItsEnd(view) {
  clearTimeout(outageTimer);
  if (day.outage) outageTimer = setTimeout(() => shown() === view && refresh(), LOOK_AGAIN_MS);
}

const totalsOf = (totals) => ({
  "qris-count": totals.qris_count,
  qris: rupiah(totals.qris_sum),
  "cash-count": totals.cash_count,
  cash: rupiah(totals.cash_sum),
  share: rupiah(totals.own_share),
});

function vehicleOf(tariff, hasQris) {
  const row = fill(copy("vehicle"), { vehicle: tariff.vehicle_text, amount: rupiah(tariff.amount) });
  const qris = row.querySelector("[data-do=qris]");
  qris.hidden = !hasQris;
  on(qris, () => trying(() => {
    wakeSound();
    return charge.ask(tariff.vehicle, { vehicle: tariff.vehicle_text, amount: rupiah(tariff.amount) });
  }));
  on(row.querySelector("[data-do=cash]"), () => trying(async () => {
    day.last_cash = await takeCash(tariff.vehicle);
    drawShift();
  }));
  return row;
}

// `insteadOf` names the QR that was not paid, or the tap for it.
async function takeCash(vehicle, insteadOf = {}) {
  const body = { vehicle, client_key: newKey(), ...insteadOf };
  const taken = await tap("/attendant/cash", body, lost);
  say("");
  navigator.vibrate?.(60);
  if (day) day.totals = taken.totals;
  return taken;
}

// The last cash tap can be taken back for two minutes: a thumb slips.
function offerUndo(view) {
  clearInterval(undoTimer);
  const bar = view.querySelector("[data-undo]");
  const taken = day.last_cash;
  if (!taken || taken.corrected) return;
  fill(bar, { what: `Tunai ${taken.vehicle_text} ${rupiah(taken.amount)} dicatat` });
  const tick = () => {
    const left = Math.floor((new Date(taken.correct_until) - serverNow()) / 1000);
    bar.hidden = left <= 0;
    fill(bar, { rest: minutes(Math.max(0, left)) });
    if (left <= 0) clearInterval(undoTimer);
  };
  tick();
  undoTimer = setInterval(tick, 1000);
  on(bar.querySelector("button"), () => trying(async () => {
    const told = await post(`/attendant/cash/${taken.id}/correct`);
    day.totals = told.totals;
    day.last_cash = null;
    clearInterval(undoTimer);
    drawShift();
    say("Tunai dibatalkan.", "good");
  }));
}

function drawTakeOver() {
  const view = copy("take-over");
  on(view.querySelector("[data-do=back]"), drawOffers);
  onSubmit(view, async (form) => {
    await post("/attendant/shifts/take-over", {
      badge: form.badge.value.trim().toUpperCase(), their_pin: form.their_pin.value, my_pin: form.my_pin.value,
      their_cash: numberOf(form.their_cash),
    });
    await refresh();
  }, draw);
  show(view);
}

// A closed shift is followed by its cash: whoever holds some is asked to whom it goes.
async function closed(odd) {
  await refresh();
  const held = await cashOf();
  if (held.to_give) await drawCash(drawOffers, held);
  say(["Giliran ditutup. Terima kasih.", ...odd.map((what) => `Dicatat: ${what}.`)].join(" "), "good");
}

async function begin() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/attendant/worker.js");
  const kept = unsent();
  if (kept) {
    lost();
    await tap(kept.path, kept.body, lost).then(() => say(""), (error) => say(error.message));
  }
  await refresh();
}

window.addEventListener("online", () => say(""));
begin();
