// Live parts of a page, fed by server-sent events.
//
//   <section data-live="/live/…">                 opens the stream; data-live-longest="5000" bounds the wait
//                                                 between two tries, in ms, where few look and all need it
//     <ol data-live-fragment="calls">…</ol>       replaced by an event "fragment" {name, html}
//     <b data-live-text="ahead">6</b>             set by an event "values" {ahead: "5"}
//     <p data-live-show="late" hidden>…</p>       shown while the value is true
//     <div data-live-state="state">               data-state="…" takes the value, for styles
//   </section>
//
// The server writes all HTML; this file only puts it in place. The element
// "data-live-stale" of the layout is shown when the news is old, with the time
// of the last. Other scripts listen on the element: "live:fragment",
// "live:values", "live:connected", "live:stale", and "live:<any other event>".

const QUIET = 40_000; // two heartbeats and a little: longer silence is a lost connection
const SLEPT = 16_000; // a heartbeat and a little: who wakes with older news has slept, and may hold a dead connection
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const STIRRED = 700; // ms from a pointer's last stir to the press that it may be about to make
const PUT_OFF = 5_000; // ms that a pointer may put news off for

class Live {
  constructor(root) {
    this.root = root;
    this.wait = FIRST_WAIT;
    this.longest = Number(root.dataset.liveLongest) || LONGEST_WAIT;
    this.pointer = { pressed: false, at: -Infinity };
    this.late = new Map();
    this.lastID = root.dataset.liveFrom || "";
    this.lastNews = Date.now();
    this.connect();
    addEventListener("online", () => this.reconnect(0));
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => { if (event.persisted) this.connect(); });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.lastNews > SLEPT) this.reconnect(0);
    });
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      addEventListener(kind, (event) => { this.pointer = { pressed: event.buttons > 0, at: performance.now() }; });
    }
  }

  connect() {
    this.close();
    const address = new URL(this.root.dataset.live, location.href);
    if (this.lastID) address.searchParams.set("last", this.lastID);
    this.source = new EventSource(address);
    this.source.onopen = () => {
      this.wait = FIRST_WAIT;
      this.fresh();
      this.tell("connected");
    };
    this.source.onerror = () => this.reconnect();
    this.on("beat", () => {});
    this.on("fragment", (data) => this.fragment(data));
    this.on("values", (data) => this.values(data));
    this.on("reload", () => location.reload());
    for (const name of (this.root.dataset.liveEvents || "").split(" ").filter(Boolean)) {
      this.on(name, (data) => this.tell(name, data));
    }
    this.fresh();
  }

  close() {
    clearTimeout(this.silence);
    clearTimeout(this.again);
    if (this.source) this.source.close();
    this.source = null;
  }

  // Some browsers give up for good after an answer that is no stream, so we
  // always close and come back ourselves, later each time and never all at once.
  reconnect(wait) {
    this.close();
    this.stale();
    const pause = wait ?? this.wait * (0.5 + Math.random());
    this.wait = Math.min(this.wait * 2, this.longest);
    this.again = setTimeout(() => this.connect(), pause);
  }

  on(name, act) {
    this.source.addEventListener(name, (event) => {
      if (event.lastEventId) this.lastID = event.lastEventId;
      this.lastNews = Date.now();
      this.fresh();
      this.settled();
      let data = event.data;
      try { data = JSON.parse(event.data); } catch { /* plain text */ }
      act(data);
    });
  }

  // fresh starts the wait for the next sign of life.
  fresh() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reconnect(), QUIET);
  }

  settled() {
    if (!this.isStale) return;
    this.isStale = false;
    for (const banner of document.querySelectorAll("[data-live-stale]")) banner.hidden = true;
    this.root.removeAttribute("data-stale");
  }

  // stale says honestly how old the page is; a blink of the network says nothing.
  stale() {
    if (this.isStale) return;
    this.isStale = true;
    setTimeout(() => {
      if (!this.isStale) return;
      const since = new Date(this.lastNews);
      for (const banner of document.querySelectorAll("[data-live-stale]")) {
        banner.hidden = false;
        for (const time of banner.querySelectorAll("[data-live-since]")) {
          time.dateTime = since.toISOString();
          time.textContent = since.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
        }
      }
      this.root.setAttribute("data-stale", "");
      this.tell("stale", { since });
    }, 3_000);
  }

  // A press is meant for what the eye has seen: while a pointer is down, and for a
  // moment after it stirred, nothing moves under it. Then the newest is shown.
  fragment({ name, html }) {
    if (!this.late.size) this.lateSince = performance.now();
    this.late.set(name, html);
    this.catchUp();
  }

  catchUp() {
    clearTimeout(this.later);
    const now = performance.now();
    const stirs = this.pointer.pressed || now - this.pointer.at < STIRRED;
    if (stirs && now - this.lateSince < PUT_OFF) {
      this.later = setTimeout(() => this.catchUp(), 100);
      return;
    }
    const late = [...this.late];
    this.late.clear();
    for (const [name, html] of late) this.replace(name, html);
  }

  replace(name, html) {
    for (const place of this.parts("fragment", name)) {
      const kept = place.contains(document.activeElement) ? document.activeElement.id : "";
      place.innerHTML = html;
      if (kept) document.getElementById(kept)?.focus({ preventScroll: true });
      this.tell("fragment", { name, place });
    }
  }

  values(values) {
    for (const [name, value] of Object.entries(values)) {
      for (const place of this.parts("text", name)) {
        if (place.textContent !== String(value)) place.textContent = value;
      }
      for (const place of this.parts("show", name)) place.hidden = !value;
      for (const place of this.parts("state", name)) place.dataset.state = value;
    }
    this.tell("values", values);
  }

  // parts are the elements of a kind and name, the root among them.
  *parts(kind, name) {
    const selector = `[data-live-${kind}="${CSS.escape(name)}"]`;
    if (this.root.matches(selector)) yield this.root;
    yield* this.root.querySelectorAll(selector);
  }

  tell(name, detail) {
    this.root.dispatchEvent(new CustomEvent(`live:${name}`, { detail, bubbles: true }));
  }
}

for (const root of document.querySelectorAll("[data-live]")) new Live(root);
