// Find a row by its title: type, walk with the arrows, Enter flies there.

import { _ } from "../core/gettext.js";
import { findAll, focusedIn, h } from "../ui/dom.js";
import { isTyping } from "../ui/keys.js";
import { latestWins } from "../ui/latest_wins.js";
import { formatCount } from "../ui/number_format.js";
import { openPanel } from "../ui/open_panel.js";

export class RowFind {
  /**
   * @param {(message: import("../ui/types/messages.js").RowsPanelMessage) => void} send
   * @param {AbortSignal} lifetime
   */
  constructor(send, lifetime) {
    this.send = send;
    this.asks = latestWins(send);
    this.chosen = 0;
    this.field = h("input", {
      type: "search",
      class: "find",
      placeholder: _("Find a row (R)"),
      "aria-label": _("Find a row by its title"),
      autocomplete: "off",
      spellcheck: false,
      role: "combobox",
      "aria-expanded": "false",
      oninput: () => {
        this.entered = false;
        this.asks.offer({ type: "find", text: this.field.value });
      },
      onfocus: () => {
        if (this.field.value) this.asks.offer({ type: "find", text: this.field.value });
      },
      onblur: () => this.hide(),
      onkeydown: (event) => this.key(event),
    });
    this.list = h("div", { class: "offered", role: "listbox", "aria-label": _("Rows found") });
    this.root = h("div", { class: "entry finding" }, this.field, this.list);
    document.addEventListener("keydown", (event) => this.pageKey(event), { signal: lifetime });
  }

  // R, wherever the focus is.
  pageKey(event) {
    if (
      event.key.toLowerCase() !== "r" ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      isTyping(event)
    ) {
      return;
    }
    event.preventDefault();
    openPanel("rows");
    this.field.focus();
    this.field.select();
  }

  show(result) {
    this.asks.done();
    if (result.text === undefined) return;
    this.found = result;
    this.chosen = 0;
    if (result.text !== this.field.value) return; // what was typed since is under way
    const waiting = this.entered;
    this.entered = false;
    if (focusedIn(this.root) !== this.field) return void this.hide();
    if (waiting && result.rows.length) return void this.go(0);
    const more =
      result.count > result.rows.length
        ? _("{shown} of {count} rows", {
            shown: formatCount(result.rows.length),
            count: formatCount(result.count),
          })
        : "";
    const none =
      result.text.trim() && !result.count
        ? result.column
          ? _("no row contains this in {column}", { column: result.column })
          : _("no row has this number")
        : "";
    this.list.replaceChildren(
      ...result.rows.map(([row, title, note], index) =>
        h(
          "div",
          {
            role: "option",
            "aria-selected": String(index === 0),
            title: _("{title}\nrow {row}", { title, row: formatCount(row) }),
            onpointerdown: (event) => {
              event.preventDefault();
              this.go(index);
            },
          },
          title,
          note ? h("span", { class: "note" }, ` ${note}`) : "",
        ),
      ),
      more || none ? h("p", { class: "note" }, more || none) : "",
    );
    this.field.setAttribute("aria-expanded", String(result.rows.length > 0));
  }

  hide() {
    this.list.replaceChildren();
    this.field.setAttribute("aria-expanded", "false");
  }

  key(event) {
    const options = findAll(this.list, "[role=option]");
    if (event.key === "Enter") {
      event.preventDefault();
      // who types fast presses it before the answer is there
      if (this.found && this.found.text === this.field.value) this.go(this.chosen);
      else this.entered = true;
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && options.length) {
      event.preventDefault();
      this.chosen =
        (this.chosen + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length;
      options.forEach((option, index) =>
        option.setAttribute("aria-selected", String(index === this.chosen)),
      );
      options[this.chosen].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (options.length) this.hide();
      else if (this.field.value) this.field.value = "";
      else this.field.blur();
    }
  }

  go(index) {
    const row = this.found.rows[index];
    if (!row) return;
    this.hide();
    this.field.blur();
    this.send({ type: "go", row: row[0] });
  }
}
