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
  return { offer, done: next };
}

// Keys sleep while one writes text; in a list of choices only letters do, since they jump to an entry.
function isTyping(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("select")) return event.key.length === 1 && !event.ctrlKey && !event.metaKey;
  return target.matches("textarea, input:not([type=checkbox])") || target.isContentEditable;
}
