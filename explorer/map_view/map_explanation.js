// The card of the selection on the map: how its rows differ from the others, in sentences.

import { _ } from "../core/gettext.js";
import { isolated } from "../core/text_direction.js";
import { findAll, focusedIn, foldButton, h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { rowPicture } from "../ui/plots/row_picture.js";

/** @typedef {import("../ui/types/messages.js").MapCanvasMessage} Message */

export class MapExplanation {
  /** @param {(message: Message) => void} send */
  constructor(send) {
    this.send = send;
    this.card = {};
    /** @type {number | null} */
    this.pinned = null; // the clause whose figures stay
    this.listed = false; // whether it is listed what was tested
    this.figures = h("div", {
      class: "figures",
      id: "explanation-figures",
      role: "group",
      "aria-label": _("Figures behind the explanation"),
    });
    this.sentence = h("p", { class: "sentence", "aria-live": "polite" });
    this.more = h("div", { class: "examples" });
    this.tools = h("div", { class: "explanation-tools" });
    this.node = h(
      "section",
      { class: "card explanation", "aria-label": _("Explanation of the selection") },
      this.figures,
      this.sentence,
      this.more,
      this.tools,
    );
    this.fold = foldButton(this.node, _("All of the explanation"));
    this.node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || (this.pinned === null && !this.listed)) return;
      event.stopPropagation();
      this.pinned = null;
      this.listed = false;
      this.paint();
    });
  }

  show(card) {
    this.node.classList.toggle("shown", Boolean(Object.keys(card).length));
    const pending = card.pending && this.card.parts;
    this.node.classList.toggle("pending", Boolean(pending));
    if (pending) return; // the sentence before, paler, until the new one comes
    const lead = (parts) => (parts?.length ? parts[0][0] : ""); // "352 rows: "
    const before = this.card.parts;
    if (lead(card.parts) !== lead(before)) this.pinned = null;
    const same = card.parts && JSON.stringify(card.parts) === JSON.stringify(before);
    this.card = card;
    this.paint(!same); // a screen reader reads again what is painted again
  }

  paint(again = true) {
    const { card } = this;
    const closed = Boolean(card.closed);
    this.node.classList.toggle("closed", closed);
    if (again || closed) this.paintSentence();
    this.paintFigures(this.pinned);
    this.more.replaceChildren(
      ...this.examples(card.typical, _("Typical"), _("near the middle of the group")),
      ...this.examples(card.edge, _("Edge"), _("far from the middle of the group")),
    );
    this.tools.replaceChildren(...(closed ? [this.opener()] : [...this.buttons(), this.fold]));
  }

  paintSentence() {
    const { card } = this;
    const focused = focusedIn(this.node)?.dataset.clause;
    const plain = card.error || (card.pending ? _("Looking for differences …") : "");
    /** @type {(string | HTMLElement)[]} */
    const parts = (card.closed ? [] : card.parts || []).map(([text, clause]) =>
      clause === null ? text : this.clause(text, clause),
    );
    this.sentence.replaceChildren(...(plain ? [plain] : parts));
    if (focused) {
      for (const part of parts) {
        if (typeof part !== "string" && part.dataset.clause === focused) part.focus();
      }
    }
  }

  clause(text, place) {
    const over = (on) => {
      if (this.pinned === null) this.paintFigures(on ? place : null);
    };
    const pin = () => {
      this.pinned = this.pinned === place ? null : place;
      this.listed = false;
      this.paintFigures(this.pinned);
    };
    // not a button element: that would not break into lines as text does
    return h(
      "span",
      {
        class: "clause",
        role: "button",
        tabIndex: 0,
        "data-clause": String(place),
        "aria-expanded": String(this.pinned === place),
        "aria-controls": "explanation-figures",
        onclick: pin,
        onkeydown: (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          pin();
        },
        onpointerenter: () => over(true),
        onpointerleave: () => over(false),
        onfocus: () => over(true),
        onblur: () => over(false),
      },
      text,
    );
  }

  // Above the sentence, which stays where it is under the pointer.
  paintFigures(place) {
    const clause = place === null ? null : (this.card.clauses || [])[place];
    for (const button of findAll(this.sentence, ".clause")) {
      button.setAttribute("aria-expanded", String(button.dataset.clause === String(this.pinned)));
    }
    // what can be scrolled can be reached by keys
    if (this.listed) this.figures.tabIndex = 0;
    else this.figures.removeAttribute("tabindex");
    if (!clause) {
      this.figures.replaceChildren(...(this.listed ? this.tested() : []));
      return;
    }
    this.figures.replaceChildren(
      h("strong", {}, clause.label),
      h("ul", {}, ...clause.figures.map((text) => h("li", {}, text))),
      ...(this.pinned === place
        ? [
            h(
              "button",
              { class: "small", onclick: () => this.send({ type: "look", name: clause.name }) },
              _("Show this feature"),
            ),
          ]
        : []),
    );
  }

  tested() {
    const { card } = this;
    const more = card.more_untested
      ? [_("and {more_untested} more", { more_untested: card.more_untested })]
      : [];
    return [
      h("strong", {}, _("What was tested")),
      h("p", {}, card.tested),
      ...card.notes.map((text) => h("p", {}, text)),
      ...(card.untested.length ? [h("p", {}, _("Used to define the group (not tested):"))] : []),
      h(
        "ul",
        {},
        ...card.untested.map(([label, why]) => h("li", {}, `${isolated(label)}: ${why}`)),
        ...more.map((text) => h("li", {}, text)),
      ),
      ...(card.examples_by
        ? [
            h(
              "p",
              {},
              _(
                "Typical rows are near the middle of the group, edge rows far from it, {examples_by}.",
                { examples_by: card.examples_by },
              ),
            ),
          ]
        : []),
    ];
  }

  examples(rows, name, title) {
    if (!rows?.length) return [];
    return [
      h(
        "div",
        { role: "group", "aria-label": `${name}: ${title}` },
        h("span", { class: "note", title }, `${name}: `),
        ...rows.map(([row, text]) =>
          h(
            "button",
            {
              class: "small example",
              title: text,
              onclick: () => this.send({ type: "example", row }),
            },
            this.card.pictures?.[row] ? rowPicture(this.card.pictures[row], text) : "",
            text,
          ),
        ),
      ),
    ];
  }

  buttons() {
    const { card } = this;
    const tested = card.tested
      ? h(
          "button",
          {
            class: "small",
            "aria-expanded": String(this.listed),
            "aria-controls": "explanation-figures",
            onclick: () => {
              this.listed = !this.listed;
              this.pinned = null;
              this.paint(false);
            },
          },
          _("What was tested"),
        )
      : "";
    return [
      card.comparable
        ? h(
            "button",
            { class: "small", onclick: () => this.send({ type: "compare" }) },
            _("Compare all features"),
          )
        : "",
      tested,
      howComputed("explanation", _("the explanation")),
      h(
        "span",
        { class: "note fill" },
        card.parts && !card.complete ? _("Computing exact figures …") : "",
      ),
      h(
        "button",
        {
          class: "close",
          title: _("Close; selections are not explained until it is opened again"),
          "aria-label": _("Close the explanation"),
          onclick: () => this.open(false),
        },
        "×",
      ),
    ];
  }

  opener() {
    return h(
      "button",
      { class: "small", onclick: () => this.open(true) },
      _("Explain the selection"),
    );
  }

  open(on) {
    this.send({ type: "explain", on });
  }
}
