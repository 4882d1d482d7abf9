// The head of the feature list: keep what is ticked as the next version of a set, go on from a set
// that is kept.

import { _ } from "../core/gettext.js";
import { focusedIn, h } from "../ui/dom.js";
import { isUnavailable, setUnavailable } from "../ui/forms/unavailable.js";

export class SetSaving {
  /** @param {import("./feature_list.js").FeatureList} list */
  constructor(list) {
    this.list = list;
    this.open = h(
      "button",
      {
        class: "pill",
        onclick: () => this.show(!this.form.classList.contains("shown")),
      },
      _("Save…"),
    );
    this.name = h("input", {
      "aria-label": _("Name of the set"),
      placeholder: _("name, for example core"),
      maxLength: 100,
      oninput: () => this.words(),
    });
    this.rationale = h("textarea", {
      "aria-label": _("Why these features"),
      placeholder: _("Why these features? A sentence that others will read."),
      rows: 3,
      oninput: () => this.words(),
    });
    this.diff = h("div", { class: "note" });
    this.fault = h("div", { class: "warning" });
    this.keep = h("button", { class: "primary", onclick: () => this.send() }, _("Save"));
    this.form = h(
      "div",
      {
        class: "saving",
        onkeydown: (event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            this.leave();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.stopPropagation();
            this.send();
          }
        },
      },
      this.name,
      this.rationale,
      this.diff,
      this.fault,
      h(
        "div",
        { class: "row" },
        h("button", { class: "pill", onclick: () => this.leave() }, _("Close")),
        h("span", { class: "fill" }),
        this.keep,
      ),
    );
    this.kept = h("select", {
      class: "kept",
      "aria-label": _("Saved sets"),
      onchange: (event) => {
        if (event.target.value) list.send({ type: "open_set", name: event.target.value });
      },
    });
  }

  refresh() {
    const { status } = this.list.model;
    const keptSettings = status.kept || [];
    setUnavailable(
      this.open,
      status.no_save,
      _("Save these features and their settings as a version of a set"),
    );
    this.diff.textContent = status.diff || "";
    this.kept.hidden = !keptSettings.length;
    this.kept.replaceChildren(
      h("option", { value: "" }, _("saved sets ({count})", { count: keptSettings.length })),
      ...keptSettings.map(({ name, label, title }) => h("option", { value: name, title }, label)),
    );
    this.kept.value = "";
  }

  show(on) {
    const { status } = this.list.model;
    if (on) {
      if (!this.list.identity.known(() => this.show(true))) return;
      this.name.value = this.name.value || status.save_as || "";
      this.fault.classList.remove("shown");
      this.words();
    }
    this.form.classList.toggle("shown", on);
    if (on) (this.name.value ? this.rationale : this.name).focus();
  }

  // The focus stays near: a button that is hidden, or has nothing to save any more, cannot hold it.
  leave() {
    this.show(false);
    this.open.focus();
    if (isUnavailable(this.open)) this.list.list.focus({ preventScroll: true });
  }

  words() {
    const name = this.name.value.trim();
    const versions = (this.list.model.status.kept || [])
      .map((saved) => saved.name.split("@"))
      .filter(([other]) => other === name)
      .map(([, version]) => Number(version));
    this.keep.textContent = name
      ? _("Save as {name}@{value}", { name, value: Math.max(0, ...versions) + 1 })
      : _("Save");
    setUnavailable(
      this.keep,
      !name
        ? _("Give the set a name first")
        : !this.rationale.value.trim() && _("Say first why these features"),
    );
  }

  send() {
    if (!isUnavailable(this.keep)) {
      this.list.send({
        type: "save_set",
        name: this.name.value.trim(),
        rationale: this.rationale.value,
      });
    }
  }

  // What was typed stays until it is on the disk.
  told({ why, saved }) {
    if (saved) {
      this.rationale.value = "";
      const inside = this.form.contains(focusedIn(this.list.root));
      this.show(false);
      if (inside) this.list.list.focus({ preventScroll: true });
    } else if (why && this.form.classList.contains("shown")) {
      this.fault.textContent = why;
      this.fault.classList.add("shown");
    }
  }
}
