// Figures × models with their differences from the first, and below them the slices, the weakest
// first.

import { _ } from "../../core/gettext.js";
import { h, saveTitle } from "../../ui/dom.js";
import { methodsButton, saveButtons } from "../../ui/forms/save_buttons.js";
import { modeOf } from "../../ui/keys.js";
import { formatCount } from "../../ui/number_format.js";
import { repeatedLine } from "../../ui/repeated_line.js";

export function modelMark(colour, dash) {
  const dashes = { solid: "", dashed: "6 4", dotted: "2 3", dashdot: "7 3 2 3" }[dash];
  const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  line.setAttribute("class", "mark");
  line.setAttribute("viewBox", "0 0 24 6");
  line.innerHTML = `<line x1="0" x2="24" y1="3" y2="3" stroke="${colour}" stroke-width="2.4" stroke-dasharray="${dashes}"/>`;
  return line;
}

function verdictChip(verdict) {
  return h(
    "span",
    {
      class: `verdict${verdict.hatched ? " hatched" : ""}`,
      style: `background-color:${verdict.colour};color:${verdict.ink}`,
      title: verdict.words,
    },
    h("b", {}, verdict.glyph),
    h("span", {}, verdict.short),
  );
}

// A difference on a scale with 0 in the middle.
function gapTrack([value, low, high], reach, colour) {
  const place = (end) => Math.min(Math.max(50 + (50 * end) / (reach || 1), 0), 100);
  return h(
    "span",
    {
      class: "track",
      role: "img",
      "aria-label": _("Difference and its interval, 0 in the middle"),
    },
    low === null
      ? ""
      : h("i", {
          class: "whisker",
          style: `left:${place(low)}%;width:${Math.max(place(high) - place(low), 0)}%`,
        }),
    value === null
      ? ""
      : h("i", { class: "dot", style: `left:${place(value)}%;background:${colour}` }),
  );
}

const SAVED_FILES = [
  ["figures", saveTitle("csv", _("Figures as CSV"))],
  ["pairs", saveTitle("csv", _("All pairs as CSV"))],
  ["slices", saveTitle("csv", _("Slices as CSV"))],
  ["regions", saveTitle("csv", _("Regions of the map as CSV"))],
  ["json", _("Everything as JSON")],
];

export class PerformanceTable {
  /** @param {import("./page.js").PerformancePage} page */
  constructor(page) {
    this.page = page;
    this.head = h("div", { class: "told" });
    this.table = h("table", { class: "figures" });
    this.calibration = h("div", { class: "calibration" });
    this.slices = h("div", { class: "slices" });
    this.node = h(
      "div",
      { class: "left" },
      this.head,
      h(
        "div",
        { class: "scroll", tabIndex: 0, role: "group", "aria-label": _("Figures") },
        this.table,
        this.calibration,
        this.slices,
      ),
    );
  }

  show() {
    const { result } = this.page.model;
    if (!result.rows) return void this.table.replaceChildren();
    this.head.replaceChildren(
      h(
        "div",
        { class: "line" },
        h("b", {}, result.words),
        result.stale
          ? h("span", { class: "stale-words" }, _("figures from before the last change"))
          : "",
        h("span", { class: "fill" }),
        ...saveButtons(SAVED_FILES, (form) => this.page.send({ type: "save", form })),
        methodsButton(result.method),
      ),
      repeatedLine((message) => this.page.send(message), result.repeated),
      ...result.notes.map((note) => h("p", { class: "note" }, note)),
    );
    const others = result.models.slice(1);
    const name = (modelName, i) =>
      h("span", { class: "model" }, modelMark(result.colours[i], result.dashes[i]), modelName);
    const two = (...children) => h("th", { class: "number" }, ...children);
    this.table.replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { title: _("Greater is better in every line") }, _("figure, greater is better")),
          ...result.models.map((modelName, i) => two(name(modelName, i))),
          ...others.map((modelName) =>
            h(
              "th",
              { colSpan: 3, class: "gap" },
              _("{modelName} minus {first}, same rows", { modelName, first: result.first }),
            ),
          ),
        ),
      ),
      h("tbody", {}, ...result.rows.map((row) => this.line(row, result))),
    );
    const calibration = this.page.model.calibration;
    this.calibration.replaceChildren(
      ...(calibration.length
        ? [
            h("h3", {}, _("Calibration")),
            ...calibration.map(([modelName, line, chance]) =>
              h(
                "p",
                {},
                modelMark(
                  result.colours[result.models.indexOf(modelName)],
                  result.dashes[result.models.indexOf(modelName)],
                ),
                h("b", {}, modelName),
                ` ${line}. `,
                h("span", { class: "note" }, chance),
              ),
            ),
          ]
        : []),
    );
    this.calibration.hidden = !calibration.length;
    this.showSlices();
  }

  line(row, result) {
    const reach = Math.max(
      ...row.differences.flatMap((difference) =>
        difference ? difference.drawn.filter((end) => end !== null).map(Math.abs) : [0],
      ),
      0,
    );
    const cell = (figure) =>
      h("td", { class: "number" }, figure.value, h("small", {}, figure.interval));
    const gap = (difference) =>
      difference
        ? [
            h(
              "td",
              {
                class: "number apart",
                title: _("{method}; p adjusted {p}", {
                  method: difference.method,
                  p: difference.p || "–",
                }),
              },
              difference.value,
              h("small", {}, difference.interval),
            ),
            h("td", { class: "axis" }, gapTrack(difference.drawn, reach, difference.colour)),
            h(
              "td",
              {},
              verdictChip(difference),
              h(
                "small",
                { class: "how" },
                `${difference.method}${difference.p ? `, p ${difference.p}` : ""}`,
              ),
            ),
          ]
        : [h("td", { colSpan: 3, class: "note apart" }, "–")];
    const title = [
      row.deciding ? _("Deciding metric: adjusted separately, by Holm's method") : "",
      row.thresholded
        ? _("Predicted positive at ≥ {threshold}", { threshold: result.threshold })
        : "",
    ]
      .filter(Boolean)
      .join("; ");
    return h(
      "tr",
      { class: row.deciding ? "deciding" : "" },
      h(
        "td",
        { title: `${row.metric}${title ? `; ${title}` : ""}` },
        row.title,
        row.thresholded
          ? h("i", {}, ` ${_("at {threshold}", { threshold: result.threshold })}`)
          : "",
      ),
      ...row.cells.map(cell),
      ...row.differences.flatMap(gap),
    );
  }

  showSlices() {
    const { slices, setup, result } = this.page.model;
    this.slices.replaceChildren();
    if (!slices.rows && result.by.length) {
      this.slices.append(
        h("h3", {}, _("Weakest slices")),
        h("p", { class: "note" }, _("comparing slices …")),
      );
      return;
    }
    if (!slices.rows) {
      this.slices.append(
        h("h3", {}, _("Weakest slices")),
        h("p", { class: "note" }, _("Choose columns under “by” to see where a model is weak.")),
      );
      return;
    }
    const reach = Math.max(
      ...slices.rows.flatMap((row) => row.drawn.filter((end) => end !== null).map(Math.abs)),
      0,
    );
    const line = (row) =>
      h(
        "tr",
        {
          class: row.weak ? "weak" : "grey",
          tabIndex: 0,
          title: _("{words}. Select its rows (Shift adds, Alt removes)", { words: row.words }),
          onclick: (event) => this.take(row, event),
          onkeydown: (event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              this.take(row, event);
            }
          },
        },
        h(
          "td",
          {},
          h("span", { class: "note" }, `${setup.labels?.[row.by] || row.by} `),
          row.slice,
        ),
        h(
          "td",
          {},
          h(
            "span",
            { class: "model" },
            modelMark(
              result.colours[result.models.indexOf(row.model)],
              result.dashes[result.models.indexOf(row.model)],
            ),
            row.model,
          ),
        ),
        h("td", { class: "number" }, formatCount(row.n)),
        h("td", { class: "number" }, row.value),
        h("td", { class: "number note" }, row.rest),
        h("td", { class: "number" }, row.difference, h("small", {}, row.ends)),
        h(
          "td",
          { class: "axis" },
          gapTrack(row.drawn, reach, row.weak ? "#d55e00" : "var(--bar-2)"),
        ),
        h("td", { class: "number" }, row.p),
        h("td", { class: "note words" }, row.words),
      );
    this.slices.append(
      h("h3", {}, _("Weakest slices")),
      h(
        "p",
        { class: "note" },
        _("{words}; by {title}, each against all other rows. A click selects its rows.", {
          words: slices.words,
          title: slices.title,
        }),
      ),
      h(
        "table",
        { class: "figures" },
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ...["slice", "model", "rows", "here", "rest", "difference", "", _("p adj"), ""].map(
              (text, i) =>
                h(text ? "th" : "td", { class: i > 1 && i !== 6 && i < 8 ? "number" : "" }, text),
            ),
          ),
        ),
        h("tbody", {}, ...slices.rows.map(line)),
      ),
    );
  }

  take(row, event) {
    this.page.send({ type: "slice", by: row.by, label: row.slice, mode: modeOf(event) });
  }
}
