// The console's kindnesses: what has moved meanwhile is shown, timers run, a
// drawer takes the focus and is closed by Escape. All of it works without.

const root = document.querySelector("[data-console]");

// What has changed is shown by a new page, unless our own form is on its way and
// will bring one anyhow. A form that brings none hangs or was stopped: after 8
// seconds we come back to what has changed meanwhile.
const HUNG = 8_000;
let leaving = false;
let changed = false;
let hung;

function follow() {
  changed = true;
  if (!leaving) location.replace(root.dataset.console);
}

function stay() {
  leaving = false;
  if (changed) follow();
}

addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  leaving = true;
  clearTimeout(hung);
  hung = setTimeout(stay, HUNG);
});
addEventListener("pageshow", stay);

// Somebody else moved this desk's ticket.
root?.addEventListener("live:moved", follow);

// Nothing could be saved, and now it can: show the console as it is now, unless
// the clerk is in the middle of something, who then just reads on.
let away = root ? !root.querySelector("[data-away]").hidden : false;
root?.addEventListener("live:values", ({ detail }) => {
  if (detail.away === undefined) return;
  if (away && !detail.away && !document.querySelector(".drawer[open], input:focus:not([type=hidden])")) follow();
  away = detail.away;
});

function clock(element) {
  const then = Date.parse(element.dataset.now);
  const began = performance.now();
  const speed = Number(element.dataset.speed) || 1;
  return () => then + (performance.now() - began) * speed;
}

function text(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function every(element, act) {
  const tick = () => {
    if (element.isConnected && act() !== false) setTimeout(tick, 250);
  };
  tick();
}

// How long it has been: <span data-since="…" data-now="…" data-speed="1">
for (const element of document.querySelectorAll("[data-since]")) {
  const since = Date.parse(element.dataset.since);
  const now = clock(element);
  if (since > 0) every(element, () => { element.textContent = text(now() - since); });
}

// A verb that opens later: <button data-opens="…" data-now="…"> … <span class="opens-in">
for (const button of document.querySelectorAll("[data-opens]")) {
  if (button.disabled) continue;
  const opens = Date.parse(button.dataset.opens);
  const now = clock(button);
  const place = button.querySelector(".opens-in");
  every(button, () => {
    const left = opens - now();
    button.disabled = left > 0;
    if (place) place.textContent = left > 0 ? text(left + 999) : "";
    return left > 0;
  });
}

// The ring around the undo empties with its time: <b data-undo="milliseconds">
for (const place of document.querySelectorAll("[data-undo]")) {
  const left = Number(place.dataset.undo);
  const ring = place.closest(".ring");
  ring?.style.setProperty("--left", `${left}ms`);
  ring?.style.setProperty("--share", String(100 - Math.min(100, left / 150)));
  const began = performance.now();
  every(place, () => {
    const rest = left - (performance.now() - began);
    place.textContent = String(Math.max(0, Math.ceil(rest / 1000)));
    if (rest <= 0) place.closest("form").hidden = true;
    return rest > 0;
  });
}

const drawers = [...document.querySelectorAll(".drawer")];
for (const drawer of drawers) {
  drawer.addEventListener("toggle", () => {
    if (drawer.open) drawer.querySelector("select, input:not([type=hidden])")?.focus();
  });
}
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drawer of drawers.filter((d) => d.open)) {
    drawer.open = false;
    drawer.querySelector("summary").focus();
    event.stopImmediatePropagation();
  }
}, { capture: true });
addEventListener("pointerdown", (event) => {
  for (const drawer of drawers) if (drawer.open && !drawer.contains(event.target)) drawer.open = false;
});

// A slash looks for a number.
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest?.("input, select, textarea")) return;
  event.preventDefault();
  document.getElementById("find")?.focus();
});
