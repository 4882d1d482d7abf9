// The fold-out Parameters below the method: each with a sentence, its default and what it may be.

import { _ } from "../core/gettext.js";
import { h } from "../ui/dom.js";

/** @typedef {import("./feature_list.js").Message} Message */

export class ProjectionParameters {
  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    this.summary = h("summary", {});
    this.body = h("div", {});
    this.root = h("details", { class: "parameters" }, this.summary, this.body);
    this.shown = "";
  }

  /**
   * @param {any} parameters
   * @param {[string, string][]} ticked name and label of each ticked feature
   */
  show(parameters, ticked) {
    const { fields, weights, rows, changed, note } = parameters;
    this.summary.textContent = changed
      ? _("Parameters · {changed} changed", { changed })
      : _("Parameters");
    // what is being typed stays while the status comes anew
    const text = JSON.stringify([parameters, ticked]);
    if (text === this.shown) return;
    this.shown = text;
    const focused = /** @type {HTMLElement | null} */ (this.body.querySelector(":focus"))?.dataset
      .key;
    this.weights = this.weightsOf(ticked, weights, this.weights?.open);
    this.body.replaceChildren(
      this.rows(rows),
      ...fields.map((field) => this.field(field)),
      ticked.length ? this.weights : "",
      h("p", {}, note),
      changed
        ? h(
            "button",
            { class: "pill", onclick: () => this.send({ type: "defaults" }) },
            _("Back to the defaults"),
          )
        : "",
    );
    if (focused) {
      /** @type {HTMLElement | null} */ (
        this.body.querySelector(`[data-key="${CSS.escape(focused)}"]`)
      )?.focus();
    }
  }

  rows({ value, choices }) {
    return h(
      "div",
      { class: "parameter" },
      h(
        "label",
        {},
        _("Rows"),
        h(
          "select",
          {
            "data-key": "rows",
            onchange: (/** @type {any} */ event) => {
              this.send({ type: "rows", rows: event.target.value });
            },
          },
          ...choices.map(([name, label]) =>
            h("option", { value: name, selected: name === value }, label),
          ),
        ),
      ),
      h("p", {}, _("Of which rows the next map is.")),
    );
  }

  field({ name, label, value, default: usual, meaning, allowed, changed }) {
    return h(
      "div",
      { class: changed ? "parameter changed" : "parameter" },
      h(
        "label",
        { title: `${label}: ${allowed}` },
        label,
        h("input", {
          type: "text",
          value,
          placeholder: usual,
          "data-key": name,
          onchange: (event) => this.send({ type: "parameter", name, text: event.target.value }),
        }),
      ),
      h("p", {}, _("{meaning} Default: {usual}.", { meaning, usual })),
    );
  }

  // A field for each ticked feature; thousands are made when they are first shown.
  weightsOf(ticked, weights, open = Object.keys(weights).length > 0) {
    const list = h("div", {});
    const fill = () => {
      if (!list.firstChild) {
        list.append(...ticked.map(([name, label]) => this.weight(name, label, weights[name] ?? 1)));
      }
    };
    if (open) fill();
    return h(
      "details",
      { class: "weights", open, ontoggle: fill },
      h("summary", {}, _("Weights of features")),
      h("p", {}, _("A feature of weight 2 counts twice as much in the distance between two rows.")),
      list,
    );
  }

  weight(name, label, value) {
    return h(
      "label",
      {},
      h("span", { title: name }, label),
      h("input", {
        type: "text",
        value: String(value),
        "data-key": `weight ${name}`,
        "aria-label": _("Weight of {label}", { label }),
        onchange: (event) => this.send({ type: "weight", name, text: event.target.value }),
      }),
    );
  }
}
