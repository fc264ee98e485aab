// Time left, counted in the page.
//
//   <span data-countdown="2026-11-24T09:35:00+08:00" data-now="2026-11-24T09:30:00+08:00" data-speed="1">5:00</span>
//
// data-now is the server's time when the page was made, so that a wrong clock on
// the phone does no harm; data-speed is the demo's. At the end the element sends
// "countdown:done", shows the element named by data-countdown-done, and with
// data-countdown-reload loads the page again. The text is written by the server
// for those without scripts.

// passed is how long it has been: the ticks stand still while the phone sleeps,
// and its clock may be set back. Who believes the longer keeps nobody waiting for
// what is gone.
function passed(began) {
  return Math.max(performance.now() - began.ticks, Date.now() - began.wall);
}

function left(element, began) {
  const end = Date.parse(element.dataset.countdown);
  const then = Date.parse(element.dataset.now) || began.wall;
  const speed = Number(element.dataset.speed) || 1;
  return end - (then + passed(began) * speed);
}

function show(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function finish(element) {
  element.dispatchEvent(new CustomEvent("countdown:done", { bubbles: true }));
  const next = document.getElementById(element.dataset.countdownDone || "");
  if (next) next.hidden = false;
  if ("countdownReload" in element.dataset) location.reload();
}

export function start(root = document) {
  const began = { wall: Date.now(), ticks: performance.now() };
  for (const element of root.querySelectorAll("[data-countdown]")) {
    if (element.counting) continue;
    element.counting = true;
    const tick = () => {
      if (!element.isConnected) return;
      const ms = left(element, began);
      const text = show(ms);
      if (element.textContent !== text) element.textContent = text;
      if (ms <= 0) finish(element);
      else setTimeout(tick, 250);
    };
    tick();
  }
}

start();
document.addEventListener("live:fragment", (event) => start(event.detail.place));
