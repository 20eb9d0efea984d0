// One box that ticks all the others of a page.
const all = document.getElementById("choose-all");
const boxes = document.querySelectorAll("input[name=case][form=chosen]");
all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
});
