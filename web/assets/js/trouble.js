// A fault that passes by itself: the page looks whether it has, and goes on.
//
//   <section data-trouble="get">     what was asked for is loaded again
//   <section data-trouble="post" data-trouble-code="disk_full">
//                                    the reader is told, and presses the button again
//     <p data-trouble-waits hidden>…</p> <p data-trouble-back hidden>…</p>
//
// Nothing is sent for the reader: who has left meanwhile wants nothing any more.

const root = document.querySelector("[data-trouble]");
const PAUSE = 3_000;

function show(name, on) {
  const line = root.querySelector(`[data-trouble-${name}]`);
  if (line) line.hidden = !on;
}

// A hub without room to write is ready all the same, for reading goes on: whether a
// form can be saved is in its note, which is of the last change that anybody made.
async function ready() {
  try {
    const answer = await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(PAUSE) });
    const { trouble, troubleCode } = root.dataset;
    if (!answer.ok || trouble !== "post" || troubleCode !== "disk_full") return answer.ok;
    return (await answer.json()).room !== "full";
  } catch {
    return false;
  }
}

// Not all at once: a hall of screens asks a hub that has only just come back.
function later() { setTimeout(look, PAUSE * (0.7 + 0.6 * Math.random())); }

async function look() {
  if (!(await ready())) return later();
  if (root.dataset.trouble === "get") return location.reload();
  show("waits", false);
  show("back", true);
  root.querySelector("form button")?.focus();
}

if (root) {
  show("waits", true);
  later();
}
