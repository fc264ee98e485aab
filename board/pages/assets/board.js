// A public board, kept right by the office's stream. What it shows and says
// follows the words of package board: the newest call stands alone, other called
// numbers stay until they are started or missed, served ones take what room is
// left, and pages take turns by the clock, so that all boards of a hall agree.

const root = document.querySelector("[data-board]");
const setting = (name) => Number(root.dataset[name]) || 0;
const languages = root.dataset.languages.split(" ");
const RENEW_AFTER = 600_000; // a page that was loaded anew and still lacks a queue
const HUNG = 15_000; // no sentence takes as long: the voice hangs
const VOICES = { "zh-Hant": "zh-HK", "zh-Hans": "zh-CN", pt: "pt-PT", en: "en-GB" };

// The house clock: the demonstration's may run faster and on another day. Times
// are written with the office's offset, and so is the clock.
const clock = {
  set(text) {
    this.base = Date.parse(text);
    this.ticks = performance.now();
    const zone = /([+-])(\d\d):(\d\d)$/.exec(text);
    this.offset = zone ? (zone[1] === "-" ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60_000 : 0;
  },
  now() { return this.base + (performance.now() - this.ticks) * (setting("speed") || 1); },
  // age is how long ago something was, in real milliseconds: a change may be told late.
  age(text) { return Math.max(0, (this.now() - Date.parse(text)) / (setting("speed") || 1)); },
  hands(ms) {
    const at = new Date(ms + this.offset);
    return `${String(at.getUTCHours()).padStart(2, "0")}:${String(at.getUTCMinutes()).padStart(2, "0")}`;
  },
};

// fill writes a text only where it changes, so that nothing flickers.
function fill(place, text) {
  if (place && place.textContent !== String(text)) place.textContent = text;
}

// markOf tells one call from the next, as Call.Mark of package board does.
const markOf = (call) => `${call.number}@${call.label}#${call.recalls || 0}~${Date.parse(call.since)}`;

class Board {
  constructor() {
    this.calls = new Map(); // by number
    this.lines = new Map(); // their elements
    this.queues = [];
    this.hall = {};
    this.withdrawn = new Map(); // number to when it was told, this page's clock
    this.flashes = new Map(); // number to when it ends, this page's clock
    this.at = "";
    this.voice = new Voice(this);
    clock.set(root.dataset.now);
    root.addEventListener("live:connected", () => this.away()); // a house that can call nobody says so at once
    root.addEventListener("live:snapshot", (event) => this.snapshot(event.detail));
    root.addEventListener("live:change", (event) => this.change(event.detail));
    root.addEventListener("live:queues", (event) => this.figures(event.detail));
    root.addEventListener("live:news", (event) => this.news(event.detail.since));
    root.addEventListener("live:away", (event) => this.away(event.detail.since));
    root.addEventListener("live:stale", (event) => this.lost(event.detail.since));
    setInterval(() => this.tick(), 250);
    setInterval(() => this.tell(), 30_000);
    addEventListener("resize", () => this.draw());
  }

  snapshot(view) {
    clock.set(view.now);
    this.hold(view.hall);
    this.calls = new Map(view.calls.map((c) => [c.number, c]));
    this.withdrawn.clear();
    for (const w of view.withdrawn || []) this.withdraw(w);
    for (const c of [...view.calls].reverse()) if (c.state === "called") this.flash(c); // the oldest is said first
    this.figures(view);
    this.news(view.stale);
  }

  change(view) {
    if (view.hall) this.hold(view.hall);
    for (const number of view.gone || []) this.calls.delete(number);
    for (const c of view.calls || []) {
      this.calls.set(c.number, c);
      this.withdrawn.delete(c.number);
      if (c.new && c.state === "called") this.flash(c);
      else if (c.state !== "called") this.flashes.delete(c.number);
    }
    for (const w of view.withdrawn || []) this.withdraw(w);
    this.at = view.at;
    this.draw();
  }

  figures(view) {
    clock.set(view.now);
    this.queues = view.queues;
    this.hold(view.hall);
    this.at = view.at;
    this.draw();
  }

  // hold takes what holds for the hall; a day's numbers are given anew on the next.
  hold(hall) {
    if (this.hall.day !== hall.day) this.voice.forget();
    this.hall = hall;
  }

  // withdraw says that a call was taken back, unless that is long past or the number was called again.
  withdraw(w) {
    const age = clock.age(w.at);
    if (this.calls.has(w.number)) return;
    this.flashes.delete(w.number);
    if (age < setting("withdrawn")) this.withdrawn.set(w.number, performance.now() - age);
    if (age < setting("say")) this.voice.retract(w);
  }

  // news says that the house itself has heard nothing since an instant of the hall.
  news(since) {
    const banner = root.querySelector("[data-live-stale]");
    if (!since || root.hasAttribute("data-stale")) {
      if (!since && this.old) banner.hidden = true;
      this.old = false;
      return;
    }
    this.old = true;
    banner.hidden = false;
    fill(banner.querySelector("time"), clock.hands(Date.parse(since)));
  }

  // lost says that this page has heard nothing from the house since an instant of its own clock.
  lost(since) { fill(root.querySelector("[data-live-since]"), clock.hands(clock.now() - (Date.now() - since) * (setting("speed") || 1))); }

  // away says that the house can call nobody, since an instant of the hall.
  away(since) {
    root.querySelector('[data-alert="away"]').hidden = !since;
    if (since) fill(root.querySelector("[data-away-since]"), clock.hands(Date.parse(since)));
  }

  // flash marks a call as new. After a gap we hear of older ones.
  flash(call) {
    const age = clock.age(call.called);
    if (age < setting("flash")) this.flashes.set(call.number, performance.now() + setting("flash") - age);
    if (age < setting("say")) {
      this.voice.announce(call, "zones" in root.dataset ? call.zone : "");
      fill(root.querySelector("[data-told]"), `${call.number} ${call.label}`);
    }
  }

  // arrange gives the newest call and those under it, for so many rows.
  arrange(rows) {
    const newest = (a, b) => Date.parse(b.called) - Date.parse(a.called) || (a.number < b.number ? -1 : 1);
    const all = [...this.calls.values()];
    const called = all.filter((c) => c.state === "called").sort(newest);
    const served = all.filter((c) => c.state === "serving" && clock.now() - Date.parse(c.called) < setting("serving")).sort(newest);
    const hero = called.shift();
    if (called.length <= rows) return { hero, rows: [...called, ...served].slice(0, rows) };
    const pages = Math.ceil(called.length / rows);
    const from = (Math.floor(Date.now() / setting("page")) % pages) * rows;
    return { hero, rows: called.slice(from, from + rows) };
  }

  draw() {
    const grid = root.querySelector("[data-rows]");
    const fit = Number(getComputedStyle(grid).getPropertyValue("--fit")) || 8;
    const picture = this.arrange(fit);
    this.place(root.querySelector("[data-hero]"), picture.hero ? [picture.hero] : [], true);
    this.place(grid, picture.rows, false);
    root.querySelector("[data-nobody]").hidden = Boolean(picture.hero);
    this.alerts();
    this.list();
  }

  // place puts the lines of some calls into a list and keeps those that are
  // there already: a line that is moved would begin its flash anew.
  place(list, calls, hero) {
    const wanted = calls.map((call) => this.line(call, hero));
    for (const old of [...list.children]) if (!wanted.includes(old)) old.remove();
    wanted.forEach((line, i) => { if (list.children[i] !== line) list.insertBefore(line, list.children[i] || null); });
  }

  line(call, hero) {
    const key = `${call.number} ${hero}`;
    let line = this.lines.get(key);
    if (!line) {
      line = root.querySelector("template[data-call]").content.firstElementChild.cloneNode(true);
      line.dataset.number = call.number;
      this.lines.set(key, line);
    }
    const part = (name, text) => fill(line.querySelector(`[data-part="${name}"]`), text || "");
    part("number", call.number);
    part("mark", call.booked ? root.dataset.mark : "");
    part("label", call.label);
    part("zone", "zones" in root.dataset ? call.zone : "");
    line.classList.toggle("newest", hero);
    line.classList.toggle("long", call.number.length > 5);
    line.classList.toggle("called", call.state === "called");
    line.classList.toggle("flash", this.flashes.has(call.number));
    return line;
  }

  alerts() {
    const told = [...this.withdrawn.keys()];
    const show = (name, on) => { root.querySelector(`[data-alert="${name}"]`).hidden = !on; };
    show("paused", this.hall.paused);
    show("shut", this.hall.closed);
    show("stay", told.length > 0);
    fill(root.querySelector("[data-withdrawn-numbers]"), told.join(" "));
  }

  // list fills in the queues and shows as many as there is room for, page by page.
  list() {
    const body = root.querySelector("[data-queues]");
    const open = [];
    for (const q of this.queues) {
      const row = body.querySelector(`[data-queue="${CSS.escape(q.queue)}"]`);
      if (!row) {
        if (!root.dataset.zone || q.zone === root.dataset.zone) this.renew();
        continue;
      }
      const waiting = q.waiting + (q.expected || 0);
      fill(row.querySelector('[data-part="waiting"]'), waiting);
      const window = q.status === "open" && q.window ? `${q.window.from.slice(11, 16)}\u2013${q.window.to.slice(11, 16)}` : "";
      fill(row.querySelector('[data-part="window"]'), window);
      this.standing(row.querySelector('[data-part="status"]'), q.status);
      if (q.status !== "closed" || waiting > 0) open.push(row);
      else row.hidden = true;
    }
    const pages = Math.max(1, Math.ceil(open.length / this.room(body, open.length)));
    const page = this.page(pages);
    const each = Math.ceil(open.length / pages); // pages of like length
    open.forEach((row, i) => { row.hidden = Math.floor(i / each) !== page; });
    const dots = root.querySelector("[data-dots]");
    while (dots.children.length > (pages > 1 ? pages : 0)) dots.lastElementChild.remove();
    while (pages > 1 && dots.children.length < pages) dots.append(document.createElement("li"));
    [...dots.children].forEach((dot, i) => dot.classList.toggle("now", i === page));
  }

  // renew loads the page again when it lacks a queue, for the catalogue has
  // changed: not on all boards at once, not over and over while the hubs are of two
  // minds, and only if the page can be had, for an old picture is better than none.
  renew() {
    if (this.renewing || Date.now() - Number(sessionStorage.getItem("vez.board.renewed")) < RENEW_AFTER) return;
    this.renewing = true;
    setTimeout(async () => {
      const page = await fetch(location.href).catch(() => null);
      this.renewing = false;
      if (!page?.ok) return;
      sessionStorage.setItem("vez.board.renewed", Date.now());
      location.reload();
    }, Math.random() * 30_000);
  }

  // room is how many of some queues fit; a banner above takes some of it, and so do the dots of pages.
  room(body, count) {
    const most = Number(getComputedStyle(body).getPropertyValue("--fit")) || 8;
    const row = [...body.rows].find((r) => !r.hidden);
    const panel = body.closest("section");
    if (!row || getComputedStyle(panel).position !== "relative") return most;
    const room = panel.clientHeight - body.offsetTop;
    const fit = (space) => Math.max(1, Math.min(most, Math.floor(space / row.offsetHeight)));
    return count <= fit(room) ? count || 1 : fit(room - root.querySelector("[data-dots]").offsetHeight);
  }

  standing(place, status) {
    if (place.dataset.status === status) return;
    place.dataset.status = status;
    const words = root.querySelector(`template[data-status-words="${status}"]`);
    place.replaceChildren(words ? words.content.cloneNode(true) : "");
  }

  // page turns with the languages, and slips by one each time both have gone
  // round together, so that every page is seen in every language.
  page(pages) {
    const turn = Math.floor(Date.now() / setting("language"));
    const divisor = (a, b) => (b ? divisor(b, a % b) : a);
    const together = (languages.length * pages) / divisor(languages.length, pages);
    return (turn + Math.floor(turn / together)) % pages;
  }

  tick() {
    const now = performance.now();
    for (const [number, end] of this.flashes) if (end <= now) this.flashes.delete(number);
    for (const [number, told] of this.withdrawn) if (now - told > setting("withdrawn")) this.withdrawn.delete(number);
    fill(root.querySelector("[data-clock]"), clock.hands(clock.now()));
    const turn = Math.floor(Date.now() / setting("language"));
    const lang = languages[turn % languages.length];
    if (document.documentElement.dataset.lang !== lang) document.documentElement.dataset.lang = lang;
    if (this.at) this.draw();
  }

  // tell says which event this board has shown, for those who look after it.
  tell() {
    if (!this.at || document.hidden) return;
    fetch(root.dataset.painted, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ at: this.at }) }).catch(() => {});
  }
}

// Voice chimes and speaks, if somebody has switched it on: two tones, then the
// sentence once in each language. Without a voice of the system there is the chime
// alone. A browser may refuse sound until somebody touches the page, after each
// start of the machine again: the button then says so, and nothing is played.
class Voice {
  constructor(board) {
    this.board = board;
    this.texts = JSON.parse(root.querySelector("[data-voice]").textContent);
    this.said = new Set(); // marks of the calls that were announced, with sound or without
    this.heard = new Set(); // numbers whose call was spoken
    this.queue = []; // what waits to be spoken: {number, keys, at}, and the mark of a call
    this.now = null; // what is spoken
    this.busy = false;
    this.button = root.querySelector("[data-sound]");
    if (!window.AudioContext) return;
    window.speechSynthesis?.getVoices(); // some browsers look for voices only once they are asked
    this.button.hidden = false;
    this.button.addEventListener("click", () => this.set(!this.sounding));
    for (const name of ["pointerdown", "pointerup", "keydown"]) addEventListener(name, (event) => this.touched(event.target));
    if (localStorage.getItem("vez.board.sound") === "on") this.set(true);
  }

  // sounding tells whether what is played now is heard.
  get sounding() { return Boolean(this.on) && this.audio.state === "running"; }

  set(on) {
    this.on = on;
    localStorage.setItem("vez.board.sound", on ? "on" : "off");
    if (on) {
      this.audio ||= Object.assign(new AudioContext(), { onstatechange: () => this.stands() });
      this.audio.resume();
    } else {
      this.queue = [];
      this.now = null;
      window.speechSynthesis?.cancel();
    }
    this.stands();
  }

  // touched wakes the sound wherever the page is touched; the button is for its own click.
  touched(where) { if (this.on && !this.sounding && !this.button.contains(where)) this.audio.resume(); }

  // stands shows on the button how it is, not what was wished for.
  stands() {
    const waits = Boolean(this.on) && !this.sounding;
    this.button.setAttribute("aria-pressed", String(this.sounding));
    this.button.querySelector("[data-sound-plain]").hidden = waits;
    this.button.querySelector("[data-sound-touch]").hidden = !waits;
    this.next();
  }

  forget() {
    this.said.clear();
    this.heard.clear();
  }

  spell(text) {
    return [...text.toUpperCase()].filter((s) => /[0-9A-Z]/.test(s)).map((s) => (/[0-9]/.test(s) ? `board.say.digit.${s}` : `board.say.letter.${s}`));
  }

  announce(call, zone) {
    const mark = markOf(call);
    if (this.said.has(mark)) return;
    this.said.add(mark);
    const keys = ["board.say.number", ...this.spell(call.number), "board.say.counter", ...this.spell(call.label)];
    if (zone) keys.push("board.say.zone", ...this.spell(zone));
    this.say({ number: call.number, mark, at: call.called, keys });
  }

  // retract takes a call back before anything else is said; one that nobody has heard is only not spoken.
  retract({ number, at }) {
    this.queue = this.queue.filter((what) => what.number !== number);
    if (this.heard.delete(number)) this.say({ number, at, keys: ["board.say.number", ...this.spell(number), "board.say.stay"] });
  }

  say(what) {
    if (!this.on) return;
    this.queue = this.queue.filter((other) => !this.past(other));
    if (what.mark) this.queue.push(what);
    else this.queue.unshift(what);
    this.next();
  }

  // over tells that something is not so any more: a call that was answered, given
  // up or repeated, or one taken back whose number was called again.
  over(what) {
    const call = this.board.calls.get(what.number);
    const called = call?.state === "called";
    return what.mark ? !called || markOf(call) !== what.mark : called;
  }

  // past tells that something need not be said: it is over, or old while others wait. Old retractions never need be.
  past(what) {
    const old = clock.age(what.at) >= setting("say");
    return this.over(what) || (old && (!what.mark || this.queue.length > 0));
  }

  // next speaks until nothing waits. While two or more wait behind, the first two
  // languages must do: in a rush four would call people who have given up.
  async next() {
    if (this.busy) return;
    this.busy = true;
    while (this.sounding && this.queue.length) {
      const what = this.queue.shift();
      if (this.past(what)) continue;
      this.now = what;
      await this.chime();
      for (const [i, lang] of languages.entries()) {
        if (this.now !== what || this.over(what) || (i >= 2 && this.queue.length >= 2)) break;
        if (what.mark) this.heard.add(what.number);
        await this.speak(lang, what.keys.map((key) => this.texts[lang][key]).join(" "));
      }
    }
    this.now = null;
    this.busy = false;
  }

  chime() {
    const at = this.audio.currentTime;
    [[659.26, 0], [523.25, 0.45]].forEach(([pitch, after]) => {
      const tone = this.audio.createOscillator();
      const loud = this.audio.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, at + after);
      loud.gain.exponentialRampToValueAtTime(0.4, at + after + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + after + 1.1);
      tone.connect(loud).connect(this.audio.destination);
      tone.start(at + after);
      tone.stop(at + after + 1.2);
    });
    return new Promise((done) => { setTimeout(done, 1_400); });
  }

  speak(lang, text) {
    const voice = window.speechSynthesis;
    const tag = VOICES[lang];
    if (!voice?.getVoices().some((v) => v.lang.replace("_", "-").startsWith(tag.slice(0, 2)))) return Promise.resolve();
    return new Promise((done) => {
      const words = new SpeechSynthesisUtterance(text);
      words.lang = tag;
      words.rate = 0.9;
      const hung = setTimeout(() => { voice.cancel(); done(); }, HUNG); // it holds nobody up
      words.onend = words.onerror = () => { clearTimeout(hung); done(); };
      voice.speak(words);
    });
  }
}

new Board();
