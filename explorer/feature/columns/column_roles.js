// What the columns are: a dialog with the role of every column. The browser holds all columns, and
// draws those in sight.

import { _, ngettext } from "../../core/gettext.js";
import { childrenOf, findAll, findFirst, focusedIn, h, openDialog } from "../../ui/dom.js";
import { howComputed } from "../../ui/how_computed.js";
import { lifetimeOf } from "../../ui/lifetime.js";
import { WindowedList } from "../../ui/lists/windowed_list.js";
import { formatCount } from "../../ui/number_format.js";
import { groupedColumns, matchingColumns } from "./column_groups.js";
import { setUnavailable } from "../../ui/forms/unavailable.js";

const PHONE = "(max-width: 700px)"; // as in the style sheet
const ROW = 34; // heights in CSS pixels, fixed so that the place of any row is arithmetic
const PHONE_ROW = 84;
const NAMES_ANOTHER = new Set(["prediction", "duplicate"]);

/**
 * @typedef {import("../../ui/types/messages.js").ColumnRolesParameters} Parameters
 * @typedef {import("../../ui/types/messages.js").ColumnRolesMessage} Message
 * @typedef {import("../../ui/types/messages.js").ColumnRolesEvent} ServerEvent
 * @typedef {import("./column_groups.js").Column} Column
 * @typedef {import("./column_groups.js").Line} Line
 */

export class ColumnRoles {
  /**
   * @param {import("../../ui/types/page.js").Model<Parameters, Message, ServerEvent>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    /** @type {Column[]} */
    this.columns = [];
    /** @type {Record<string, string>} */
    this.examples = {};
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Set<string>} */
    this.opened = new Set(); // lines of blocks
    this.total = 0;
    this.arranged = false;
    /** @type {string | null} */
    this.chosen = null;
    this.shown = { start: 0, lines: /** @type {Line[]} */ ([]), total: 0, of: 0 };
    this.labels = Object.fromEntries(model.roles.map(([key, label]) => [key, label]));
    this.explanations = Object.fromEntries(model.roles.map(([key, , text]) => [key, text]));
    this.summary = h("p", { class: "summary" });
    this.confirm = this.button(_("Confirm all"), "confirm", "primary");
    this.numbers = this.button("", "numbers", "plain");
    this.undo = this.button(_("Undo"), "undo", "plain");
    this.undo.title = _("Undo the last change");
    this.role = h("select", {
      "aria-label": _("Show columns of a role"),
      onchange: () => this.find(),
    });
    this.bulk = h("select", {
      "aria-label": _("Change the role of all columns shown"),
      onchange: () => this.changeShown(),
    });
    this.list = this.makeList(lifetime);
    this.none = h("p", { class: "note none" });
    this.message = h("p", { class: "note message", role: "status" });
    this.project = this.button(_("Make the map"), "project", "plain");
    this.dialog = h(
      "dialog",
      { class: "columns-dialog", "aria-labelledby": "columns-title" },
      h(
        "div",
        { class: "title" },
        h("h2", { id: "columns-title" }, _("What the columns are")),
        howComputed("roles", _("the roles")),
      ),
      this.summary,
      h(
        "div",
        { class: "bar" },
        this.list.search,
        this.role,
        this.list.count,
        this.bulk,
        h("span", { class: "fill" }),
        this.numbers,
        this.undo,
        this.confirm,
      ),
      this.list.node,
      this.none,
      h(
        "div",
        { class: "bar" },
        this.message,
        h("span", { class: "fill" }),
        this.project,
        h("button", { class: "plain", onclick: () => this.dialog.close() }, _("Close")),
      ),
    );
    root.append(this.dialog);
    const phone = window.matchMedia(PHONE);
    const fit = () => {
      this.list.options.rowHeight = phone.matches ? PHONE_ROW : ROW;
      this.list.ask(true);
    };
    phone.addEventListener("change", fit, { signal: lifetime });
    fit();
    model.on("summary", () => this.show());
    model.on("status", () => this.show());
    model.on("msg:custom", (event) => this.receive(event.data || event));
    document.addEventListener("explorer:columns", () => this.open(), { signal: lifetime });
    this.show();
  }

  /**
   * @param {string} text
   * @param {"confirm" | "numbers" | "undo" | "project"} type
   * @param {string} style
   */
  button(text, type, style) {
    return h("button", { class: style, onclick: () => this.send({ type }) }, text);
  }

  /** @param {AbortSignal} lifetime */
  makeList(lifetime) {
    return new WindowedList({
      lifetime,
      one: _("a column"),
      many: _("columns"),
      rowHeight: ROW,
      headClass: "head",
      sorting: {},
      sortingOf: () => ({}),
      shown: () => this.shown,
      ask: ({ start, stop }) => this.take(start, stop),
      restarted: () => this.arrange(),
      attributes: { role: "grid", onkeydown: (event) => this.walk(event) },
    });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  open() {
    if (this.dialog.open) return;
    this.arranged = false;
    openDialog(this.dialog);
    this.send({ type: "open" });
    this.list.search.focus();
  }

  /** @param {ServerEvent} event */
  receive(event) {
    if (event.type !== "columns") return;
    const places = new Map(this.columns.map(({ name, group }) => [name, group]));
    this.columns = event.columns;
    if (event.examples) this.examples = event.examples;
    // a column whose role was changed stays where it is until the dialog is opened again
    for (const column of this.columns) {
      column.group = (this.arranged && places.get(column.name)) || column.role;
    }
    this.arranged = true;
    this.arrange();
    this.list.ask(true);
    this.show();
  }

  find() {
    this.list.restart();
  }

  arrange() {
    const found = matchingColumns(this.columns, this.list.search.value, this.role.value);
    this.total = found.length;
    this.found = found;
    this.lines = groupedColumns(found, this.labels, this.opened);
    this.none.textContent =
      found.length || !this.columns.length ? "" : _("No column has this name, value or role.");
    const narrowed = Boolean(this.list.search.value.trim() || this.role.value);
    this.bulk.hidden = !narrowed || !found.length;
    this.bulk.replaceChildren(
      h(
        "option",
        { value: "" },
        _("Change these {count} to …", { count: formatCount(found.length) }),
      ),
      ...this.options(),
      h("option", { value: "guess" }, _("guessed again")),
    );
  }

  /**
   * @param {number} start
   * @param {number} stop
   */
  take(start, stop) {
    const lines = this.lines.slice(start, stop);
    this.shown = { start, lines, total: this.lines.length, of: this.lines.length };
    const focused = focusedIn(this.list.node)?.dataset?.key;
    this.list.show((line, place) => {
      const node = this.row(line, place);
      this.mark(node);
      return node;
    });
    this.list.count.textContent =
      this.total === this.columns.length
        ? ""
        : _("{total} of {count}", {
            total: formatCount(this.total),
            count: formatCount(this.columns.length),
          });
    this.list.node.setAttribute("aria-rowcount", String(this.lines.length));
    if (focused) {
      findFirst(this.list.node, `[data-key="${CSS.escape(focused)}"]`)?.focus({
        preventScroll: true,
      });
    }
  }

  options() {
    return this.model.roles.map(([key, label, explanation]) =>
      h("option", { value: key, title: explanation }, label),
    );
  }

  /**
   * @param {Line} line
   * @param {number} place
   */
  row(line, place) {
    const attributes = {
      role: "row",
      id: `column-${place}`,
      style: this.list.style(place),
      "aria-rowindex": String(place + 1),
      "data-line": line.key,
    };
    if (line.members) return this.blockRow(line, line.members, attributes);
    if (!line.column) {
      return h(
        "div",
        { ...attributes, class: "heading" },
        h("span", { role: "rowheader", title: this.explanations[line.role] }, line.text),
      );
    }
    const { column } = line;
    return h(
      "div",
      {
        ...attributes,
        class: "column",
        onclick: () => this.choose(line.key),
      },
      h(
        "span",
        { class: "name", role: "rowheader", title: column.name },
        column.label,
        column.label === column.name ? null : h("code", {}, column.name),
      ),
      h("span", { class: "role", role: "gridcell" }, this.picker(column), this.of(column)),
      h(
        "span",
        {
          class: "state",
          role: "gridcell",
          title: column.given ? _("Given by a person") : _("A guess"),
        },
        column.given ? _("✓ given") : _("guess"),
      ),
      h("span", { class: "reason", role: "gridcell", title: column.reason }, column.reason),
      h(
        "span",
        { class: "examples", role: "gridcell", title: this.examples[column.name] },
        this.examples[column.name] || "",
      ),
    );
  }

  /**
   * All columns of a family that are found; its role is given to all of them.
   *
   * @param {Line} line
   * @param {Column[]} members
   * @param {object} attributes
   */
  blockRow(line, members, attributes) {
    const [first] = members;
    const given = members.filter((column) => column.given).length;
    const role = members.every((column) => column.role === first.role) ? first.role : line.role;
    return h(
      "div",
      { ...attributes, class: "column block", onclick: () => this.choose(line.key) },
      h(
        "span",
        { class: "name", role: "rowheader", title: line.text },
        h(
          "button",
          {
            tabIndex: -1,
            "aria-expanded": String(line.open),
            "aria-label": _("Columns of {name}", { name: line.text }),
            "data-key": `open ${line.key}`,
            onclick: () => this.toggle(line.key),
          },
          line.open ? "▾" : "▸",
        ),
        h("span", {}, ` ${line.text}`),
      ),
      h(
        "span",
        { class: "role", role: "gridcell" },
        this.rolePicker(line.text, line.key, role, members, given > 0),
      ),
      h(
        "span",
        { class: "state", role: "gridcell" },
        given === members.length
          ? _("✓ given")
          : given
            ? _("{given} of {count} given", { given, count: members.length })
            : _("guess"),
      ),
      h(
        "span",
        { class: "reason", role: "gridcell" },
        ngettext("{count} column", "{count} columns", members.length, {
          count: formatCount(members.length),
        }),
      ),
      h("span", { class: "examples", role: "gridcell" }, this.examples[first.name] || ""),
    );
  }

  /** @param {string} key */
  toggle(key) {
    if (!this.opened.delete(key)) this.opened.add(key);
    this.arrange();
    this.list.ask(true);
  }

  /**
   * @param {Column} column
   */
  picker(column) {
    return this.rolePicker(column.label, column.name, column.role, [column], column.given);
  }

  /**
   * @param {string | undefined} label
   * @param {string} key
   * @param {string} current role
   * @param {Column[]} columns that are given the role
   * @param {boolean} given whether a person gave one
   */
  rolePicker(label, key, current, columns, given) {
    const select = h(
      "select",
      {
        "aria-label": _("Role of {label}", { label }),
        title: this.explanations[current],
        "data-key": `role ${key}`,
        onkeydown: (event) => this.leave(event),
        onchange: ({ target }) => {
          const role = target.value === "guess" ? "" : target.value;
          const names = columns.map(({ name }) => name);
          this.send({ type: "role", names, role, of: this.only(role) });
        },
      },
      ...this.options(),
      given ? h("option", { value: "guess" }, _("guess again")) : null,
    );
    select.value = current;
    return select;
  }

  /**
   * Of what a prediction is: chosen where there is a choice.
   *
   * @param {Column} column
   */
  of(column) {
    const targets = this.columns.filter(({ role }) => role === "target");
    if (column.role !== "prediction" || !targets.length) {
      return NAMES_ANOTHER.has(column.role) && column.of
        ? h("span", { class: "note" }, ` ${_("of {label}", { label: this.labelOf(column.of) })}`)
        : null;
    }
    const select = h(
      "select",
      {
        "aria-label": _("What {label} predicts", { label: column.label }),
        "data-key": `of ${column.name}`,
        onkeydown: (event) => this.leave(event),
        onchange: ({ target }) =>
          this.send({ type: "role", names: [column.name], role: "prediction", of: target.value }),
      },
      h("option", { value: "" }, _("of …")),
      ...targets.map(({ name, label }) => h("option", { value: name }, _("of {label}", { label }))),
    );
    select.value = targets.some(({ name }) => name === column.of) ? column.of : "";
    return select;
  }

  /** @param {string} name */
  labelOf(name) {
    return this.columns.find((column) => column.name === name)?.label ?? name;
  }

  /**
   * The only target, which is what a prediction predicts.
   *
   * @param {string} role
   */
  only(role) {
    const targets = this.columns.filter((column) => column.role === "target");
    return role === "prediction" && targets.length === 1 ? targets[0].name : "";
  }

  changeShown() {
    const role = this.bulk.value === "guess" ? "" : this.bulk.value;
    const names = (this.found || []).map(({ name }) => name);
    this.bulk.value = "";
    this.send({ type: "role", names, role, of: this.only(role) });
  }

  /** @param {string} key */
  choose(key) {
    if (key === this.chosen) return;
    this.chosen = key;
    // the rows stay the same ones: a list of choices that is being opened must not go
    for (const node of childrenOf(this.list.inner)) this.mark(node);
  }

  /** @param {HTMLElement} node */
  mark(node) {
    const current = node.dataset.line === this.chosen;
    if (current) this.list.node.setAttribute("aria-activedescendant", node.id);
    node.classList.toggle("current", current);
    node.setAttribute("aria-selected", String(current));
    for (const field of findAll(node, "select, button")) field.tabIndex = current ? 0 : -1;
  }

  // Arrows walk the rows, → and ← open and close a block, Enter goes to the role of one. The keys
  // of a list sleep in a dialog.
  /** @param {KeyboardEvent} event */
  walk(event) {
    if (focusedIn(this.list.node) !== this.list.node) return;
    const line = this.lines.find(({ key }) => key === this.chosen);
    const turn = { ArrowRight: true, ArrowLeft: false }[event.key];
    if (line?.members && turn !== undefined) {
      if (Boolean(line.open) !== turn) this.toggle(line.key);
    } else if (event.key === "Enter" && this.chosen) {
      findFirst(this.list.node, `[data-key="${CSS.escape(`role ${this.chosen}`)}"]`)?.focus();
    } else {
      const at = this.lines.findIndex(({ key }) => key === this.chosen);
      const last = this.lines.length - 1;
      /** @type {Record<string, number>} */
      const places = {
        ArrowDown: at + 1,
        ArrowUp: at - 1,
        PageDown: at + 10,
        PageUp: at - 10,
        Home: 0,
        End: last,
      };
      const to = Math.max(0, Math.min(places[event.key], last));
      if (Number.isNaN(to) || last < 0) return;
      this.list.reveal(to);
      this.list.ask(true);
      this.choose(this.lines[to].key);
    }
    event.preventDefault();
  }

  // And back to the rows: the arrows of a list of choices are its own.
  /** @param {KeyboardEvent} event */
  leave(event) {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.list.node.focus();
  }

  show() {
    const { text, guessed, texts } = this.model.summary;
    const status = this.model.status;
    this.summary.textContent = `${text}. ${
      guessed
        ? _("Change what is wrong. Targets, predictions and identifiers stay out of the map.")
        : _("All roles are given.")
    }`;
    this.confirm.textContent = guessed
      ? _("Confirm all {guessed}", { guessed: formatCount(guessed) })
      : _("All confirmed");
    setUnavailable(
      this.confirm,
      !guessed && _("No role is guessed any more"),
      texts
        ? _("Keep every guess as given; numbers in text are then read as numbers")
        : _("Keep every guess as given, with your name"),
    );
    this.numbers.hidden = !texts;
    this.numbers.textContent = ngettext(
      "Read {count} text as numbers",
      "Read {count} texts as numbers",
      texts || 0,
      {
        count: formatCount(texts || 0),
      },
    );
    setUnavailable(this.undo, !status.can_undo && _("No role was changed here yet"));
    this.message.textContent = status.error
      ? _("Not changed: {error}", { error: status.error })
      : status.message || "";
    this.message.classList.toggle("fault", Boolean(status.error));
    this.project.hidden = !status.changed;
    this.project.title = _("Make the map of the ticked features");
    const present = new Set(this.columns.map(({ role }) => role));
    const role = this.role.value;
    this.role.replaceChildren(
      h("option", { value: "" }, _("all roles")),
      h("option", { value: "guessed" }, _("not confirmed")),
      ...this.model.roles
        .filter(([key]) => present.has(key))
        .map(([key, label]) => h("option", { value: key }, label)),
    );
    this.role.value = role;
    if (this.role.value !== role) this.role.value = "";
  }
}

/**
 * @param {import("../../ui/types/page.js").Rendered<Parameters, Message, ServerEvent>} component
 */
export function render({ model, view, el }) {
  new ColumnRoles(model, el, lifetimeOf({ model, view }));
}
