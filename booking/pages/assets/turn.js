// Tells a holder who looks elsewhere that the ticket is called: the name of the
// tab says so, and a phone shakes where it can. Without scripts the page loads
// itself again every few seconds.

const root = document.querySelector("[data-turn]");
const name = document.title;
let called = root?.dataset.turn === "called";

root?.addEventListener("live:values", ({ detail }) => {
  if (detail.called === undefined) return; // news of something else
  document.title = detail.said ? `${detail.said} · ${name}` : name;
  if (detail.called && !called) navigator.vibrate?.([400, 150, 400, 150, 400]);
  called = Boolean(detail.called);
});
