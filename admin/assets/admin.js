// When the hall is paused, resumed or closed by somebody else, the page loads
// itself again, unless our own form is on its way or somebody is typing: then it
// comes back to it when they are done, or when the form has led nowhere for 8 seconds.

const HUNG = 8_000;
const PAUSE = 1_000; // ms from a field that is left to the next, or to the button
const root = document.querySelector("[data-admin]");
let leaving = false;
let moved = false;
let hung;

function follow() {
  if (moved && !leaving && !document.activeElement?.matches("input, select, textarea")) location.replace(root.dataset.admin);
}

function stay() {
  leaving = false;
  follow();
}

addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  leaving = true;
  clearTimeout(hung);
  hung = setTimeout(stay, HUNG);
});
addEventListener("pageshow", stay);
addEventListener("focusout", () => { setTimeout(follow, PAUSE); });
root?.addEventListener("live:moved", () => {
  moved = true;
  follow();
});
