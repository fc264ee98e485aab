// A kiosk goes back to its start when nobody is there, and asks first.
//
//   <body data-idle-home="/kiosk/…" data-idle="60" data-idle-warn="15">
//     <dialog data-idle-dialog> … <p data-idle-left></p> <button data-idle-stay> … </dialog>
//
// After data-idle seconds without a touch or key (default 60) the dialog counts
// data-idle-warn seconds (default 15). On the start page itself
// nobody is asked: only the language goes back. A page that must be read
// slowly says data-idle on any element; the largest wins. The first language of
// the switch is the one that a new person finds.

const body = document.body;
const home = body.dataset.idleHome || "/";
const dialog = document.querySelector("[data-idle-dialog]");

function seconds(name, otherwise) {
  const all = [...document.querySelectorAll(`[data-${name}]`)].map((e) => Number(e.getAttribute(`data-${name}`)) || 0);
  return Math.max(0, ...all) || otherwise;
}

const first = document.querySelector(".languages a")?.hreflang || "";

let idle;
let counting;

function begin() {
  clearTimeout(idle);
  idle = setTimeout(warn, seconds("idle", 60) * 1000);
}

function warn() {
  if (!dialog || typeof dialog.showModal !== "function") return leave();
  let left = seconds("idle-warn", 15);
  const place = dialog.querySelector("[data-idle-left]");
  const tick = () => {
    if (place) place.textContent = left;
    if (left-- <= 0) leave();
  };
  tick();
  counting = setInterval(tick, 1000);
  if (!dialog.open) dialog.showModal();
}

function stay() {
  clearInterval(counting);
  if (dialog?.open) dialog.close();
  begin();
}

function leave() {
  clearInterval(counting);
  const start = new URL(home, location.href);
  if (first) start.searchParams.set("lang", first);
  location.replace(start);
}

if (location.pathname !== new URL(home, location.href).pathname) {
  begin();
  for (const sign of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(sign, () => { if (!dialog?.open) begin(); }, { passive: true, capture: true });
  }
  dialog?.querySelector("[data-idle-stay]")?.addEventListener("click", stay);
  dialog?.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
} else if (first && document.documentElement.lang !== first) {
  let last = setTimeout(leave, seconds("idle", 60) * 1000);
  addEventListener("pointerdown", () => {
    clearTimeout(last);
    last = setTimeout(leave, seconds("idle", 60) * 1000);
  }, { passive: true, capture: true });
}
