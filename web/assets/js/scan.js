// A hand scanner types like a very fast keyboard that ends with Enter. This file
// catches what it types wherever the focus is, types nothing into the page, and
// posts it with a form:
//
//   <form method="post" action="…" data-scan><input type="hidden" name="code"><input type="hidden" name="alt"></form>
//
// Keyboard layouts differ between scanner and machine (Y and Z change places in
// some), so two readings are made: by the character and by the place of the key.
// "code" is the likelier, "alt" the other, or empty when both agree. The server
// checks which is signed. The same text within 2 seconds is one scan. Before the
// post the form sends "scan:read", which may be cancelled.
//
// How fast the keys were is told by the times that they carry: a machine that
// stands still in the middle of a scan hands them on late, and loses nothing.

const GAP = 60; // ms between two keys of a scanner
const SHORTEST = 6; // fewer keys are a person's
const REPEAT = 2_000;
const LIKELY = /^[0-9A-HJKMNP-TV-Z]+$/; // Crockford base 32
const LINK = /^HTTPS?:\/\//;

const SHIFTED = { Semicolon: ":", Slash: "?", Minus: "_", Period: ">", Comma: "<", Equal: "+" };
const PLAIN = { Semicolon: ";", Slash: "/", Minus: "-", Period: ".", Comma: ",", Equal: "=", Space: " " };

// byPlace reads a key as on an American keyboard, whatever the layout.
function byPlace(event) {
  const code = event.code || "";
  if (code.startsWith("Key")) return code.slice(3);
  if (/^(Digit|Numpad)[0-9]$/.test(code)) return code.slice(-1);
  return (event.shiftKey ? SHIFTED[code] : PLAIN[code]) ?? event.key;
}

function editable(element) {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches(
    "textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=hidden])"));
}

// repeated says whether the same text came within the last 2 seconds, on this
// page or the one before. The end of a text counts as the text: its beginning
// was typed into the page that the first scan has left. Only a short mark and
// the length of it are kept, never the text. When it came is told by its last
// key. A scan of a time to come was noted before the clock was set back, and says
// nothing.
function repeated(text, at) {
  let mark = 5381;
  for (const letter of text) mark = (mark * 33 + letter.codePointAt(0)) % 4294967291;
  const [last, time, length] = (sessionStorage.getItem("vez.scan") || "").split(" ").map(Number);
  const age = at - time;
  const soon = age >= 0 && age < REPEAT;
  if (soon && text.length < length) return true;
  sessionStorage.setItem("vez.scan", `${mark} ${at} ${text.length}`);
  return soon && last === mark;
}

class Wedge {
  constructor(read) {
    this.read = read;
    this.time = -Infinity;
    this.clear();
  }

  clear() {
    this.byKey = "";
    this.byPlace = "";
    this.forget();
  }

  forget() {
    this.held = [];
    this.field = null;
    clearTimeout(this.timer);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const fast = event.timeStamp - this.time < GAP;
    if (event.key === "Enter" && this.byKey.length >= SHORTEST && fast) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.done(performance.timeOrigin + event.timeStamp);
      return;
    }
    if (event.key.length !== 1) return;
    if (!fast) {
      this.release();
      this.clear();
    }
    this.time = event.timeStamp;
    this.byKey += event.key;
    this.byPlace += byPlace(event);
    if (editable(event.target)) {
      this.field = event.target;
      this.held.push(event.key);
      event.preventDefault();
    } else if (event.key !== " " || this.byKey.length > 1) {
      event.preventDefault();
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), GAP * 2);
  }

  // release gives a person's keys to the field that they were typed into. What
  // comes later may still be the rest of a scan.
  release() {
    const { field, held } = this;
    const scanned = this.byKey.length >= SHORTEST && held.length >= SHORTEST;
    this.forget();
    if (!field || !field.isConnected || scanned) return;
    if (typeof field.setRangeText !== "function" || field.selectionStart === null) {
      field.value += held.join("");
    } else {
      const room = field.maxLength > 0 ? field.maxLength - field.value.length + (field.selectionEnd - field.selectionStart) : Infinity;
      field.setRangeText(held.join("").slice(0, Math.max(0, room)), field.selectionStart, field.selectionEnd, "end");
    }
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: held.join("") }));
  }

  done(at) {
    let code = this.byKey.trim().toUpperCase();
    let alt = this.byPlace.trim().toUpperCase();
    this.clear();
    const fits = (text) => LIKELY.test(text) || LINK.test(text);
    if (!fits(code) && fits(alt)) [code, alt] = [alt, code];
    if (alt === code) alt = "";
    if (!repeated(code, at)) this.read(code, alt);
  }
}

function post(form) {
  return (code, alt) => {
    form.elements.code.value = code;
    if (form.elements.alt) form.elements.alt.value = alt;
    const event = new CustomEvent("scan:read", { detail: { code, alt }, bubbles: true, cancelable: true });
    if (form.dispatchEvent(event)) form.requestSubmit();
  };
}

const form = document.querySelector("form[data-scan]");
if (form) {
  const wedge = new Wedge(post(form));
  addEventListener("keydown", (event) => wedge.key(event), { capture: true });
}
