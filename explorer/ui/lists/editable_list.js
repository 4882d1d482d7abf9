// A short list whose entries can be renamed and removed. News of others draw it anew: they must
// neither take away what one is writing nor answer a question for one. What is replaced loses the
// focus unasked.

import { _ } from "../../core/gettext.js";
import { findAll, findFirst, focusedIn, h } from "../dom.js";

const LONGEST_NAME = 120;
const CLICK_MS = 200; // a click elsewhere ends before what it was aimed at moves

export class EditableList {
  /**
   * @param {string} name of its class
   * @param {() => (Node | string)[]} entries
   */
  constructor(name, entries) {
    this.node = h("section", { class: name });
    this.entries = entries;
    this.drawing = false;
    this.confirming = ""; // the key of what is removed by a second click
    this.editing = ""; // the key of what is given another name
  }

  draw() {
    this.drawing = true;
    const before = this.editing ? this.node.querySelector("input") : null;
    const focused = focusedIn(this.node)?.dataset?.key;
    this.node.replaceChildren(...this.entries());
    this.drawing = false;
    const field = this.editing ? this.node.querySelector("input") : null;
    const node =
      field ||
      findFirst(this.node, ".sure") ||
      findAll(this.node, "[data-key]").find(({ dataset }) => dataset.key === focused);
    node?.focus({ preventScroll: true });
    if (field && before) {
      field.value = before.value;
      field.setSelectionRange(before.selectionStart, before.selectionEnd);
    }
  }

  /**
   * The name of an entry: `button`, or a field while it is renamed. Enter, or leaving the field,
   * renames; Escape does not.
   *
   * @param {string} key
   * @param {string} name
   * @param {HTMLElement} button
   * @param {(name: string) => void} rename
   */
  name(key, name, button, rename) {
    if (this.editing !== key) return button;
    /** @param {string} value */
    const end = (value) => {
      this.editing = "";
      if (value && value !== name) rename(value);
      this.draw();
    };
    return h("input", {
      type: "text",
      class: "words",
      value: name,
      maxLength: LONGEST_NAME,
      "aria-label": _("New name of {name}", { name }),
      onblur: ({ target }) => {
        if (!this.drawing && this.editing === key) end(target.value.trim());
      },
      onkeydown: (event) => {
        if (event.key === "Enter") end(event.target.value.trim());
        else if (event.key === "Escape") {
          event.stopPropagation();
          end("");
        }
      },
    });
  }

  /**
   * @param {string} key
   * @param {string} name
   */
  renameButton(key, name) {
    return h(
      "button",
      {
        class: "small",
        title: _("Rename {name}", { name }),
        "data-key": `rename ${key}`,
        onclick: () => {
          this.editing = key;
          this.draw();
        },
      },
      _("rename"),
    );
  }

  /**
   * What cannot be undone asks for a second click.
   *
   * @param {string} key
   * @param {string} name
   * @param {() => void} remove
   */
  removeButton(key, name, remove) {
    if (this.confirming !== key) {
      return h(
        "button",
        {
          class: "take",
          title: _("Remove {name}", { name }),
          "aria-label": _("Remove {name}", { name }),
          onclick: () => {
            this.confirming = key;
            this.draw();
          },
        },
        "×",
      );
    }
    return h(
      "button",
      {
        class: "small sure",
        title: _("Remove {name} for everybody; this cannot be undone", { name }),
        onblur: () => {
          if (this.drawing) return;
          this.confirming = "";
          setTimeout(() => this.draw(), CLICK_MS);
        },
        onclick: () => {
          this.confirming = "";
          remove();
        },
      },
      _("remove?"),
    );
  }
}
