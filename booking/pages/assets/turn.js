// Tells a holder who looks elsewhere that the ticket is called, and each time that
// the call is repeated: the name of the tab says so, a phone shakes where it can,
// and who listens hears it again. Without scripts the page loads itself again every
// few seconds.

const root = document.querySelector("[data-turn]");
const name = document.title;
let called = root?.dataset.turn === "called";
let recalls; // not known before the first news: the page may be of a call that was repeated already

root?.addEventListener("live:values", ({ detail }) => {
  if (detail.called === undefined) return; // news of something else
  document.title = detail.said ? `${detail.said} · ${name}` : name;
  const again = called && detail.recalls > recalls;
  if (detail.called && (!called || again)) shake();
  if (again) sayAgain();
  called = Boolean(detail.called);
  recalls = detail.recalls;
});

// shake asks for nothing that is refused, with a complaint, to a page that nobody has touched.
function shake() {
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.([400, 150, 400, 150, 400]);
}

// sayAgain empties the spoken line for a moment: the same words are not said twice.
function sayAgain() {
  for (const line of root.querySelectorAll("[data-live-text=said]")) {
    const words = line.textContent;
    line.textContent = "";
    setTimeout(() => { line.textContent ||= words; }, 200);
  }
}
