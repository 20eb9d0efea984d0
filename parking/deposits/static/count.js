// Big keys for a count of cash. Without this script the field takes the phone's own keyboard.
const field = document.querySelector("#count")?.elements.received;
const keys = document.querySelector("#keys");
const LONGEST = 9; // digits

const dotted = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ".");
const digits = () => field.value.replaceAll(".", "");

function press(key) {
  const before = digits();
  const after = key === "back" ? before.slice(0, -1) : (before + key).replace(/^0+(?=\d)/, "");
  if (after.length <= LONGEST) field.value = dotted(after);
}

if (field && keys) {
  field.readOnly = matchMedia("(pointer: coarse)").matches; // keeps a phone's keyboard down
  field.inputMode = "numeric";
  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.key;
    if (key) press(key);
  });
  field.addEventListener("input", () => { field.value = dotted(digits().replace(/\D/g, "")); });
}
