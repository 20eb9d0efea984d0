// Closing a shift: the cash that was counted and the tickets that were torn off, then once more
// to look at.
import { Broken, get, post } from "./line.js";
import { attempt, copy, fill, numberOf, on, onSubmit, rupiah, say, show } from "./view.js";

let last = 0; // of the rows of tickets, to tell their fields apart

export async function drawClose(day, back, closed) {
  const stubs = await stubsLeft();
  const view = copy("close");
  const add = (stub) => view.querySelector("[data-tickets]").append(rowOf(stub));
  const others = view.querySelector("[data-others]");
  for (const stub of stubs) {
    if (stub.at_hand) add(stub);
    else others.append(rowOf(stub));
  }
  if (!stubs.length) add({});
  others.hidden = stubs.every((stub) => stub.at_hand);
  const rows = () => [...view.querySelectorAll(".tickets")];
  on(view.querySelector("[data-do=more]"), () => add({}));
  on(view.querySelector("[data-do=back]"), back);
  onSubmit(view, (form) => {
    const wrong = rows().map(wrongOf).find(Boolean);
    if (wrong) {
      say(wrong);
      return;
    }
    drawConfirm(day, {
      cash: numberOf(form.cash),
      ...(form.qris.value === "" ? {} : { qris: numberOf(form.qris) }),
      tickets: rows().filter(isUsed).map(saidOf),
      ...(form.remarks.value.trim() ? { remarks: form.remarks.value.trim() } : {}),
    }, { view, closed });
  });
  show(view);
}

// Which tickets he has is a help only: without it he types the series himself.
async function stubsLeft() {
  try {
    return (await get("/attendant/shifts/tickets")).tickets;
  } catch (error) {
    if (error instanceof Broken) return [];
    throw error;
  }
}

// One range of tickets. The first number is known of those he was given; without a last one the
// range was not used.
function rowOf(stub) {
  const row = fill(copy("tickets"), { kind: stub.vehicle_text ? `${stub.vehicle_text} ${rupiah(stub.amount)}` : "" });
  last += 1;
  for (const field of row.querySelectorAll("input")) field.name = `${field.dataset.field}-${last}`;
  fieldOf(row, "series").value = stub.series ?? "";
  fieldOf(row, "first").value = stub.first ?? "";
  row.dataset.given = Boolean(stub.series);
  return row;
}

const fieldOf = (row, name) => row.querySelector(`[data-field=${name}]`);
const textOf = (row, name) => fieldOf(row, name).value.trim();
const numberIn = (row, name) => numberOf(fieldOf(row, name));
const isUsed = (row) => textOf(row, "last") !== "";

function wrongOf(row) {
  const rest = ["series", "first"].some((name) => textOf(row, name) === "");
  const begun = row.dataset.given !== "true" && ["series", "first"].some((name) => textOf(row, name) !== "");
  if (isUsed(row) && rest) return "Isi seri dan nomor karcis pertama.";
  if (!isUsed(row)) return begun || textOf(row, "spoiled") ? "Isi nomor karcis terakhir, atau kosongkan barisnya." : "";
  return numberIn(row, "last") < numberIn(row, "first")
    ? "Nomor karcis terakhir lebih kecil dari yang pertama." : "";
}

const saidOf = (row) => ({
  series: textOf(row, "series").toUpperCase(), first: numberIn(row, "first"), last: numberIn(row, "last"),
  spoiled: numberIn(row, "spoiled"),
});

function drawConfirm(day, said, { view: form, closed }) {
  const tickets = said.tickets.map((t) => `${t.series} ${t.first}–${t.last}`).join(", ") || "–";
  const { point } = day.shift;
  const view = fill(copy("confirm"), {
    cash: rupiah(said.cash), tickets, place: `${point.code} ${point.name}`, share: rupiah(day.totals.own_share),
  });
  on(view.querySelector("[data-do=back]"), () => show(form));
  on(view.querySelector("[data-do=close]"), () => attempt(async () => {
    const told = await post("/attendant/shifts/close", said);
    await closed(told.odd);
  }));
  show(view);
}
