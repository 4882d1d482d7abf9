// What to do without the server: say so, try again, and open the page anew where it was as soon as
// the server answers.

import { _ } from "../core/gettext.js";
import { h } from "./dom.js";

const FIRST_TRY_MS = 500;
const LONGEST_PAUSE_MS = 3000;
const TYPED = "explorer typed"; // of this tab alone
const FIELDS =
  "input:not([type]), input[type=text], input[type=search], input[type=number], textarea";

export class Connection {
  /** @type {HTMLElement} */
  told;
  /** @type {number} */
  since;
  /** @type {number} */
  pause;
  /** @type {number | undefined} */
  timer;

  /**
   * @param {AbortSignal} lifetime
   */
  constructor(lifetime) {
    this.lifetime = lifetime;
    const documents = (window.Bokeh && window.Bokeh.documents) || [];
    for (const page of documents) page.on_event("connection_lost", () => this.lose());
    // a network that goes away closes no socket; a server on this machine stays in reach
    window.addEventListener("offline", () => this.check(), { signal: lifetime });
  }

  async check() {
    if (!(await this.reach())) this.lose();
  }

  // Without its server a page would take keys and clicks and keep nothing.
  lose() {
    const page = document.documentElement;
    if (page.dataset.lost) return;
    page.dataset.lost = "1";
    this.remember();
    const workbench = document.getElementById("workbench");
    if (workbench) workbench.inert = true;
    this.told = h("span");
    const style =
      "position:fixed;inset:0 0 auto 0;z-index:99;padding:12px 18px;background:var(--warn);color:var(--surface);font:600 14px var(--font);display:flex;gap:14px;align-items:center";
    const button =
      "font:inherit;color:inherit;background:none;border:1px solid currentColor;border-radius:5px;padding:3px 12px;cursor:pointer";
    document.body.append(
      h(
        "div",
        { role: "alert", style },
        this.told,
        h("button", { style: button, onclick: () => location.reload() }, _("Reload now")),
      ),
    );
    this.since = Date.now();
    this.pause = FIRST_TRY_MS;
    this.later();
    // a tab that nobody sees hardly has a clock
    for (const event of ["visibilitychange", "online"]) {
      window.addEventListener(event, () => this.ask(), { signal: this.lifetime });
    }
  }

  later() {
    const gone = Math.round((Date.now() - this.since) / 1000);
    const text = _(
      "Connection lost; trying again … Saved work is safe, and the page comes back as it is.",
    );
    this.told.textContent = gone >= 5 ? `${text} (${gone} s)` : text;
    clearTimeout(this.timer);
    // not all pages of a server at the same moment
    this.timer = setTimeout(() => this.ask(), this.pause * (0.8 + 0.4 * Math.random()));
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }

  // Any answer but that of a proxy whose server is away will do; a page is not made for this.
  async ask() {
    if (this.asking) return;
    this.asking = true;
    if (await this.reach()) return void location.reload();
    this.asking = false;
    this.later();
  }

  async reach() {
    try {
      const answer = await fetch(location.pathname, {
        method: "HEAD",
        cache: "no-store",
        signal: AbortSignal.timeout(5000),
      });
      return answer.status < 500;
    } catch {
      return false;
    }
  }

  // What was typed and not sent yet is not in the page's address.
  remember() {
    const active = deepActive();
    const fields = fieldsOf(document)
      .filter(([, field]) => field.value && field.value !== field.defaultValue)
      .map(([key, field]) => ({ key, value: field.value, focus: field === active }));
    sessionStorage.setItem(TYPED, JSON.stringify({ fields }));
  }

  // Fields come with their views, one after the other.
  restore() {
    const kept = JSON.parse(sessionStorage.getItem(TYPED) || "null");
    sessionStorage.removeItem(TYPED);
    if (!kept) return;
    const until = Date.now() + 20_000;
    const put = () => {
      const there = new Map(fieldsOf(document));
      kept.fields = kept.fields.filter(({ key, value, focus }) => {
        const field = there.get(key);
        if (!field) return true;
        if (!field.value || field.value === field.defaultValue) {
          field.value = value;
          field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
          if (focus) field.focus();
        }
        return false;
      });
      if (kept.fields.length && Date.now() < until) setTimeout(put, 250);
    };
    put();
  }
}

// All fields of the page, in every view, by what they are called and how many of that name came
// before.
function fieldsOf(root, found = [], seen = new Map()) {
  for (const node of root.querySelectorAll("*")) {
    if (node.matches(FIELDS)) {
      const name =
        node.getAttribute("aria-label") || node.name || node.placeholder || node.className;
      seen.set(name, (seen.get(name) || 0) + 1);
      found.push([`${name}|${seen.get(name)}`, node]);
    }
    if (node.shadowRoot) fieldsOf(node.shadowRoot, found, seen);
  }
  return found;
}

function deepActive() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}
