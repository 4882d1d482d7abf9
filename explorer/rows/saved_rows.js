// The saved selections below the selection: a form that names the selected rows, and what is saved
// for everybody.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";
import { modeOf } from "../ui/keys.js";
import { EditableList } from "../ui/lists/editable_list.js";
import { formatCount } from "../ui/number_format.js";
import { NamingForm } from "./naming_form.js";

/** @typedef {import("../ui/types/messages.js").RowsPanelMessage} Message */

export class SavedRows {
  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    this.shown = {};
    this.form = new NamingForm({
      label: _("Save the selected rows"),
      verb: _("Save"),
      fields: [
        { label: _("Name of the selection"), placeholder: _("name, for example slow starters") },
      ],
      author: _("Who saves it"),
      missing: _("Name the selection."),
      save: ([name], author) => send({ type: "save_rows", name, author }),
      opened: () => {
        const [name] = this.form.fields;
        name.value = "";
        name.focus();
      },
    });
    this.list = new EditableList("saved labels", () => this.entries());
  }

  show(saved, selection) {
    this.shown = saved || {};
    this.selecting = Boolean(selection);
    this.form.show(this.shown, selection);
    this.list.draw();
  }

  entries() {
    const { listed = [], error, trouble = [] } = this.shown;
    return [
      ...(listed.length
        ? [
            h("h2", { class: "minor" }, _("Saved selections")),
            this.form.faultOutside(error),
            ...listed.map((selection) => this.line(selection)),
          ]
        : []),
      ...trouble.map((text) => h("p", { class: "note" }, text)),
    ];
  }

  line(selection) {
    const { id, name, count, on, words } = selection;
    const button = h(
      "button",
      {
        class: "words",
        "aria-pressed": String(on),
        "data-key": id,
        title: _(
          "{words}\nClick selects these rows; Shift adds, Alt removes, Shift+Alt keeps what is in both",
          { words },
        ),
        onclick: (event) => this.pick(id, modeOf(event)),
      },
      name,
    );
    const modeButton = (mode, sign, title) =>
      h(
        "button",
        {
          class: "small sign",
          title,
          "aria-label": title,
          "data-key": `${mode} ${id}`,
          onclick: () => this.pick(id, mode),
        },
        sign,
      );
    return h(
      "div",
      { class: on ? "label-level on" : "label-level" },
      this.list.name(id, name, button, (newName) =>
        this.send({ type: "rename_saved", name: id, called: newName }),
      ),
      h(
        "span",
        { class: "tools" },
        ...(this.selecting && !on
          ? [
              modeButton("add", "+", _("Add {name} to the selection", { name })),
              modeButton("remove", "−", _("Remove {name} from the selection", { name })),
              modeButton(
                "intersect",
                "∩",
                _("Keep what is in the selection and in {name}", { name }),
              ),
            ]
          : []),
        this.list.renameButton(id, name),
      ),
      h("span", { class: "count" }, formatCount(count)),
      this.list.removeButton(id, name, () => this.send({ type: "remove_saved", name: id })),
    );
  }

  pick(id, mode) {
    this.send({ type: "pick_saved", name: id, mode });
  }
}
