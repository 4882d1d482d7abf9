// The saved selections below the selection: a form that names the selected rows, and what is saved
// for everybody.

import { findAll, findFirst, focusedIn, h } from "../ui/dom.js";
import { modeOf } from "../ui/keys.js";
import { formatCount } from "../ui/number_format.js";
import { renameField } from "../ui/forms/rename_field.js";
import { NAME_KEY } from "./labels_card.js";

export class SavedRows {
  constructor(send) {
    this.send = send;
    this.turn = 0;
    this.told = {};
    this.asked = ""; // what waits for a second click
    this.editing = ""; // what is given another name
    const field = (name, placeholder) =>
      h("input", {
        type: "text",
        "aria-label": name,
        placeholder,
        maxLength: 120,
        autocomplete: "off",
        onkeydown: (event) => {
          if (event.key === "Enter") this.save();
          else if (event.key === "Escape") {
            event.stopPropagation();
            this.toggle(false);
          }
        },
      });
    this.name = field("Name of the selection", "name, say slow starters");
    this.author = field("Who saves it", "your name, asked once");
    this.author.value = localStorage.getItem(NAME_KEY) || "";
    this.submit = h("button", { class: "primary", onclick: () => this.save() }, "Save");
    this.fault = h("div", { class: "fault", role: "alert" });
    this.form = h(
      "div",
      { class: "naming", role: "group", "aria-label": "Save the selected rows" },
      this.name,
      this.author,
      this.fault,
      h(
        "div",
        { class: "actions" },
        this.submit,
        h("button", { onclick: () => this.toggle(false) }, "Cancel"),
      ),
    );
    this.form.hidden = true;
    this.list = h("section", { class: "saved labels" });
  }

  show(saved, selection) {
    this.told = saved || {};
    this.selecting = Boolean(selection);
    if (this.told.turn > this.turn) {
      this.turn = this.told.turn;
      this.fault.textContent = this.told.error;
      if (!this.told.error) this.toggle(false);
    }
    if (!selection) this.toggle(false);
    this.submit.textContent = selection ? `Save ${formatCount(selection.count)} rows` : "Save";
    this.submit.disabled = !selection || !selection.count;
    this.draw();
  }

  // News of others must neither take away what one is writing nor answer a question for one: what
  // is replaced loses the focus unasked.
  draw() {
    this.drawing = true;
    const before = this.editing && this.list.querySelector("input");
    const written = before
      ? { value: before.value, from: before.selectionStart, to: before.selectionEnd }
      : null;
    const focused = focusedIn(this.list)?.dataset?.key;
    const listed = this.told.listed || [];
    const fault =
      this.open || !this.told.error
        ? ""
        : h("div", { class: "fault", role: "alert" }, this.told.error);
    this.list.replaceChildren(
      ...(listed.length
        ? [h("h3", {}, "Saved selections"), fault, ...listed.map((one) => this.line(one))]
        : []),
      ...(this.told.trouble || []).map((text) => h("p", { class: "note" }, text)),
    );
    this.drawing = false;
    const field = this.editing && this.list.querySelector("input");
    if (field) {
      field.focus();
      if (written) {
        field.value = written.value;
        field.setSelectionRange(written.from, written.to);
      }
    } else if (focused) {
      findAll(this.list, "[data-key]")
        .find((node) => node.dataset.key === focused)
        ?.focus({ preventScroll: true });
    }
  }

  line(one) {
    const name =
      this.editing === one.id
        ? renameField(this, one.id, one.name, (given) =>
            this.send({ type: "rename_saved", name: one.id, called: given }),
          )
        : h(
            "button",
            {
              class: "words",
              "aria-pressed": String(one.on),
              "data-key": one.id,
              title: `${one.words}\nClick selects these rows; Shift adds, Alt removes, Shift+Alt keeps what is in both`,
              onclick: (event) => this.pick(one, modeOf(event)),
            },
            one.name,
          );
    const part = (mode, sign, title) =>
      h(
        "button",
        {
          class: "small sign",
          title,
          "aria-label": title,
          "data-key": `${mode} ${one.id}`,
          onclick: () => this.pick(one, mode),
        },
        sign,
      );
    return h(
      "div",
      { class: one.on ? "label-level on" : "label-level" },
      name,
      h(
        "span",
        { class: "tools" },
        ...(this.selecting && !one.on
          ? [
              part("add", "+", `Add ${one.name} to the selection`),
              part("remove", "−", `Remove ${one.name} from the selection`),
              part("intersect", "∩", `Keep what is in the selection and in ${one.name}`),
            ]
          : []),
        h(
          "button",
          {
            class: "small",
            title: `Rename ${one.name}`,
            "data-key": `rename ${one.id}`,
            onclick: () => {
              this.editing = one.id;
              this.draw();
            },
          },
          "rename",
        ),
      ),
      h("span", { class: "count" }, formatCount(one.count)),
      this.remove(one),
    );
  }

  pick(one, mode) {
    this.send({ type: "pick_saved", name: one.id, mode });
  }

  // What cannot be undone asks for a second click.
  remove(one) {
    if (this.asked !== one.id) {
      return h(
        "button",
        {
          class: "take",
          title: `Remove ${one.name}`,
          "aria-label": `Remove ${one.name}`,
          onclick: () => {
            this.asked = one.id;
            this.draw();
            findFirst(this.list, ".sure")?.focus();
          },
        },
        "×",
      );
    }
    return h(
      "button",
      {
        class: "small sure",
        "data-key": `sure ${one.id}`,
        title: `Remove ${one.name} for everybody; this cannot be undone`,
        onblur: () => {
          if (this.drawing) return;
          this.asked = "";
          setTimeout(() => this.draw(), 200);
        },
        onclick: () => {
          this.asked = "";
          this.send({ type: "remove_saved", name: one.id });
        },
      },
      "remove?",
    );
  }

  toggle(open) {
    this.open = open;
    this.form.hidden = !open;
    if (!open) return;
    this.fault.textContent = "";
    this.name.value = "";
    this.author.hidden = Boolean(this.told.author || localStorage.getItem(NAME_KEY));
    this.name.focus();
  }

  save() {
    const [name, author] = [this.name.value.trim(), this.author.value.trim()];
    const empty = !name ? this.name : !author && !this.author.hidden ? this.author : null;
    if (empty) {
      empty.focus();
      this.fault.textContent =
        empty === this.author
          ? "Say who you are: others at this table see it."
          : "Name the selection.";
      return;
    }
    if (author) localStorage.setItem(NAME_KEY, author);
    this.fault.textContent = "";
    this.send({ type: "save_rows", name, author });
  }
}
