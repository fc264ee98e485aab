// What the kiosk does better with scripts: the resting picture, the keypad
// without a way to the server for every key, the countdown that closes a
// ticket's page and can be put off, and reading a page aloud.

import { busy, leave, reading } from "../web/js/idle.js";

// rest shows the resting picture on the start page when nobody is there.
//   <div data-rest="120" hidden> after so many seconds; any touch or key ends it.
function rest(picture) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    picture.hidden = true;
    timer = setTimeout(() => { picture.hidden = false; }, (Number(picture.dataset.rest) || 120) * 1000);
  };
  for (const sign of ["pointerdown", "keydown"]) {
    addEventListener(sign, (event) => {
      if (!picture.hidden && sign === "pointerdown") event.preventDefault();
      wait();
    }, { capture: true });
  }
  wait();
}

// keypad types into the field of its form. The last button sends the form as ever.
function keypad(form) {
  const field = form.querySelector("input:not([type=hidden])");
  const length = Number(form.dataset.length) || 8;
  const plain = () => field.value.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const write = (text) => { field.value = text.length > 4 ? `${text.slice(0, 4)} ${text.slice(4)}` : text; };
  form.addEventListener("click", (event) => {
    const key = event.target.closest("button[name=key]");
    if (!key) return;
    event.preventDefault();
    const text = plain();
    if (key.value === "clear") write("");
    else if (key.value === "back") write(text.slice(0, -1));
    else if (text.length < length) write(text + key.value);
  });
  field.addEventListener("input", () => {
    const text = plain().slice(0, length);
    if (field.selectionStart === field.value.length) write(text);
  });
  // Enter means what the last button says, not the first key of the pad.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.querySelector("[data-keypad-go]").click();
  });
}

// closing counts down and goes home; touching the other button adds time. It
// stands still while a form is on its way and while the page is read aloud.
function closing(line) {
  let left = Number(line.dataset.closing) || 60;
  const place = line.querySelector("[data-closing-left]");
  const show = () => { place.textContent = Math.max(0, left); };
  line.hidden = false;
  show();
  setInterval(() => {
    if (busy() || reading()) return;
    left -= 1;
    show();
    if (left <= 0) leave(line.dataset.closingTo);
  }, 1000);
  document.querySelector("[data-closing-more]")?.addEventListener("click", (event) => {
    event.preventDefault();
    left += Number(line.dataset.closingAdd) || 60;
    show();
  });
}

// The voices for a language, the best first, by how their languages begin.
const VOICES = { "zh-Hant": ["zh-hk", "yue", "zh"], "zh-Hans": ["zh-cn", "zh"], pt: ["pt-pt", "pt"], en: ["en-gb", "en"] };

// speak reads the page aloud, and the next ones too until somebody goes home. It
// is offered where a voice speaks the language of the page; some browsers find
// their voices only after a while.
function speak(button) {
  const synth = window.speechSynthesis;
  if (!synth || typeof SpeechSynthesisUtterance !== "function") return;
  const lang = document.documentElement.lang;
  const home = location.pathname === new URL(document.body.dataset.idleHome, location.href).pathname;
  const KEPT = "vez.kiosk.speak";
  const place = document.querySelector(`[data-live-fragment="place"]`);
  let told; // of the place, last
  let saying = []; // held, for what is forgotten while it is spoken never says that it has ended

  const voice = () => {
    const all = synth.getVoices().map((v) => [v.lang.replace("_", "-").toLowerCase(), v]);
    for (const begins of VOICES[lang] || [lang]) {
      const [, found] = all.find(([of]) => of.startsWith(begins)) || [];
      if (found) return found;
    }
    return null;
  };
  const lines = (root) => [...root.querySelectorAll(":is(h1, h2, p, dt, dd, label, li > span, .door, .tile, .button)")]
    .filter((e) => e.offsetParent && !e.querySelector("p, dt, dd, .button"))
    .map((e) => e.innerText.trim().replace(/\s+/g, " ")).filter(Boolean);
  const on = () => button.getAttribute("aria-pressed") === "true";
  const standing = () => (place ? lines(place).join(" ") : "");

  const say = (root) => {
    const by = voice();
    told = standing();
    synth.cancel();
    saying = lines(root).map((line) => {
      const words = new SpeechSynthesisUtterance(line);
      words.lang = by?.lang || lang;
      if (by) words.voice = by;
      words.rate = 0.95;
      words.addEventListener("end", news);
      synth.speak(words);
      return words;
    });
  };
  // news says the place again when it has changed: a call at once, all else when
  // nothing is being said.
  const news = () => {
    if (!on() || !place || standing() === told) return;
    if ((synth.speaking || synth.pending) && !place.querySelector('[data-state="called"]')) return;
    say(place);
  };
  const set = (to) => {
    button.setAttribute("aria-pressed", String(to));
    if (to) sessionStorage.setItem(KEPT, "on");
    else sessionStorage.removeItem(KEPT);
    if (to) say(document.getElementById("main"));
    else synth.cancel();
  };
  const offer = () => {
    const was = button.hidden;
    button.hidden = !voice();
    if (was && !button.hidden && sessionStorage.getItem(KEPT)) set(true);
  };

  if (home) sessionStorage.removeItem(KEPT);
  button.addEventListener("click", () => set(!on()));
  addEventListener("pagehide", () => synth.cancel());
  addEventListener("live:fragment", news);
  addEventListener("idle:warn", (event) => { if (on()) say(event.target); });
  synth.addEventListener?.("voiceschanged", offer);
  offer();
}

// away keeps a screen honest that cannot be heard of: with the hub silent the
// first page says so as it does when the hub says it, and an answer that waits
// goes home when all is well again.
function away(root) {
  const show = (works) => {
    if (!("home" in root.dataset)) return;
    root.querySelector('[data-live-show="away"]').hidden = works;
    root.querySelector('[data-live-show="works"]').hidden = !works;
  };
  root.addEventListener("live:stale", () => show(false));
  root.addEventListener("live:values", ({ detail }) => {
    if (detail.works === undefined) return;
    show(detail.works);
    if (!detail.works) return;
    if (root.dataset.awayHome) leave(root.dataset.awayHome);
    else if ("away" in root.dataset) root.querySelector("form button")?.focus();
  });
}

// A fragment that came over the stream may have buttons of its own.
const each = (selector, act) => { for (const element of document.querySelectorAll(selector)) act(element); };
each("[data-rest]", rest);
each(".kiosk-live", away);
each("[data-keypad]", keypad);
each("[data-closing]", closing);
each("[data-speak]", speak);
