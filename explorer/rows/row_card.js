// The card of a row, over the map: its columns, its link and picture, its nearest rows. Escape
// closes it.

import { _ } from "../core/gettext.js";
import { focusedIn, h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { isTyping } from "../ui/keys.js";
import { lifetimeOf, observeFor } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { rowPicture } from "../ui/plots/row_picture.js";

/**
 * @typedef {import("../ui/types/messages.js").RowCardParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RowCardMessage} Message
 */

class RowCard {
  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.root = root;
    /** @type {Set<string>} */
    this.opened = new Set(); // blocks of columns
    this.title = h("h2", {});
    this.note = h("p", { class: "note" });
    this.picture = h("div", { class: "picture" });
    this.lead = h("p", { class: "lead" });
    this.near = h("div", { class: "near" });
    this.nearest = h(
      "details",
      { class: "nearest", open: true },
      h(
        "summary",
        { title: _("Nearest by all features of the map; a map shows distances only in part") },
        _("Nearest rows in the features"),
      ),
      this.near,
    );
    this.columns = h("div", { class: "columns" });
    this.card = h(
      "aside",
      { class: "card", "aria-label": _("Row") },
      h(
        "header",
        {
          title: _("Fold or unfold"),
          onclick: (event) => {
            if (event.target.tagName !== "BUTTON") this.card.classList.toggle("folded");
          },
        },
        this.title,
        howComputed("row", _("this row")),
        h(
          "button",
          {
            class: "take",
            title: _("Close (Esc)"),
            "aria-label": _("Close the row"),
            onclick: () => this.close(),
          },
          "×",
        ),
      ),
      (this.body = h(
        "div",
        { class: "body", tabIndex: 0, role: "region", "aria-label": _("Columns of the row") },
        this.note,
        this.picture,
        this.lead,
        this.nearest,
        this.columns,
      )),
    );
    this.card.hidden = true;
    root.append(this.card);
    this.show();
    this.showNearest();
    model.on("card", () => this.show());
    model.on("nearest", () => this.showNearest());
    // before the selection is cleared by the same key
    const options = { capture: true, signal: lifetime };
    document.addEventListener("keydown", (event) => this.key(event), options);
    // on another tab only its title stays, unless the row was opened there
    this.tab = document.documentElement.dataset.tab;
    const tabs = new MutationObserver(() => {
      const { tab } = document.documentElement.dataset;
      // it is written anew with each change of the page
      if (tab !== this.tab) this.card.classList.toggle("folded", tab !== "Map");
      this.tab = tab;
    });
    observeFor(lifetime, tabs, document.documentElement, { attributeFilter: ["data-tab"] });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  close() {
    this.send({ type: "close" });
  }

  key(event) {
    if (event.key !== "Escape" || this.card.hidden || isTyping(event)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    this.close();
  }

  show() {
    const { card } = this.model;
    const other = card.row !== this.row;
    this.row = card.row;
    this.card.hidden = card.row === undefined;
    if (this.card.hidden) return;
    this.card.dataset.row = card.row;
    this.title.textContent = this.title.title = card.title;
    this.note.replaceChildren(
      h("span", {}, card.note),
      " ",
      h(
        "button",
        {
          class: "small",
          title: _("Bring the row into the middle of the map"),
          onclick: () => this.send({ type: "place" }),
        },
        _("show on map"),
      ),
    );
    this.picture.replaceChildren(
      ...(card.pixels ? [rowPicture(card.pixels, card.title)] : []),
      ...(card.image
        ? [
            h("img", {
              src: card.image,
              alt: _("Picture of {title}", { title: card.title }),
              loading: "lazy",
              referrerPolicy: "no-referrer",
              onerror: ({ target }) => target.remove(),
            }),
          ]
        : []),
    );
    this.lead.replaceChildren(
      ...(card.link
        ? [
            h(
              "a",
              { href: card.link, target: "_blank", rel: "noopener noreferrer", title: card.link },
              _("Open its page ↗"),
            ),
          ]
        : []),
    );
    this.columns.replaceChildren(
      ...card.groups.flatMap(({ name, fields, block }) => {
        const list = h("dl", {}, ...fields.flatMap((field) => this.field(field)));
        if (block) return [this.block(name, fields.length, list)];
        return [name ? h("h3", {}, name) : "", list];
      }),
    );
    if (!other) return;
    this.card.classList.remove("folded");
    this.body.scrollTop = 0;
    this.showNearest();
    // after a search by the keyboard nothing has the focus: arrows then scroll the card
    if (document.activeElement === document.body) this.body.focus({ preventScroll: true });
  }

  /**
   * Hundreds of pixels or channels wait to be opened; they stay open from row to row.
   *
   * @param {string} name
   * @param {number} count
   * @param {HTMLElement} list
   */
  block(name, count, list) {
    const block = h(
      "details",
      {
        class: "block",
        ontoggle: () => {
          if (block.open) this.opened.add(name);
          else this.opened.delete(name);
        },
      },
      h("summary", {}, name, h("span", { class: "count" }, ` ${formatCount(count)}`)),
      list,
    );
    block.open = this.opened.has(name);
    return block;
  }

  field({ name, label, value, missing, why }) {
    return [
      h(
        "dt",
        {},
        h(
          "button",
          {
            title: _("Look at {label}", { label }),
            onclick: () => this.send({ type: "look", name }),
          },
          label,
        ),
      ),
      h("dd", { class: missing ? "missing" : "", title: why }, value),
    ];
  }

  // New buttons take the place of the old: who walked through them with Enter goes on in the card.
  showNearest() {
    const { nearest } = this.model;
    const inside = this.near.contains(focusedIn(this.root));
    if (!nearest.rows || nearest.row !== this.row) {
      this.near.replaceChildren(h("p", { class: "note" }, _("searching all rows …")));
    } else {
      this.near.replaceChildren(
        ...nearest.rows.map(([row, title, distance]) =>
          h(
            "button",
            {
              class: "neighbour",
              title: _("Row {row}: look at it", { row: formatCount(row) }),
              onclick: () => this.send({ type: "go", row }),
            },
            h("span", { class: "words" }, title),
            h("span", { class: "count" }, distance),
          ),
        ),
        h("p", { class: "note" }, nearest.words),
      );
    }
    if (inside) (this.near.querySelector("button") || this.body).focus({ preventScroll: true });
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new RowCard(model, el, lifetimeOf({ model, view }));
}
