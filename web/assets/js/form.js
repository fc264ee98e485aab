// Small kindnesses for forms; all of them work without.
//
// The error summary takes the focus. A button with data-key is pressed by that
// key (clerks' screens), unless somebody is typing. A form is sent once, however
// often its button is tapped; one with data-again may be. One that has led nowhere
// for 8 seconds hangs or was stopped, and may be sent again: its key keeps it from
// doing anything twice.

const HUNG = 8_000;

document.querySelector("[data-focus]")?.focus();

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || "again" in form.dataset) return;
  if (performance.now() - form.sent < HUNG) return event.preventDefault();
  form.sent = performance.now();
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.sent; });

const NAMES = { " ": "Space" };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable], dialog[open]")) return;
  if ((event.key === " " || event.key === "Enter") && event.target.closest?.("a, button, summary")) return;
  const name = (NAMES[event.key] || event.key).toLowerCase();
  const button = [...document.querySelectorAll("[data-key]")].find((b) => b.dataset.key.toLowerCase() === name && !b.disabled && b.offsetParent);
  if (!button) return;
  event.preventDefault();
  button.click();
});
