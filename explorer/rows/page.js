// The rows as a table: a page that just fits, sorted by a click on a head, walked with the arrow
// keys.

import { _ } from "../core/gettext.js";
import { introduce } from "../ui/bokeh.js";
import { childrenOf, findAll, focusedIn, h, saveFile, saveTitle } from "../ui/dom.js";
import { latestWins } from "../ui/latest_wins.js";
import { lifetimeOf, observeFor } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { setUnavailable } from "../ui/forms/unavailable.js";

const LINE = 22; // CSS pixels of a row
const LEAST_ROWS = 5;
const MOST_OFFERED = 12;

/**
 * @typedef {import("../ui/types/messages.js").RowsPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RowsPageMessage} Message
 */

class RowsPage {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.root = root;
    this.cursor = 0;
    this.requests = latestWins(/** @param {Message} message */ (message) => this.send(message));
    this.words = h("strong", {});
    this.order = h("span", { class: "note order" });
    this.busy = h("span", { class: "note", role: "status" });
    this.exported = h("span", { class: "note", role: "status" });
    this.find = h("input", {
      type: "search",
      placeholder: _("Find or add a column"),
      "aria-label": _("Find or add a column"),
      autocomplete: "off",
      spellcheck: false,
      oninput: () => this.offer(),
      onfocus: () => this.offer(),
      onblur: () => this.offered.replaceChildren(),
      onkeydown: (event) => this.findKey(event),
    });
    this.offered = h("div", { class: "offered", role: "listbox", "aria-label": _("Columns") });
    this.plain = h(
      "button",
      {
        class: "small",
        title: _("Title, colour and the features of the map"),
        onclick: () => this.send({ type: "columns", names: null }),
      },
      _("default columns"),
    );
    this.invert = h(
      "button",
      {
        class: "small",
        title: _("List the rows that are not selected (I)"),
        onclick: () => this.send({ type: "invert" }),
      },
      _("invert"),
    );
    const save = (form, name) =>
      h(
        "button",
        {
          class: "pill",
          title: saveTitle(
            form,
            _("A file of all rows listed here, with all columns that have one value per row"),
          ),
          onclick: () => this.send({ type: "export", form }),
        },
        name,
      );
    this.head = h("thead");
    this.body = h("tbody");
    this.table = h("table", { role: "grid", "aria-label": _("Rows") }, this.head, this.body);
    this.scroll = h(
      "div",
      { class: "scroll", tabIndex: 0, onkeydown: (event) => this.key(event) },
      this.table,
    );
    this.empty = h("p", { class: "note empty" });
    const step = (sign, title, go) =>
      h("button", { class: "step", title, "aria-label": title, onclick: () => go() }, sign);
    this.steps = [
      step("«", _("First page (Ctrl+Home)"), () => this.go(0)),
      step("‹", _("Page before (PageUp)"), () => this.turn(-1)),
      step("›", _("Next page (PageDown)"), () => this.turn(1)),
      step("»", _("Last page (Ctrl+End)"), () => this.go(Infinity)),
    ];
    this.place = h("span", { class: "place" });
    this.jump = h("input", {
      type: "text",
      inputMode: "numeric",
      class: "jump",
      "aria-label": _("Go to this place in the list"),
      placeholder: _("go to"),
      onkeydown: (event) => this.jumpKey(event),
    });
    this.frame = h(
      "div",
      { class: "page", role: "region", "aria-label": _("Rows") },
      h(
        "div",
        { class: "line wraps" },
        this.words,
        this.order,
        this.busy,
        this.invert,
        this.plain,
        h("div", { class: "finder" }, this.find, this.offered),
      ),
      this.scroll,
      this.empty,
      h(
        "div",
        { class: "line foot" },
        this.steps[0],
        this.steps[1],
        this.place,
        this.steps[2],
        this.steps[3],
        this.jump,
        h("span", { class: "fill" }),
        this.exported,
        save("csv", _("CSV")),
        save("parquet", _("Parquet")),
      ),
    );
    root.append(this.frame);
    this.show();
    this.look();
    model.on("page", () => this.show());
    model.on("columns", () => this.showColumns());
    model.on("looked", () => this.look());
    model.on("saved", () => this.save(model.saved));
    observeFor(lifetime, new ResizeObserver(() => this.resize()), this.scroll);
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // As many rows as fit without scrolling: a page is what one sees.
  resize() {
    const room = this.scroll.clientHeight - (this.head.offsetHeight || LINE);
    if (room <= 0) return;
    const size = Math.max(Math.floor(room / LINE), LEAST_ROWS);
    if (size !== this.size) {
      this.size = size;
      this.ask(this.model.page.first || 0);
    }
  }

  ask(first) {
    this.wait("");
    this.requests.offer({ type: "page", first, size: this.size || 30 });
  }

  // What takes longer than a moment says so.
  wait(text) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.busy.textContent = text || _("reading …");
    }, 250);
  }

  go(first) {
    const { count, size } = this.model.page;
    const last = Math.max(Math.ceil(count / size) - 1, 0) * size;
    this.ask(Math.min(Math.max(first, 0), last));
  }

  turn(by) {
    const { first, size } = this.model.page;
    this.go(first + by * size);
  }

  show() {
    const { page } = this.model;
    if (!page.columns) return;
    this.requests.done();
    clearTimeout(this.waiting);
    this.busy.textContent = "";
    this.words.textContent = page.words;
    this.order.textContent = this.order.title = page.order;
    this.invert.hidden = !page.selected;
    const inside = this.scroll.contains(focusedIn(this.root));
    const head = focusedIn(this.root)?.dataset?.key;
    this.head.replaceChildren(
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "col", class: "row" },
          h(
            "button",
            {
              class: "sort",
              title: _("In the order of the table"),
              onclick: () => this.sort(null),
            },
            _("row"),
          ),
        ),
        ...page.columns.map((column) => this.column(column)),
      ),
    );
    this.body.replaceChildren(...page.rows.map((row, index) => this.row(row, index, page)));
    this.keepTitle(page);
    this.empty.textContent = page.error || (page.count ? "" : _("No row to list."));
    this.empty.classList.toggle("fault", Boolean(page.error));
    const last = Math.min(page.first + page.size, page.count);
    this.place.textContent = page.count
      ? _("{first} – {last} of {count}", {
          first: formatCount(page.first + 1),
          last: formatCount(last),
          count: formatCount(page.count),
        })
      : "";
    this.steps.forEach((button, index) => {
      const why =
        index < 2
          ? page.first === 0 && _("This is the first page")
          : last >= page.count && _("This is the last page");
      setUnavailable(button, why, button.getAttribute("aria-label") ?? "");
    });
    this.cursor =
      this.wanted === "last"
        ? page.rows.length - 1
        : this.wanted === "first"
          ? 0
          : Math.min(this.cursor, Math.max(page.rows.length - 1, 0));
    this.wanted = null;
    this.look();
    if (head) {
      findAll(this.head, "[data-key]")
        .find((node) => node.dataset.key === head)
        ?.focus({ preventScroll: true });
    } else if (inside) this.focus();
    this.showColumns();
    if (this.coming) this.reveal(this.coming);
  }

  // Titles stay in view beside the numbers of the rows, however far a wide table is scrolled.
  /** @param {any} page */
  keepTitle(page) {
    const first = page.columns.length && page.columns[0].name === this.model.columns.title;
    const number = /** @type {HTMLElement} */ (this.head.querySelector("th.row"));
    this.table.classList.toggle("titled", Boolean(first));
    this.table.style.setProperty("--title-left", `${number.getBoundingClientRect().width - 14}px`);
  }

  column(column) {
    const arrow = { ascending: "▲ ", descending: "▼ " }[column.sorted] || "";
    const name = [
      arrow,
      column.label,
      column.unit ? h("span", { class: "unit" }, ` ${column.unit}`) : "",
    ];
    return h(
      "th",
      {
        scope: "col",
        class: column.number ? "number" : "",
        "aria-sort": column.sorted || "none",
        "data-name": column.name,
        title: [column.label, column.name === column.label ? "" : column.name, column.about]
          .filter(Boolean)
          .join("\n"),
      },
      column.sorts
        ? h(
            "button",
            {
              class: "sort",
              "data-key": `sort ${column.name}`,
              onclick: () => this.sort(column.name),
            },
            ...name,
          )
        : h("span", { class: "sort" }, ...name),
      h(
        "span",
        { class: "more" },
        h(
          "button",
          {
            class: "take",
            title: _("Look at {label}", { label: column.label }),
            "aria-label": _("Look at {label}", { label: column.label }),
            onclick: () => this.send({ type: "feature", name: column.name }),
          },
          "↗",
        ),
        h(
          "button",
          {
            class: "take",
            title: _("Remove {label} from the table", { label: column.label }),
            "aria-label": _("Remove {label} from the table", { label: column.label }),
            onclick: () =>
              this.list(this.model.columns.listed.filter((listed) => listed !== column.name)),
          },
          "×",
        ),
      ),
    );
  }

  /** @type {(row: any, index: number, page: any) => HTMLElement} */
  row(row, index, page) {
    const cell = (text, k) =>
      h(
        "td",
        {
          role: "gridcell",
          class: [page.columns[k].number ? "number" : "", text === null ? "missing" : ""]
            .join(" ")
            .trim(),
          title: text === null ? _("missing") : text.length > 24 ? text : null,
        },
        text === null ? "–" : text,
      );
    return h(
      "tr",
      {
        tabIndex: -1,
        "data-row": row.row,
        title: _("Look at this row (Enter)"),
        onclick: () => {
          this.cursor = index;
          this.focus();
          this.open();
        },
      },
      h("td", { role: "rowheader", class: "row" }, formatCount(row.row)),
      ...row.cells.map(cell),
    );
  }

  sort(column) {
    this.wait(_("sorting …"));
    this.send({ type: "sort", column });
  }

  list(names) {
    this.send({ type: "columns", names });
  }

  showColumns() {
    this.plain.hidden = !this.model.columns.chosen;
  }

  save(saved) {
    this.exported.textContent = saved.error || saved.words || "";
    this.exported.classList.toggle("fault", Boolean(saved.error));
    saveFile(saved);
  }

  // The row whose card is open is marked, and the table makes room beside it.
  look() {
    const row = this.model.looked.row;
    this.frame.classList.toggle("with-card", row !== null && row !== undefined);
    childrenOf(this.body).forEach((line, index) => {
      line.classList.toggle("looked", line.dataset.row === String(row));
      line.tabIndex = index === this.cursor ? 0 : -1;
    });
  }

  focus() {
    const line = childrenOf(this.body)[this.cursor];
    if (!line) return;
    childrenOf(this.body).forEach((node) => {
      node.tabIndex = node === line ? 0 : -1;
    });
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
  }

  open() {
    const line = childrenOf(this.body)[this.cursor];
    if (line) this.send({ type: "go", row: Number(line.dataset.row) });
  }

  key(event) {
    if (event.target.closest("button") && event.key === "Enter") return;
    const { page } = this.model;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (
      !page.rows ||
      event.altKey ||
      ((event.ctrlKey || event.metaKey) && !["Home", "End"].includes(event.key))
    ) {
      return;
    }
    if (moves[event.key]) this.move(this.cursor + moves[event.key]);
    else if (event.key === "PageDown" || event.key === "PageUp") {
      this.turn(event.key === "PageDown" ? 1 : -1);
    } else if (event.key === "Home" || event.key === "End") {
      this.end(event.key === "End", event.ctrlKey || event.metaKey);
    } else if (event.key === "Enter") this.open();
    else return;
    // the map, the features and the page itself have these keys too
    event.preventDefault();
    event.stopPropagation();
  }

  move(to) {
    const { page } = this.model;
    if (to >= 0 && to < page.rows.length) {
      this.cursor = to;
      this.focus();
    } else if (to < 0 && page.first > 0) {
      this.wanted = "last";
      this.turn(-1);
    } else if (to >= page.rows.length && page.first + page.size < page.count) {
      this.wanted = "first";
      this.turn(1);
    }
  }

  end(last, whole) {
    if (whole) {
      this.wanted = last ? "last" : "first";
      this.go(last ? Infinity : 0);
    } else {
      this.cursor = last ? this.model.page.rows.length - 1 : 0;
      this.focus();
    }
  }

  jumpKey(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.jump.blur();
    if (event.key !== "Enter") return;
    const place = Number(this.jump.value.replaceAll(/[\s,]/g, ""));
    if (!Number.isInteger(place) || place < 1) return;
    const { size } = this.model.page;
    this.cursor = (Math.min(place, this.model.page.count) - 1) % size;
    this.go(Math.floor((place - 1) / size) * size);
    this.jump.value = "";
    this.scroll.focus();
  }

  // ---- columns

  offer() {
    const typed = this.find.value.trim().toLowerCase();
    const names = this.model.columns.names || [];
    const matches = typed
      ? names
          .filter(([name, label]) => `${name}\n${label}`.toLowerCase().includes(typed))
          .slice(0, MOST_OFFERED)
      : [];
    const listed = new Set(this.model.columns.listed);
    this.offered.replaceChildren(
      ...matches.map(([name, label], index) =>
        h(
          "div",
          {
            role: "option",
            "aria-selected": String(index === 0),
            "data-name": name,
            onpointerdown: (event) => {
              event.preventDefault();
              this.choose(name);
            },
          },
          label,
          h("span", { class: "note" }, listed.has(name) ? ` ${_("in the table")}` : ` ${_("add")}`),
        ),
      ),
    );
  }

  findKey(event) {
    const options = childrenOf(this.offered);
    const chosen = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    event.stopPropagation();
    if (event.key === "Enter" && options.length) {
      this.choose(options[Math.max(chosen, 0)].dataset.name);
    } else if (event.key === "Escape") {
      if (options.length) this.offered.replaceChildren();
      else this.find.blur();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && options.length) {
      event.preventDefault();
      const next = (chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      options.forEach((option, index) =>
        option.setAttribute("aria-selected", String(index === next)),
      );
    }
  }

  choose(name) {
    this.find.value = "";
    this.offered.replaceChildren();
    const { listed } = this.model.columns;
    if (listed.includes(name)) this.reveal(name);
    else {
      this.coming = name;
      this.list([...listed, name]);
    }
  }

  reveal(name) {
    const head = [...this.head.querySelectorAll("th")].find((node) => node.dataset.name === name);
    if (!head) return;
    this.coming = null;
    // this list alone moves, and only as far as it must: titles stay in view
    const list = this.scroll.getBoundingClientRect();
    const place = head.getBoundingClientRect();
    if (place.right > list.right) this.scroll.scrollLeft += place.right - list.right;
    else if (place.left < list.left) this.scroll.scrollLeft -= list.left - place.left;
    head.classList.add("found");
    setTimeout(() => head.classList.remove("found"), 1600);
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new RowsPage(model, el, lifetimeOf({ model, view }));
}
