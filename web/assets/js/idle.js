// A kiosk goes back to its start when nobody is there, and asks first.
//
//   <body data-idle-home="/kiosk/…" data-idle="60" data-idle-warn="15">
//     <dialog data-idle-dialog> … <p data-idle-left></p> <button data-idle-stay> … </dialog>
//     <section data-gone hidden>                  said while no hub answers
//
// After data-idle seconds without a touch or key (default 60) the dialog counts
// data-idle-warn seconds (default 15), and is told of by "idle:warn". On the
// start page itself nobody is asked: only the language goes back. A page that
// must be read slowly says data-idle on any element; the largest wins. The first
// language of the switch is the one that a new person finds.
//
// No page is left before a hub has answered: from the browser's own page about a
// dead line no script leads back. A page that goes home hides what it shows
// meanwhile. One that somebody wants to leave stays, and sends nothing later:
// who pressed may have gone. Nothing that is left can be come back to, for the
// page before was another person's.

const body = document.body;
const main = document.getElementById("main");
const home = new URL(body.dataset.idleHome || "/", location.href);
const dialog = document.querySelector("[data-idle-dialog]");
const first = document.querySelector(".languages a")?.hreflang || "";
const atHome = location.pathname === home.pathname;

const start = new URL(home);
if (first) start.searchParams.set("lang", first);

const PAUSE = 3_000; // ms that a hub may take to answer, and until it is asked again
const SENT = 30_000; // ms that the answer to a form is waited for
const READ = 300_000; // ms without a touch that a voice may read: some never say that they have ended

let idle;
let counting;
let sent; // a form is on its way: no timer may throw its answer away
let asking = false; // for a form: what else is pressed meanwhile would take its place
let leaving = false;
let wish = 0; // the newest to leave; older ones give up
let touched = performance.now();

function seconds(name, otherwise) {
  const all = [...document.querySelectorAll(`[data-${name}]`)].map((e) => Number(e.getAttribute(`data-${name}`)) || 0);
  return Math.max(0, ...all) || otherwise;
}

// busy says that a form is on its way.
export function busy() { return Boolean(sent); }

// reading says that the page is read aloud: nobody touches it, and somebody is there.
export function reading() {
  const voice = window.speechSynthesis;
  return Boolean(voice?.speaking || voice?.pending) && performance.now() - touched < READ;
}

function begin() {
  clearTimeout(idle);
  if (busy() || main.hidden) return;
  if (!atHome) idle = setTimeout(warn, seconds("idle", 60) * 1000);
  else if (first && document.documentElement.lang !== first) idle = setTimeout(leave, seconds("idle", 60) * 1000);
}

function warn() {
  if (reading()) return begin();
  if (!dialog || typeof dialog.showModal !== "function") return leave();
  let left = seconds("idle-warn", 15);
  const place = dialog.querySelector("[data-idle-left]");
  const tick = () => {
    if (place) place.textContent = Math.max(0, left);
    if (!reading() && left-- <= 0) leave();
  };
  if (!dialog.open) dialog.showModal();
  tick();
  counting = setInterval(tick, 1000);
  dialog.dispatchEvent(new CustomEvent("idle:warn", { bubbles: true }));
}

function stop() {
  clearTimeout(idle);
  clearInterval(counting);
  if (dialog?.open) dialog.close();
}

function stay() {
  stop();
  begin();
}

async function answered() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PAUSE) });
    return answer.ok;
  } catch {
    return false;
  }
}

// Not all at once: a hall of screens asks a hub that has only just come back.
function later() { return new Promise((go) => { setTimeout(go, PAUSE * (0.7 + 0.6 * Math.random())); }); }

// gone says, or no longer, that no hub answers. A page of another room than the
// kiosk's has the line of the layout for it.
function gone(is) {
  for (const box of document.querySelectorAll(document.querySelector("[data-gone]") ? "[data-gone]" : "[data-live-stale]")) box.hidden = !is;
}

// leave goes home, or to another page for the next person, as soon as a hub answers.
export async function leave(to = start) {
  if (busy() || leaving) return;
  leaving = true;
  const mine = ++wish;
  while (!(await answered())) {
    if (mine !== wish) return;
    stop();
    main.hidden = true;
    gone(true);
    await later();
    if (mine !== wish) return;
  }
  if (mine === wish) location.replace(to);
}

// go does what a person wants, if a hub answers; sends says that a form is sent.
async function go(act, sends) {
  if (asking) return;
  if (main.hidden && !sends) return leave(); // a link of this page is another person's
  leaving = false;
  const mine = ++wish;
  if (sends) hold();
  asking = Boolean(sends);
  let there = await answered();
  asking = false;
  if (mine !== wish) return;
  if (there) {
    gone(false);
    return act();
  }
  release();
  gone(true);
  while (!there) {
    await later();
    if (mine !== wish) return;
    there = await answered();
    if (mine !== wish) return;
  }
  if (main.hidden) return leave();
  gone(false);
}

function hold() {
  stop();
  sent = setTimeout(release, SENT);
}

function release() {
  clearTimeout(sent);
  sent = 0;
  if (!dialog?.open) begin();
}

// A form is sent with what was in it when it was meant to be: a second scan may
// have come while the hub was asked.
let passed;
addEventListener("submit", (event) => {
  const form = event.target;
  if (form === passed || form.method === "dialog") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  const kept = [...form.elements].map((field) => [field, field.value]);
  go(() => {
    for (const [field, value] of kept) if (field.value !== value) field.value = value;
    passed = form;
    form.requestSubmit(submitter);
    passed = null;
  }, true);
}, { capture: true });

addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link.target) return;
  const within = `${home.pathname.replace(/\/$/, "")}/`; // a demonstration has ways out, too
  if (link.origin !== location.origin || !`${link.pathname}/`.startsWith(within)) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  event.preventDefault();
  go(() => location.replace(link.href));
});

// forget leaves a page of the past at once, and shows nothing of it.
function forget() {
  main.hidden = true;
  leave();
}

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  leaving = false;
  release();
  if (!atHome) forget();
});

begin();
for (const sign of ["pointerdown", "keydown", "scroll"]) {
  addEventListener(sign, () => {
    touched = performance.now();
    if (!dialog?.open) begin();
  }, { passive: true, capture: true });
}
dialog?.querySelector("[data-idle-stay]")?.addEventListener("click", stay);
dialog?.addEventListener("cancel", (event) => { event.preventDefault(); stay(); });
if (!atHome && performance.getEntriesByType("navigation")[0]?.type === "back_forward") forget();
