// Big keys for the PIN. Without this script the field takes the phone's own keyboard.
const form = document.querySelector("#pin-form");
const field = form?.elements.pin;
const keys = document.querySelector("#keys");

function press(key) {
  if (key === "back") field.value = field.value.slice(0, -1);
  else if (key === "clear") field.value = "";
  else if (field.value.length < field.maxLength) field.value += key;
  // A second submit would be a second try: the form goes once.
  if (field.value.length === field.maxLength && !form.dataset.sent) {
    form.dataset.sent = "yes";
    form.requestSubmit();
  }
}

if (form) {
  field.readOnly = true; // keeps the phone's keyboard down
  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("button")?.dataset.key;
    if (key) press(key);
  });
  document.addEventListener("keydown", (event) => {
    if (/^[0-9]$/.test(event.key)) press(event.key);
    if (event.key === "Backspace") press("back");
  });
  window.addEventListener("pageshow", () => { // also when one comes back to the page
    field.value = "";
    delete form.dataset.sent;
  });
}
