// The rows on the left: how many are shown, what hides them, what is selected, and who they are.

import { _ } from "../core/gettext.js";
import { isolatedQuotes } from "../core/text_direction.js";
import { childrenOf, findAll, focusedIn, h, saveFile, saveTitle } from "../ui/dom.js";
import { fillOptions } from "../ui/forms/choices.js";
import { howComputed } from "../ui/how_computed.js";
import { modeOf } from "../ui/keys.js";
import { lifetimeOf } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { StripBars } from "../ui/plots/strip_bars.js";
import { RowLabels } from "./labels_card.js";
import { RowFind } from "./row_find.js";
import { SavedRows } from "./saved_rows.js";
import { unavailable } from "../ui/forms/unavailable.js";

/**
 * @typedef {import("../ui/types/messages.js").RowsPanelParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RowsPanelMessage} Message
 */

class RowsPanel {
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
      "aria-label": _("Filter expression, as in the WHERE part of SQL"),
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
    this.offered = h("div", { class: "offered", role: "listbox", "aria-label": _("Columns") });
    this.uses = h(
      "div",
      { class: "uses" },
      h(
        "button",
        {
          class: "small",
          title: _("Show only the rows that meet this (Enter)"),
          onclick: () => this.use("filter", "replace"),
        },
        _("filter"),
      ),
      h(
        "button",
        {
          class: "small",
          title: _(
            "Select the rows that meet this (Ctrl+Enter); with Shift they are added, with Alt removed, with both what is in both stays",
          ),
          onclick: (event) => this.use("select", modeOf(event)),
        },
        _("select"),
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
        title: _("Save the selected rows under a name, for everybody who uses this table"),
        onclick: () => {
          this.labels.form.toggle(false);
          this.saved.form.toggle(true);
        },
      },
      _("Save as…"),
    );
    this.exported = h("div", { class: "note", role: "status" });
    this.labels = new RowLabels((message) => this.send(message));
    this.naming = h(
      "button",
      {
        title: _(
          "Label the selected rows: a level of a label column, for everybody who uses this table",
        ),
        onclick: () => {
          this.saved.form.toggle(false);
          this.labels.form.toggle(true);
        },
      },
      _("Label…"),
    );
    this.strips = h("div");
    this.more = h("select", {
      class: "more",
      "aria-label": _("Add a strip"),
      onchange: (event) => {
        if (event.target.value) this.send({ type: "add_strip", column: event.target.value });
      },
    });
    this.bars = new StripBars((message) => this.send(message));
    this.used = 0; // how often an expression was taken
    this.notes = h("section");
    this.mapShown = h("span");
    root.append(
      h(
        "div",
        { class: "rows" },
        h(
          "section",
          { class: "head" },
          h("strong", {}, _("Rows")),
          this.count,
          this.mapShown,
          this.find.root,
        ),
        h(
          "section",
          {},
          h("h2", { class: "minor" }, _("Filters")),
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
        h("section", { class: "add" }, this.more, howComputed("charts", _("the strips"))),
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
    this.bars.done();
    const example = this.model.columns.example;
    this.count.textContent = rows.count || "";
    this.mapShown.replaceChildren(...this.mapping(rows.map, "shown"));
    this.entry.placeholder = example
      ? _("{example} and …", { example })
      : _("a condition on the columns");
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
              h("summary", {}, _("Notes on this table ({count})", { count: rows.warnings.length })),
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
    this.strips.replaceChildren(
      ...strips.map((strip) => this.bars.draw(strip, () => this.title(strip))),
    );
    for (const node of keyed()) {
      node.scrollTop = tops.get(node.dataset.key) || 0;
      if (node.dataset.key === focused) node.focus({ preventScroll: true });
    }
    const present = new Set(strips.map((strip) => strip.column));
    const available = (this.model.columns.strips || []).filter(([name]) => !present.has(name));
    fillOptions(
      this.more,
      [[null, available]],
      "",
      available.length ? _("+ strip") : _("no other column for a strip"),
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
          title: filter.on ? _("Switch this filter off") : _("Switch this filter on"),
          "aria-pressed": String(filter.on),
          onclick: () => this.send({ type: "switch", name: filter.id, on: !filter.on }),
        },
        isolatedQuotes(filter.text),
      ),
      h(
        "button",
        {
          "aria-label": _("Remove this filter"),
          onclick: () => this.send({ type: "unfilter", name: filter.id }),
        },
        "×",
      ),
    );
  }

  selected(selection) {
    if (!selection) {
      return [
        h("h2", { class: "minor" }, _("Selection")),
        h(
          "p",
          { class: "note" },
          _(
            "None. Choose Box or Lasso on the map and drag; Shift adds, Alt removes, Shift+Alt keeps what is in both, Esc clears.",
          ),
        ),
      ];
    }
    return [
      h("h2", { class: "minor" }, _("Selection")),
      h(
        "div",
        { class: "picked" },
        h("strong", { class: "number" }, formatCount(selection.count)),
        h("span", {}, isolatedQuotes(selection.words)),
      ),
      h(
        "div",
        { class: "actions" },
        h(
          "button",
          {
            title: _("Turn the selection into a filter"),
            onclick: () => this.send({ type: "keep" }),
          },
          _("Keep only"),
        ),
        h(
          "button",
          {
            title: _("Select the rows that are not selected (I)"),
            onclick: () => this.send({ type: "invert" }),
          },
          _("Invert"),
        ),
        h(
          "button",
          { title: _("Clear the selection (Esc)"), onclick: () => this.send({ type: "clear" }) },
          _("Clear"),
        ),
        this.saving,
        this.naming,
        h(
          "button",
          {
            title: _("See the selected rows as a table"),
            onclick: () => this.send({ type: "table" }),
          },
          _("Table"),
        ),
        ...this.mapping(selection.map, "selected"),
      ),
      selection.map.why_not ? h("p", { class: "note" }, selection.map.why_not) : "",
      h(
        "div",
        { class: "uses note" },
        _("save rows:"),
        ...[
          ["csv", "CSV"],
          ["parquet", "Parquet"],
        ].map(([form, name]) =>
          h(
            "button",
            {
              class: "small",
              title: saveTitle(
                form,
                _("A file of the selected rows: {size}", { size: selection.size }),
              ),
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
          ...unavailable(offer.why_not, offer.title),
          onclick: () => this.send({ type: "map_rows", which }),
        },
        _("Map these rows"),
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
          ...unavailable(
            !selection && _("Select some rows first: with Box or Lasso, or by a condition"),
            _("Keep the selection as group {name} ({value})", {
              name,
              value: which === "a" ? 1 : 2,
            }),
          ),
          onclick: () => this.send({ type: "store", which }),
        },
        group ? _("replace") : _("keep selection"),
      );
      if (!group) {
        return h(
          "div",
          { class: "group" },
          h("i", { class: `swatch ${which}` }),
          h("b", {}, name),
          h("span", { class: "note words" }, which === "a" ? _("the selection") : _("the rest")),
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
          "aria-label": _("Name of group {name}", { name }),
          onchange: (event) => this.send({ type: "name", which, name: event.target.value }),
        }),
        keep,
        h(
          "button",
          {
            class: "sign",
            "aria-label": _("Clear group {name}", { name }),
            onclick: () => this.send({ type: "forget", which }),
          },
          "×",
        ),
        group.moved ? h("p", { class: "note moved" }, group.moved) : "",
      );
    };
    return [
      h("h2", { class: "minor" }, _("Groups")),
      line("a"),
      line("b"),
      h(
        "button",
        {
          class: "primary compare",
          ...unavailable(!groups.compare && groups.why_not),
          onclick: () => this.send({ type: "compare" }),
        },
        groups.compare || _("Compare"),
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
        { class: "words", dir: "auto", "data-name": strip.column, title: strip.column },
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
              title: _("Show all levels"),
              "data-key": `all ${strip.column}`,
              onclick: () => this.send({ type: "all", column: strip.column }),
            },
            _("all"),
          )
        : null,
      h(
        "button",
        {
          class: "take",
          title: _("remove this strip"),
          "aria-label": _("Remove the strip {label}", { label: strip.label }),
          onclick: () => this.send({ type: "remove_strip", column: strip.column }),
        },
        "×",
      ),
    );
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new RowsPanel(model, el, lifetimeOf({ model, view }));
}
