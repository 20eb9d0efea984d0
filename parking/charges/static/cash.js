// What an attendant holds, and to whom it goes: one tap offers it, the receiver counts it, and a
// count that is another is answered here. Both amounts stay.
import { Broken, get, newKey, post, tap } from "./line.js";
import { attempt, copy, fill, numberOf, on, rupiah, say, show, shown } from "./view.js";

const LOOK_MS = 5000; // while somebody is to count
const HERE = "/attendant/handovers";
const lost = () => say("Tidak ada sambungan. Mencoba lagi…");

let lookTimer;

export const cashOf = () => get(HERE);

export async function drawCash(back, known = null) {
  const told = known ?? await cashOf();
  const view = copy("cash");
  const again = () => attempt(() => drawCash(back));
  drawToGive(view, told, again);
  const list = view.querySelector("[data-latest]");
  for (const each of told.latest) list.append(handoverOf(each, again));
  on(view.querySelector("[data-do=back]"), back);
  show(view);
  lookWhileWaiting(view, told, back);
}

function drawToGive(view, told, again) {
  const amount = told.to_give || told.owed;
  view.querySelector("[data-give]").hidden = !amount;
  view.querySelector("[data-nothing]").hidden = Boolean(amount);
  if (!amount) return;
  fill(view, { amount: rupiah(amount) });
  const list = view.querySelector("[data-shifts]");
  for (const each of told.shifts) {
    list.append(fill(copy("cash-row"), { what: `${each.point} · ${each.day}`, amount: rupiah(each.amount) }));
  }
  if (told.owed) list.append(fill(copy("cash-row"), { what: "Sisa lama yang belum disetor", amount: rupiah(told.owed) }));
  const said = view.querySelector("[name=given]");
  said.value = amount;
  const key = newKey();
  const shifts = told.shifts.map((each) => each.id);
  for (const to of [{ id: "treasurer", name: "Bendahara" }, ...told.receivers]) {
    const button = fill(copy("cash-to"), { name: to.name });
    on(button, () => attempt(async () => {
      if (!said.reportValidity()) return;
      await tap(HERE, { client_key: key, given: numberOf(said), shifts, receiver: to.id }, lost);
      await again();
    }));
    view.querySelector("[data-to]").append(button);
  }
}

function handoverOf(of, again) {
  const row = fill(copy("handover"), {
    who: of.receiver, standing: of.standing_text, given: rupiah(of.given),
    received: of.received === null ? "" : rupiah(of.received),
  });
  const asks = of.standing === "differs";
  row.querySelector("[data-counted]").hidden = of.received === null;
  row.querySelector("[data-asks]").hidden = !asks;
  row.dataset.differs = asks;
  const withdraw = row.querySelector("[data-do=withdraw]");
  withdraw.hidden = of.standing !== "offered";
  const send = (what, body) => attempt(async () => {
    await post(`${HERE}/${of.id}/${what}`, body);
    await again();
  });
  on(withdraw, () => send("withdraw"));
  on(row.querySelector("[data-do=agree]"), () => send("answer", { agrees: true }));
  on(row.querySelector("[data-do=disagree]"), () => send("answer", { agrees: false }));
  return row;
}

// What waits is looked at again; the screen is drawn anew only when something has changed.
function lookWhileWaiting(view, before, back) {
  clearTimeout(lookTimer);
  if (!before.latest.some((each) => each.standing === "offered")) return;
  lookTimer = setTimeout(async () => {
    if (shown() !== view) return;
    let told;
    try {
      told = await get(HERE);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      told = before;
    }
    if (shown() !== view) return;
    if (JSON.stringify(told.latest) === JSON.stringify(before.latest)) lookWhileWaiting(view, before, back);
    else attempt(() => drawCash(back));
  }, LOOK_MS);
}
