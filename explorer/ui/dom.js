// Shared by every component of the page; prepended to each module when it is served.
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key in node && key !== "list" && key !== "role") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

// Rows seem to belong together: one click takes the unit, one says that there is none.
function repeatedLine(send, one) {
  if (!one || !one.words) return "";
  return h("div", { class: "repeated", role: "status" }, h("span", {}, h("b", {}, "! "), one.words),
    one.unit ? h("button", { class: "take", onclick: () => send({ type: "set", unit: one.unit }) }, `the unit is ${one.unit}`) : h("span", {}, "name a unit above, or"),
    h("button", { class: "take", title: "Each stands alone: intervals and tests stay as they are", onclick: () => send({ type: "set", unit: one.decline }) }, one.independent));
}

// What is said where CSV is saved.
const saveTitle = (form, title) => form === "csv" ? `${title}. In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it.` : title;

const formatCount = new Intl.NumberFormat("en-US").format;

// Four significant digits are enough to read a value; years and counts stay whole.
function formatNumber(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 10000) return String(value);
  if (Number.isInteger(value)) return formatCount(value);
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

// Of what came with the last change, Bokeh (3.9) thinks that the server does not know it until anything else has been sent: a view that is
// the first to speak would send itself whole, which fails, and so would all that it says later.
function introduce(view) {
  view?.model?.document?._new_models?.clear();
}

// One message at a time towards the server: what arrives meanwhile replaces what waits.
function latestWins(send) {
  let busy = false;
  let waiting = null;
  let timer = null;
  const next = () => {
    busy = false;
    clearTimeout(timer);
    if (waiting !== null) {
      const message = waiting;
      waiting = null;
      offer(message);
    }
  };
  const offer = (message) => {
    if (busy) {
      waiting = message;
      return;
    }
    busy = true;
    // a lost reply must not freeze the map
    timer = setTimeout(next, 4000);
    send(message);
  };
  // what waits is not wanted any more
  const drop = () => { waiting = null; };
  return { offer, done: next, drop };
}

// How a gesture combines with the present selection: Shift adds, Alt removes, both keep what is in both.
function modeOf(event) {
  if (event.shiftKey && event.altKey) return "intersect";
  return event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
}

// A file of the server, or one that came as a message.
function saveFile({ name, path, data }) {
  const page = location.pathname.replace(/\/?$/, "/");
  if (path || data) h("a", { href: data || page + path, download: name }).click();
}

// Keys of the page sleep while a dialog is open, wherever in the page it is.
function openDialog(dialog) {
  if (!dialog.dataset.watched) {
    dialog.dataset.watched = "1";
    dialog.addEventListener("close", () => { delete document.documentElement.dataset.dialog; });
  }
  document.documentElement.dataset.dialog = "1";
  dialog.showModal();
}

// Keys sleep while one writes text; in a list of choices only letters do, since they jump to an entry.
function isTyping(event) {
  const page = document.documentElement.dataset;
  if (page.dialog || page.lost) return true; // a page without its server does nothing any more
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("select")) return event.key.length === 1 && !event.ctrlKey && !event.metaKey;
  return target.matches("textarea, input:not([type=checkbox])") || target.isContentEditable;
}

// The decision that a key stands for, if it is one: not while one types, not while a key is held down.
const DECISIONS = { k: "keep", d: "drop", t: "transform", m: "merge", f: "defer" };

function decisionOf(event) {
  const decision = DECISIONS[event.key.toLowerCase()];
  return decision && !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat ? decision : null;
}

// A view inside a view that is opened later brings the definition of its class with it. The first message after that writes out all
// that is new, and a class cannot be written: no message would ever leave the page again. The definition has done its work by then.
function forgetDefinitions() {
  for (const page of window.Bokeh.documents) {
    for (const model of page._all_models.values()) if (model._defs && model._defs.length) model.setv({ _defs: [] }, { silent: true });
  }
}
