// The rows on the left: how many are shown, what hides them, what is selected, and who they are.

import { childrenOf, findAll, focusedIn, h, saveFile, saveTitle } from "../ui/dom.js";
import { modeOf } from "../ui/keys.js";
import { latestWins } from "../ui/latest_wins.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { RowLabels } from "./labels_card.js";
import { RowFind } from "./row_find.js";
import { SavedRows } from "./saved_rows.js";

/**
 * @typedef {import("../ui/types/messages.js").RowsPanelParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RowsPanelMessage} Message
 */

class RowsPanel {
  /** @type {{column: string, node: HTMLElement} | null} */
  held;

  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.count = h("span", { class: "unit" });
    this.chips = h("div", { class: "filters" });
    this.entry = h("input", {
      type: "text",
      "aria-label": "Filter expression, as in the WHERE part of SQL",
      autocomplete: "off",
      spellcheck: false,
      oninput: () => {
        this.showError();
        this.offer();
        this.showUses();
      },
      onblur: () => this.offered.replaceChildren(),
      onkeydown: (event) => this.entryKey(event),
    });
    this.offered = h("div", { class: "offered", role: "listbox", "aria-label": "Columns" });
    this.uses = h(
      "div",
      { class: "uses" },
      h(
        "button",
        {
          class: "small",
          title: "Show only the rows that meet this (Enter)",
          onclick: () => this.use("filter", "replace"),
        },
        "filter",
      ),
      h(
        "button",
        {
          class: "small",
          title:
            "Select the rows that meet this (Ctrl+Enter); with Shift they are added, with Alt removed, with both what is in both stays",
          onclick: (event) => this.use("select", modeOf(event)),
        },
        "select",
      ),
    );
    this.uses.hidden = true;
    this.error = h("div", { class: "fault", role: "alert" });
    this.selection = h("section", { class: "selection" });
    this.groups = h("section", { class: "groups" });
    this.find = new RowFind((message) => this.send(message), lifetime);
    this.saved = new SavedRows((message) => this.send(message));
    this.saving = h(
      "button",
      {
        title: "Save the selected rows under a name, for everybody at this table",
        onclick: () => {
          this.labels.form.toggle(false);
          this.saved.form.toggle(true);
        },
      },
      "Save as…",
    );
    this.exported = h("div", { class: "note", role: "status" });
    this.labels = new RowLabels((message) => this.send(message));
    this.naming = h(
      "button",
      {
        title: "Name the selected rows: a level of a label column, for everybody at this table",
        onclick: () => {
          this.saved.form.toggle(false);
          this.labels.form.toggle(true);
        },
      },
      "Label…",
    );
    this.strips = h("div");
    this.more = h("select", {
      class: "more",
      "aria-label": "Add a strip",
      onchange: (event) => {
        if (event.target.value) this.send({ type: "add_strip", column: event.target.value });
      },
    });
    this.ranges = latestWins(/** @param {Message} message */ (message) => this.send(message));
    this.held = null; // the histogram that is being brushed
    this.used = 0; // how often an expression was taken
    // ends that the keys have moved and that are not sent yet
    this.moved = new Map();
    this.notes = h("section");
    this.mapShown = h("span");
    root.append(
      h(
        "div",
        { class: "rows" },
        h(
          "section",
          { class: "head" },
          h("strong", {}, "Rows"),
          this.count,
          this.mapShown,
          this.find.root,
        ),
        h(
          "section",
          {},
          h("h2", { class: "minor" }, "Filters"),
          this.chips,
          h("div", { class: "entry" }, this.entry, this.offered),
          this.uses,
          this.error,
        ),
        this.selection,
        this.saved.form.node,
        this.labels.form.node,
        this.saved.list.node,
        this.groups,
        this.labels.list.node,
        this.strips,
        h("section", {}, this.more),
        this.notes,
      ),
    );
    this.root = root;
    this.show();
    model.on("rows", () => this.show());
    model.on("columns", () => this.show());
    model.on("found", () => this.find.show(model.found));
    model.on("saved", () => this.save(model.saved));
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  save(saved) {
    this.exported.textContent = saved.error || saved.words || "";
    this.exported.classList.toggle("fault", Boolean(saved.error));
    saveFile(saved);
  }

  show() {
    const rows = this.model.rows;
    this.ranges.done();
    const example = this.model.columns.example;
    this.count.textContent = rows.count || "";
    this.mapShown.replaceChildren(...this.mapping(rows.map, "shown"));
    this.entry.placeholder = example ? `${example} and …` : "a condition on the columns";
    if (!rows.error && rows.used > this.used) this.entry.value = "";
    this.used = rows.used || 0;
    this.showUses();
    this.showError();
    this.chips.replaceChildren(...(rows.filters || []).map((filter) => this.chip(filter)));
    this.selection.replaceChildren(...this.selected(rows.selection));
    this.saved.show(rows.saved, rows.selection);
    this.labels.show(rows.labels, rows.selection);
    this.groups.replaceChildren(...this.grouped(rows.groups, rows.selection));
    this.showStrips(rows.strips || []);
    this.notes.replaceChildren(
      ...(rows.notes || []).map((text) => h("p", { class: "note" }, text)),
      ...(rows.warnings && rows.warnings.length
        ? [
            h(
              "details",
              {},
              h("summary", {}, `Worth knowing of this table (${rows.warnings.length})`),
              ...rows.warnings.map((text) => h("p", {}, text)),
            ),
          ]
        : []),
    );
  }

  // New nodes take the place of the old: who had the focus keeps it, and a list stays where it was
  // scrolled to.
  showStrips(strips) {
    const focused = focusedIn(this.root)?.dataset.key;
    const keyed = () => findAll(this.strips, "[data-key]");
    const tops = new Map(keyed().map((node) => [node.dataset.key, node.scrollTop]));
    // the histogram under the hand stays the same one, and its own range changes none of its counts
    const held = strips.some(({ column }) => column === this.held?.column) ? this.held : null;
    this.strips.replaceChildren(
      ...strips.map((strip) =>
        held && strip.column === held.column
          ? held.node
          : strip.kind === "levels"
            ? this.levels(strip)
            : this.histogram(strip),
      ),
    );
    for (const node of keyed()) {
      node.scrollTop = tops.get(node.dataset.key) || 0;
      if (node.dataset.key === focused) node.focus({ preventScroll: true });
    }
    const present = new Set(strips.map((strip) => strip.column));
    const available = (this.model.columns.strips || []).filter(([name]) => !present.has(name));
    this.more.replaceChildren(
      h("option", { value: "" }, "+ strip"),
      ...available.map(([name, label]) => h("option", { value: name }, label)),
    );
    this.more.disabled = !available.length;
  }

  // An error is about the text that was sent: another text has none yet.
  showError() {
    const { error, refused } = this.model.rows;
    this.error.textContent = error && this.entry.value.trim() === refused ? error : "";
  }

  entryKey(event) {
    const options = childrenOf(this.offered);
    const chosen = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Enter" && this.entry.value.trim()) {
      this.use(event.ctrlKey || event.metaKey ? "select" : "filter", modeOf(event));
    } else if (options.length && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      this.complete(options[chosen].dataset.written);
    } else if (options.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      const next = (chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      options.forEach((option, index) =>
        option.setAttribute("aria-selected", String(index === next)),
      );
    } else if (options.length && event.key === "Escape") {
      event.stopPropagation();
      this.offered.replaceChildren();
    }
  }

  use(purpose, mode) {
    const expression = this.entry.value.trim();
    this.offered.replaceChildren();
    if (expression) {
      this.send({ type: "filter", expression, mode: purpose === "select" ? mode : null });
    }
  }

  showUses() {
    this.uses.hidden = !this.entry.value.trim();
  }

  // The word before the caret, from its double quote where it has one; nothing inside a text in
  // single quotes.
  word() {
    const before = this.entry.value.slice(0, this.entry.selectionStart ?? 0);
    const [, quote, text] = before.match(/^(?:[^'"]|'[^']*'|"[^"]*")*?(?:("?)([^'"]*))$/) || [
      before,
      "",
      "",
    ];
    const typed = quote ? text : (text.match(/[\p{L}\p{N}_]*$/u)?.[0] ?? "");
    return { typed, from: before.length - typed.length - (quote ? 1 : 0) };
  }

  offer() {
    const typed = this.word().typed.toLowerCase();
    const names = this.model.columns.names || [];
    const starts = (text) => text.toLowerCase().startsWith(typed) && text.toLowerCase() !== typed;
    const matches = typed
      ? names.filter(([name, , label]) => starts(name) || starts(label)).slice(0, 8)
      : [];
    this.offered.replaceChildren(
      ...matches.map(([name, insert, label], index) =>
        h(
          "div",
          {
            role: "option",
            "aria-selected": String(index === 0),
            "data-written": insert,
            onpointerdown: (event) => {
              event.preventDefault();
              this.complete(insert);
            },
          },
          name,
          label === name ? null : h("span", { class: "note" }, ` ${label}`),
        ),
      ),
    );
  }

  complete(insert) {
    this.entry.setRangeText(insert, this.word().from, this.entry.selectionStart ?? 0, "end");
    this.offered.replaceChildren();
    this.showError();
  }

  chip(filter) {
    return h(
      "span",
      { class: filter.on ? "chip" : "chip off", title: `${filter.text}\n${filter.words}` },
      h(
        "button",
        {
          title: filter.on ? "Switch this filter off" : "Switch this filter on",
          "aria-pressed": String(filter.on),
          onclick: () => this.send({ type: "switch", name: filter.id, on: !filter.on }),
        },
        filter.text,
      ),
      h(
        "button",
        {
          "aria-label": "Remove this filter",
          onclick: () => this.send({ type: "unfilter", name: filter.id }),
        },
        "×",
      ),
    );
  }

  selected(selection) {
    if (!selection) {
      return [
        h("h2", { class: "minor" }, "Selection"),
        h(
          "p",
          { class: "note" },
          "None. Choose Box or Lasso on the map and drag; Shift adds, Alt removes, Shift+Alt keeps what is in both, Esc clears.",
        ),
      ];
    }
    return [
      h("h2", { class: "minor" }, "Selection"),
      h(
        "div",
        { class: "picked" },
        h("strong", { class: "number" }, formatCount(selection.count)),
        h("span", {}, selection.words),
      ),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          { title: "Turn the selection into a filter", onclick: () => this.send({ type: "keep" }) },
          "Keep only",
        ),
        h(
          "button",
          {
            title: "Select the rows that are not selected (I)",
            onclick: () => this.send({ type: "invert" }),
          },
          "Invert",
        ),
        h(
          "button",
          { title: "Clear the selection (Esc)", onclick: () => this.send({ type: "clear" }) },
          "Clear",
        ),
        this.saving,
        this.naming,
        h(
          "button",
          {
            title: "See the selected rows as a table",
            onclick: () => this.send({ type: "table" }),
          },
          "Table",
        ),
        ...this.mapping(selection.map, "selected"),
      ),
      selection.map.why_not ? h("p", { class: "note" }, selection.map.why_not) : "",
      h(
        "div",
        { class: "uses note" },
        "save rows:",
        ...[
          ["csv", "CSV"],
          ["parquet", "Parquet"],
        ].map(([form, name]) =>
          h(
            "button",
            {
              class: "small",
              title: saveTitle(form, `A file of the selected rows: ${selection.size}`),
              onclick: () => this.send({ type: "export", form }),
            },
            name,
          ),
        ),
      ),
      this.exported,
    ];
  }

  // The button that maps the selected rows, or those that the filters leave, alone.
  mapping(offer, which) {
    if (!offer) return [];
    return [
      h(
        "button",
        {
          class: "map-rows",
          "data-key": `map ${which}`,
          disabled: Boolean(offer.why_not),
          title: offer.why_not || offer.title,
          onclick: () => this.send({ type: "map_rows", which }),
        },
        "Map these rows",
      ),
    ];
  }

  // A and B, and one button that says what it compares.
  grouped(groups, selection) {
    if (!groups || (!groups.a && !groups.b && !selection)) return [];
    const line = (which) => {
      const [group, name] = [groups[which], which.toUpperCase()];
      const keep = h(
        "button",
        {
          class: "small",
          disabled: !selection,
          title: `Keep the selection as group ${name} (${which === "a" ? 1 : 2})`,
          onclick: () => this.send({ type: "store", which }),
        },
        group ? "replace" : "keep selection",
      );
      if (!group) {
        return h(
          "div",
          { class: "group" },
          h("i", { class: `swatch ${which}` }),
          h("b", {}, name),
          h("span", { class: "note words" }, which === "a" ? "the selection" : "the rest"),
          keep,
        );
      }
      return h(
        "div",
        { class: "group", title: group.moved },
        h("i", { class: `swatch ${which}` }),
        h("b", {}, name),
        h("b", { class: "count" }, formatCount(group.count)),
        h("input", {
          type: "text",
          class: "named",
          value: group.name,
          "aria-label": `Name of group ${name}`,
          onchange: (event) => this.send({ type: "name", which, name: event.target.value }),
        }),
        keep,
        h(
          "button",
          {
            "aria-label": `Let go of group ${name}`,
            onclick: () => this.send({ type: "forget", which }),
          },
          "×",
        ),
        group.moved ? h("p", { class: "note moved" }, group.moved) : "",
      );
    };
    return [
      h("h2", { class: "minor" }, "Groups"),
      line("a"),
      line("b"),
      h(
        "button",
        {
          class: "primary compare",
          disabled: !groups.compare,
          title: groups.why_not,
          onclick: () => this.send({ type: "compare" }),
        },
        groups.compare || "Compare",
      ),
      ...(groups.notes || []).map((text) => h("p", { class: "note" }, text)),
    ];
  }

  title(strip) {
    return h(
      "h3",
      {},
      h(
        "span",
        { class: "words", "data-name": strip.column, title: strip.column },
        strip.label,
        h(
          "span",
          { class: "plain" },
          strip.unit ? ` ${strip.unit}` : "",
          strip.how ? ` ${strip.how}` : "",
        ),
      ),
      strip.some_off
        ? h(
            "button",
            {
              class: "small",
              title: "Show all levels",
              "data-key": `all ${strip.column}`,
              onclick: () => this.send({ type: "all", column: strip.column }),
            },
            "all",
          )
        : null,
      h(
        "button",
        {
          class: "take",
          title: "take this strip away",
          "aria-label": `Take the strip ${strip.label} away`,
          onclick: () => this.send({ type: "remove_strip", column: strip.column }),
        },
        "×",
      ),
    );
  }

  levels(strip) {
    const most = Math.max(...strip.levels.map((level) => level.shown), 1);
    const counted = strip.levels.map((level) =>
      formatCount(strip.selecting ? level.selected : level.shown),
    );
    const width = Math.max(...counted.map((text) => text.length), 3);
    return h(
      "section",
      {},
      this.title(strip),
      h(
        "div",
        {
          class: strip.unfolded ? "bars unfolded" : "bars",
          role: "group",
          "aria-label": strip.label,
          "data-key": `bars ${strip.column}`,
          style: `--count:${width}ch`,
        },
        ...strip.levels.map((level, index) => this.level(strip, level, counted[index], most)),
        strip.beyond ? h("div", { class: "note" }, strip.beyond) : null,
      ),
      strip.fold
        ? h(
            "button",
            {
              class: "small note",
              "aria-expanded": String(strip.unfolded),
              "data-key": `fold ${strip.column}`,
              onclick: () => this.send({ type: "unfold", column: strip.column }),
            },
            strip.fold,
          )
        : null,
    );
  }

  level(strip, level, count, most) {
    const key = `${strip.column} ${level.value === null ? "" : `=${level.value}`}`;
    return h(
      "div",
      { class: level.on ? "bar" : "bar off" },
      h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          checked: level.on,
          "data-key": `on ${key}`,
          onchange: (event) =>
            this.send({
              type: "levels",
              column: strip.column,
              level: level.value,
              on: event.target.checked,
            }),
        }),
        h("span", { class: "name", title: level.label }, level.label),
        h(
          "span",
          { class: "track" },
          h("i", { class: "all", style: `width:${(100 * level.shown) / most}%` }),
          h("i", { class: "in", style: `width:${(100 * level.selected) / most}%` }),
        ),
        h("span", { class: "count" }, count),
      ),
      h(
        "button",
        {
          class: "only",
          "aria-label": `Only ${level.label}`,
          title: "Keep this level alone",
          "data-key": `only ${key}`,
          onclick: () => this.send({ type: "only", column: strip.column, level: level.value }),
        },
        "only",
      ),
    );
  }

  histogram(strip) {
    const most = Math.max(...strip.shown, 1);
    const bars = h(
      "div",
      {
        class: "histogram",
        title:
          "Drag to keep a range; ← → move its lower end, Shift+← → its upper end, Esc clears it",
        tabIndex: 0,
        role: "group",
        "data-key": `range ${strip.column}`,
        "aria-label": `${strip.label}: histogram from ${strip.low} to ${strip.high}, ${strip.range ? `range ${strip.range}` : "no range"}`,
      },
      ...strip.shown.map((count, index) =>
        h(
          "span",
          {},
          h("i", { class: "all", style: `height:${(100 * count) / most}%` }),
          h("i", { class: "in", style: `height:${(100 * strip.selected[index]) / most}%` }),
        ),
      ),
    );
    const brush = h("div", { class: "brush" });
    bars.append(brush);
    this.brush(bars, brush, strip);
    return h(
      "section",
      {},
      this.title(strip),
      bars,
      h(
        "div",
        { class: "ends" },
        h("span", {}, strip.low),
        strip.range ? h("span", { class: "range" }, strip.range) : null,
        h("span", {}, strip.high),
      ),
      strip.outside ? h("div", { class: "note", title: strip.where }, strip.outside) : null,
    );
  }

  brush(bars, brush, strip) {
    const share = (event) => {
      const box = bars.getBoundingClientRect();
      return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    };
    const place = (a, b) => {
      brush.hidden = false;
      brush.style.left = `${100 * Math.min(a, b)}%`;
      brush.style.width = `${100 * Math.abs(b - a)}%`;
    };
    const [first, last] = [strip.edges[0], strip.edges[strip.edges.length - 1]];
    const shares = (ends) =>
      ends.map((value) => Math.min(Math.max((value - first) / (last - first), 0), 1));
    const held = this.moved.get(strip.column)?.map((bin) => strip.edges[bin]) || strip.brushed;
    brush.hidden = !held;
    if (held) place(...shares(held));
    bars.addEventListener("keydown", (event) => {
      const ends = this.rangeKey(event, strip);
      if (ends) place(...shares(ends.map((bin) => strip.edges[bin])));
    });
    /** @type {number | null} */
    let from = null;
    const valueAt = (fraction) => first + fraction * (last - first);
    /** @type {(to: number, start?: number) => [number, number] | null} */
    const range = (to, start = from ?? to) =>
      Math.abs(to - start) < 0.01
        ? null
        : [valueAt(Math.min(start, to)), valueAt(Math.max(start, to))];
    bars.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      from = share(event);
      bars.setPointerCapture(event.pointerId);
      this.held = { column: strip.column, node: bars.parentNode };
      place(from, from);
    });
    // everything else follows while the hand moves; all of it is one step to undo
    bars.addEventListener("pointermove", (event) => {
      if (from === null) return;
      place(from, share(event));
      const ends = range(share(event));
      if (ends) this.ranges.offer({ type: "range", column: strip.column, ends });
    });
    const end = (ends) => {
      from = this.held = null;
      this.ranges.drop();
      this.send({ type: "range", column: strip.column, ends });
    };
    bars.addEventListener("pointerup", (event) => {
      if (from !== null) end(range(share(event)));
    });
    bars.addEventListener("pointercancel", () => {
      if (from !== null) end(strip.brushed);
    });
  }

  // Moves an end by one bin and returns both as numbers of edges; sent when the keys rest, as one
  // step to undo.
  rangeKey(event, strip) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key !== "Escape" && (!step || event.ctrlKey || event.metaKey || event.altKey)) {
      return null;
    }
    // the map and the selection have these keys too
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(this.resting);
    const bins = strip.edges.length - 1;
    if (event.key === "Escape") {
      this.moved.delete(strip.column);
      this.send({ type: "range", column: strip.column, ends: null });
      return null;
    }
    const nearest = (value) =>
      strip.edges.reduce(
        (best, edge, bin) =>
          Math.abs(edge - value) < Math.abs(strip.edges[best] - value) ? bin : best,
        0,
      );
    const [low, high] =
      this.moved.get(strip.column) || (strip.brushed ? strip.brushed.map(nearest) : [0, bins]);
    const ends = event.shiftKey
      ? [low, Math.min(Math.max(high + step, low + 1), bins)]
      : [Math.max(Math.min(low + step, high - 1), 0), high];
    this.moved.set(strip.column, ends);
    this.resting = setTimeout(() => this.sendMoved(strip), 200);
    return ends;
  }

  sendMoved(strip) {
    const [low, high] = this.moved.get(strip.column);
    this.moved.delete(strip.column);
    const all = low === 0 && high === strip.edges.length - 1;
    this.send({
      type: "range",
      column: strip.column,
      ends: all ? null : [strip.edges[low], strip.edges[high]],
    });
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new RowsPanel(model, el, lifetimeOf({ model, view }));
}
