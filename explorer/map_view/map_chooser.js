// Which embedding is shown, what made it, and where every row of the table is.

import { _ } from "../core/gettext.js";
import { findAll, foldButton, h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { formatCount } from "../ui/number_format.js";

export class MapChooser {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.send = send;
    this.made = h("details", { class: "made" });
    this.quality = h("details", { class: "quality" });
    this.node = h("div", { class: "card chooser" });
    this.fold = foldButton(this.node, _("All about this map"));
  }

  show({ embeddings = [], embedding, trail = [], counter = [], quality }, making) {
    this.node.classList.toggle("shown", embeddings.length > 0);
    if (!embeddings.length) return;
    const select = h(
      "select",
      {
        "aria-label": _("Embedding"),
        onchange: (event) => this.send({ type: "embedding", key: event.target.value }),
      },
      ...embeddings.map(({ key, name }) =>
        h("option", { value: key, selected: key === embedding }, name),
      ),
    );
    const open = this.made.open;
    this.made = h("details", {
      class: "made",
      open,
      ontoggle: () => {
        if (this.made.open) this.send({ type: "making" });
      },
    });
    this.node.replaceChildren(
      ...this.trail(trail),
      select,
      howComputed("map", _("this map")),
      this.fold,
      this.made,
    );
    this.fill(making, embedding);
    for (const line of counter) {
      const row = h("div", { class: "counter" });
      for (const element of line) {
        const counted = typeof element === "object";
        row.append(
          h("span", counted ? { "data-count": element.count } : {}, counted ? "…" : element),
        );
      }
      this.node.append(row);
    }
    if (quality) {
      this.quality = h(
        "details",
        { class: "quality", open: this.quality.open },
        h("summary", {}, quality.line),
        ...quality.lines.map((line) => h("p", {}, line)),
        howComputed("neighbours", _("neighbours preserved")),
      );
      this.node.append(this.quality);
    }
  }

  // From the map of all rows down to this one: "All rows › 1,598 selected".
  trail(names) {
    if (!names.length) return [];
    const last = names.length - 1;
    return [
      h(
        "nav",
        { class: "trail", "aria-label": _("Maps above this one") },
        h(
          "ol",
          {},
          ...names.map((name, level) =>
            h(
              "li",
              {},
              level === last
                ? h("span", { "aria-current": "page" }, name)
                : h(
                    "button",
                    {
                      title: _("Back to this map; colours, selection and filters stay"),
                      onclick: () => this.send({ type: "above", level }),
                    },
                    name,
                  ),
            ),
          ),
        ),
      ),
    ];
  }

  count(account) {
    for (const span of findAll(this.node, "[data-count]")) {
      span.textContent = formatCount(account[span.dataset.count ?? ""]);
    }
  }

  // What the map's neighbourhoods lose when a feature is shuffled, and the loadings of a PCA.
  fill(making, embedding) {
    const fresh = making.key === embedding;
    const rows = (fresh && making.rows) || [];
    const most = Math.max(...rows.map((row) => row.share), 0.01);
    this.made.replaceChildren(
      h("summary", {}, _("which features made it")),
      ...(fresh
        ? [h("p", { class: "note" }, making.words || _("permuting each feature in turn …"))]
        : []),
      howComputed("importance", _("features that made the map")),
      h(
        "div",
        { class: "shares" },
        ...rows.map((row) =>
          h(
            "button",
            {
              class: "share",
              title: `${row.label}: ${row.words}`,
              onclick: () => this.send({ type: "look", name: row.name }),
            },
            h("span", { class: "name", dir: "auto" }, row.label),
            h(
              "span",
              { class: "track" },
              h("i", { style: `width:${Math.max(0, (100 * row.share) / most)}%` }),
            ),
            h("span", { class: "count" }, row.short),
            row.loadings ? h("span", { class: "note" }, row.loadings) : null,
          ),
        ),
      ),
    );
  }
}
