// When the hall is paused, resumed or closed by somebody else, the page loads
// itself again, unless our own form is on its way or somebody is typing.

const root = document.querySelector("[data-admin]");
let leaving = false;
addEventListener("submit", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });
root?.addEventListener("live:moved", () => {
  if (!leaving && !document.activeElement?.matches("input, select, textarea")) location.replace(root.dataset.admin);
});
