// A form that names the selected rows, for all who read the table: as a label, or as a saved
// selection.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { formatCount } from "../ui/number_format.js";
import { setUnavailable } from "../ui/forms/unavailable.js";

const NAME_KEY = "explorer-reviewer"; // who one is, asked once in this browser
const LONGEST_NAME = 120;

/**
 * @typedef {object} Field
 * @property {string} label
 * @property {string} placeholder
 * @property {string} [list] the id of what it offers
 */

/**
 * @typedef {object} FormOptions
 * @property {string} label
 * @property {string} verb what its button says
 * @property {Field[]} fields
 * @property {string} author label of the field for one's own name
 * @property {string} missing what to do where a field is empty
 * @property {import("../ui/types/page.js").Child[]} [more] what stands below the fields
 * @property {(values: string[], author: string) => void} save
 * @property {() => void} opened
 */

export class NamingForm {
  /** @param {FormOptions} options */
  constructor(options) {
    this.options = options;
    this.turn = 0;
    this.open = false;
    this.known = ""; // one's name, where the server knows it
    this.fields = options.fields.map((field) => this.field(field));
    this.author = this.field({ label: options.author, placeholder: _("your name") });
    this.author.value = localStorage.getItem(NAME_KEY) || "";
    this.submit = h("button", { class: "primary", onclick: () => this.save() }, options.verb);
    this.fault = h("div", { class: "fault", role: "alert" });
    this.node = h(
      "div",
      { class: "naming", role: "group", "aria-label": options.label, hidden: true },
      ...this.fields,
      this.author,
      ...(options.more ?? []),
      this.fault,
      h(
        "div",
        { class: "actions" },
        this.submit,
        h("button", { onclick: () => this.toggle(false) }, _("Cancel")),
      ),
    );
  }

  /** @param {Field} field */
  field({ label, placeholder, list }) {
    return h("input", {
      type: "text",
      "aria-label": label,
      placeholder,
      list,
      maxLength: LONGEST_NAME,
      autocomplete: "off",
      onkeydown: (event) => {
        if (event.key === "Enter") this.save();
        else if (event.key === "Escape") {
          event.stopPropagation();
          this.toggle(false);
        }
      },
    });
  }

  /**
   * Show the answer of the server, and how many rows would be named.
   *
   * @param {{turn?: number, error?: string, author?: string}} answer
   * @param {{count: number} | null} selection
   */
  show({ turn = 0, error = "", author = "" }, selection) {
    const { verb } = this.options;
    this.known = author;
    if (turn > this.turn) {
      this.turn = turn;
      this.fault.textContent = error;
      if (!error) this.toggle(false);
    }
    if (!selection) this.toggle(false);
    this.submit.textContent = selection
      ? _("{verb} {count} rows", { verb, count: formatCount(selection.count) })
      : verb;
    setUnavailable(
      this.submit,
      !selection?.count && _("Select some rows first: with Box or Lasso, or by a condition"),
    );
  }

  /**
   * What went wrong, for the list beside the form: an open form says it itself.
   *
   * @param {string | undefined} error
   */
  faultOutside(error) {
    return error && !this.open ? h("div", { class: "fault", role: "alert" }, error) : "";
  }

  /** @param {boolean} open */
  toggle(open) {
    this.open = open;
    this.node.hidden = !open;
    if (!open) return;
    this.fault.textContent = "";
    this.author.hidden = Boolean(this.known || localStorage.getItem(NAME_KEY));
    this.options.opened();
  }

  save() {
    const fields = [...this.fields, ...(this.author.hidden ? [] : [this.author])];
    const empty = fields.find((field) => !field.value.trim());
    if (empty) {
      empty.focus();
      this.fault.textContent =
        empty === this.author
          ? _("Enter your name: others who use this table see it.")
          : this.options.missing;
      return;
    }
    const author = this.author.value.trim();
    if (author) localStorage.setItem(NAME_KEY, author);
    this.fault.textContent = "";
    this.options.save(
      this.fields.map((field) => field.value.trim()),
      author,
    );
  }
}
