// What the colours mean, and how to change them: a bar for numbers, a list for categories.

import { _, ngettext } from "../core/gettext.js";
import { findFirst, focusedIn, foldButton, h } from "../ui/dom.js";
import { modeOf } from "../ui/keys.js";
import { howComputed } from "../ui/how_computed.js";
import { formatCount, formatNumber } from "../ui/number_format.js";
import { unavailable } from "../ui/forms/unavailable.js";

const CLICK_MS = 260; // a second click within this is a double-click
const FIND_MS = 200;
const WIDE = 14; // letters of both ends: more do not share a line with the scale
const CLIPS = [
  [null, _("default")],
  ["0,100", _("all values")],
  ["0.1,99.9", _("middle 99.8 %")],
  ["0.5,99.5", _("middle 99 %")],
  ["1,99", _("middle 98 %")],
  ["5,95", _("middle 90 %")],
];

export class MapLegend {
  /** @type {HTMLSpanElement} */
  low;
  /** @type {HTMLSpanElement} */
  high;
  /** @type {HTMLDivElement} */
  others;

  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.send = send;
    this.open = false;
    this.searching = "";
    this.node = h("div", { class: "card legend" });
    this.fold = foldButton(this.node, _("All of the legend"));
  }

  show(legend) {
    this.node.classList.toggle("shown", Boolean(legend));
    if (!legend) return;
    const focused = focusedIn(this.node);
    const typing = this.node.contains(focused) ? focused?.getAttribute("aria-label") : null;
    if (this.legend?.title !== legend.title) this.searching = "";
    this.legend = legend;
    const numbers = legend.kind === "continuous";
    const more = legend.fixed
      ? null
      : h(
          "button",
          {
            class: "plain more",
            title: _("Palette, ends and middle of the scale"),
            "aria-expanded": String(this.open),
            onclick: () => {
              this.open = !this.open;
              if (this.open) this.node.classList.add("unfolded");
              this.show(this.legend);
            },
          },
          "⋯",
        );
    this.node.replaceChildren(
      h(
        "div",
        { class: "legend-head" },
        h("strong", { title: legend.title }, legend.title),
        h("span", { class: "unit" }, legend.unit || ""),
        h("span", { class: "how", title: legend.how || "" }, legend.how || ""),
        howComputed("colours", _("the colours: {title}", { title: legend.title })),
        numbers ? more : null,
        this.fold,
      ),
    );
    this.node.append(...(numbers ? this.bar(legend) : this.list(legend)));
    if (legend.note) this.node.append(h("div", { class: "note" }, legend.note));
    if (numbers && this.open && !legend.fixed) this.node.append(this.controls(legend));
    if (typing) findFirst(this.node, `[aria-label="${CSS.escape(typing)}"]`)?.focus();
  }

  // --- numbers

  bar(legend) {
    const most = Math.max(...legend.counts, 1);
    const bars = h(
      "div",
      { class: "bars", "aria-hidden": "true" },
      ...legend.counts.map((count) =>
        h("i", { style: `height:${count ? Math.max(4, (100 * count) / most) : 0}%` }),
      ),
    );
    const gradient = h("div", {
      class: "gradient",
      style: `background:linear-gradient(to right, ${legend.stops.join(",")})`,
    });
    const scale = h(
      "select",
      {
        "aria-label": _("Colour scale"),
        onchange: (event) => this.change({ scale: event.target.value }),
      },
      ...legend.scales.map((name) =>
        h("option", { value: name, selected: name === legend.scale }, name),
      ),
    );
    const reverse = h(
      "button",
      {
        class: "plain",
        title: _("Reverse the colours"),
        "aria-pressed": String(legend.reverse),
        onclick: () => this.change({ reverse: !legend.reverse }),
      },
      "⇄",
    );
    const hold = h(
      "button",
      {
        class: "plain hold",
        title: _("Keep the ends of the scale while you move and filter"),
        "aria-pressed": String(Boolean(legend.locked)),
        onclick: () => this.hold(),
      },
      legend.locked ? _("locked") : _("lock scale"),
    );
    this.low = h("span", {}, legend.low);
    this.high = h("span", {}, legend.high);
    const middle = legend.fixed
      ? h("span", {})
      : h(
          "span",
          {},
          legend.scales.length > 1 ? scale : null,
          reverse,
          legend.temporal ? null : hold,
        );
    const wide = `${legend.low}${legend.high}`.length > WIDE;
    const ends = h("div", { class: wide ? "ends wide" : "ends" }, this.low, middle, this.high);
    this.fillEnds();
    return legend.counts.length ? [bars, gradient, ends] : [gradient, ends];
  }

  // Of the frame on screen: rows of a pixel with the first and the last colour.
  painted(ends) {
    this.ends = ends;
    this.fillEnds();
  }

  fillEnds() {
    if (!this.legend?.density || !this.ends || !this.low) return;
    const [low, high] = this.ends;
    this.low.textContent = formatNumber(Math.round(low));
    this.high.textContent = ngettext("{count} row", "{count} rows", Math.round(high), {
      count: formatNumber(Math.round(high)),
    });
  }

  hold() {
    const { locked, scale, ends } = this.legend;
    if (locked) this.change({ locked: null });
    else {
      const now = ends || this.ends;
      // the colours of a rank follow what is in sight: a held scale is one with ends
      if (now) {
        this.change({
          locked: now,
          scale: scale === "rank" ? (this.legend.density ? "log" : "linear") : scale,
        });
      }
    }
  }

  controls(legend) {
    /** @type {(choice: (string | null)[], chosen: unknown) => HTMLElement} */
    const option = ([value, text], chosen) =>
      h(
        "option",
        { value: value ?? "", selected: String(value ?? "") === String(chosen ?? "") },
        text,
      );
    const palette = h(
      "select",
      {
        "aria-label": _("Palette"),
        onchange: (event) => this.change({ palette: event.target.value || null }),
      },
      ...[
        ...(legend.density ? [["", _("of the theme")]] : []),
        ...legend.palettes.map((name) => [name, name]),
      ].map((choice) => option(choice, legend.palette)),
    );
    const clip = h(
      "select",
      {
        "aria-label": _("Clip"),
        title: _("Values beyond the ends have the colours of the ends"),
        onchange: (event) =>
          this.change({
            clip: event.target.value ? event.target.value.split(",").map(Number) : null,
            locked: null,
          }),
      },
      ...CLIPS.map((choice) => option(choice, legend.clip && legend.clip.join(","))),
    );
    /** @type {[string, HTMLElement][]} */
    const rows = [
      ["colours", palette],
      ["ends", clip],
    ];
    if (!legend.density && !legend.temporal) {
      rows.push([
        _("around"),
        this.number(_("Middle of the scale"), legend.center, _("no middle"), (center) =>
          this.change({
            center,
            scale: legend.scale === "rank" ? "linear" : legend.scale,
            palette: null,
            locked: null,
          }),
        ),
      ]);
    }
    if (!legend.temporal && (legend.ends || legend.locked)) {
      rows.push([_("from"), this.end(legend, 0)], [_("to"), this.end(legend, 1)]);
    }
    return h(
      "div",
      { class: "controls" },
      ...rows.flatMap(([text, field]) => [h("span", { class: "note" }, text), field]),
    );
  }

  number(label, value, placeholder, change) {
    return h("input", {
      type: "number",
      step: "any",
      "aria-label": label,
      placeholder,
      value: value ?? "",
      onchange: (event) => {
        const text = event.target.value.trim();
        if (text === "" || Number.isFinite(Number(text))) change(text === "" ? null : Number(text));
      },
    });
  }

  end(legend, which) {
    const ends = legend.locked || legend.ends;
    return this.number(
      which ? _("Last colour") : _("First colour"),
      legend.locked ? ends[which] : null,
      String(Number(ends[which].toPrecision(5))),
      (value) => {
        const locked = [...ends];
        if (value !== null) locked[which] = value;
        if (locked[0] < locked[1]) {
          this.change({
            locked: value === null ? null : locked,
            scale: legend.scale === "rank" ? "linear" : legend.scale,
          });
        }
      },
    );
  }

  change(options) {
    this.send({ type: "color", ...options });
  }

  // --- categories

  list(legend) {
    const rows = h(
      "div",
      { class: "levels" },
      ...legend.levels.map((level) => this.level(level, "level")),
    );
    if (legend.fixed || legend.total <= legend.levels.length) return [rows];
    this.others = h("div", { class: "levels others" });
    const find = h("input", {
      type: "search",
      placeholder: _("find one of {total}", { total: formatCount(legend.total) }),
      "aria-label": _("Find a level"),
      value: this.searching,
      oninput: (event) => this.find(event.target.value),
    });
    if (this.searching) this.find(this.searching);
    return [rows, find, this.others];
  }

  level(level, kind) {
    return h(
      "button",
      {
        class: level.hidden ? "level off" : "level",
        "aria-pressed": String(!level.hidden),
        ...unavailable(
          this.legend.fixed && _("Hide levels in the legend of the first map"),
          _(
            "{label}: click hides, double-click shows this one alone, Ctrl+click selects its rows (with Shift adds, with Alt removes)",
            { label: level.label },
          ),
        ),
        onclick: (event) =>
          kind === "level" && (event.ctrlKey || event.metaKey)
            ? this.send({ type: "pick", code: level.code, mode: modeOf(event) })
            : this.click(kind, level.code, event.detail),
        ondblclick: (event) => event.stopPropagation(),
      },
      h("i", { style: `background:${level.color || "transparent"}` }),
      h("span", { class: "name", dir: "auto" }, level.label),
      h("span", { class: "count" }, formatCount(level.count)),
    );
  }

  find(text) {
    this.searching = text.trim();
    clearTimeout(this.finding);
    if (!this.searching) this.others.replaceChildren();
    else {
      this.finding = setTimeout(
        () => this.send({ type: "find_level", text: this.searching }),
        FIND_MS,
      );
    }
  }

  found({ text, levels = [], count }) {
    if (!this.others || text !== this.searching) return;
    const left = count - levels.length;
    this.others.replaceChildren(
      ...levels.map((level) => this.level(level, "one_level")),
      h(
        "div",
        { class: "note" },
        count
          ? left
            ? _("and {left} more", { left: formatCount(left) })
            : ""
          : _("No level has “{text}” in its name.", { text }),
      ),
    );
  }

  // One click waits a moment for the second: a double-click is one action, not three.
  click(kind, code, clicks) {
    clearTimeout(this.clicking);
    const send = (alone) =>
      this.send(
        kind === "level" ? { type: "level", code, alone } : { type: "one_level", code, alone },
      );
    if (clicks > 1) send(true);
    else this.clicking = setTimeout(() => send(false), CLICK_MS);
  }
}
