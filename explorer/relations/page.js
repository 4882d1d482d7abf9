// The Together tab: what the ticked features have to do with each other. Sections are computed when
// they come into sight.

import { _ } from "../core/gettext.js";
import { isolated } from "../core/text_direction.js";
import { introduce } from "../ui/bokeh.js";
import { findAll, h } from "../ui/dom.js";
import { howComputed, howHeading } from "../ui/how_computed.js";
import { fillOptions, switchButtons } from "../ui/forms/choices.js";
import { lifetimeOf, observeFor, whenOver } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { CorrelationMatrix } from "./matrix.js";
import { unavailable } from "../ui/forms/unavailable.js";

const FEW = 12; // lines of a list before it is folded

/** @type {[string, string, string][]} */
const SHADES = [
  ["rank", _("rank"), _("Each shade covers about equally many pixels")],
  ["log", _("log"), _("Shade by the logarithm of the number of rows of a pixel")],
];

/**
 * @typedef {import("../ui/types/messages.js").RelationsPageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").RelationsPageMessage} Message
 */

export class RelationsPage {
  /** @type {HTMLSelectElement} */
  one;
  /** @type {HTMLSelectElement} */
  other;
  /** @type {HTMLSelectElement} */
  group;
  /** @type {HTMLInputElement} */
  whole;
  /** @type {HTMLElement} */
  wholeLabel;
  /** @type {HTMLImageElement} */
  image;
  /** @type {HTMLDivElement} */
  shades;
  /** @type {HTMLDivElement} */
  brush;
  /** @type {HTMLDivElement} */
  plot;
  /** @type {HTMLDivElement} */
  xAxis;
  /** @type {HTMLDivElement} */
  yAxis;
  /** @type {HTMLDivElement} */
  stage;
  /** @type {HTMLDivElement} */
  correlation;
  /** @type {HTMLDivElement} */
  correlationPanel;
  /** @type {HTMLElement} */
  account;
  /** @type {HTMLElement} */
  swap;

  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.unfolded = new Set();
    this.by = "robust";
    this.head = h("header");
    this.page = h(
      "div",
      { class: "page", tabIndex: 0, role: "region", "aria-label": _("Together") },
      this.head,
    );
    root.append(this.page);
    this.bodies = {};
    this.titles = {};
    this.errors = {};
    const section = (name, heading, ...extra) => {
      this.bodies[name] = h("div", { class: "body" });
      this.errors[name] = h("p", { class: "fault", role: "alert" });
      const node = h(
        "section",
        { class: `card ${name}` },
        h("div", { class: "top" }, ...heading, ...extra),
        this.errors[name],
        this.bodies[name],
      );
      node.dataset.section = name;
      return node;
    };
    this.buildPair();
    this.target = h("select", {
      "aria-label": _("Target column"),
      onchange: (event) => {
        if (event.target.value) this.askTarget(event.target.value);
      },
    });
    this.find = h("button", { class: "pill", onclick: () => this.askUnusual() }, _("find them"));
    this.nodes = h(
      "div",
      { class: "sections" },
      h(
        "div",
        { class: "two" },
        section("near", howHeading("duplicates", _("Near-duplicates"))),
        section("inflation", howHeading("inflation", _("Variance inflation"))),
      ),
      section("matrix", howHeading("correlations", _("Correlations"))),
      section(
        "pair",
        howHeading("pair", _("Pair")),
        this.one,
        h("span", { class: "note" }, _("horizontal")),
        this.swap,
        this.other,
        h("span", { class: "note" }, _("vertical")),
        h("span", { class: "fill" }),
        this.shades,
        this.wholeLabel,
      ),
      section("missing", howHeading("missing_together", _("Missing together"))),
      section("unusual", howHeading("unusual", _("Unusual rows")), this.find),
      section("relevance", howHeading("relevance", _("Relevance to a target")), this.target),
    );
    this.bodies.pair.append(this.stage, this.correlationPanel);
    this.matrix = new CorrelationMatrix(this);
    this.page.append(this.nodes);
    this.sight = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (entry.isIntersecting) {
            this.see(/** @type {HTMLElement} */ (entry.target).dataset.section);
          }
        }
      },
      { root: this.page, rootMargin: "120px" },
    );
    // canvases are drawn in the colours of the theme; the attribute is often set to what it was
    const theme = new MutationObserver(([change]) => {
      if (change.oldValue !== document.documentElement.dataset.theme) this.matrix.draw();
    });
    observeFor(this.lifetime, theme, document.documentElement, {
      attributeFilter: ["data-theme"],
      attributeOldValue: true,
    });
    const size = new ResizeObserver(() => {
      this.matrix.draw();
      this.measure();
    });
    observeFor(this.lifetime, size, this.page);
    whenOver(this.lifetime, () => this.sight.disconnect());
    this.show();
    model.on("chosen", () => this.show());
    model.on("choices", () => this.showChoices());
    model.on("near", () => this.showNear());
    model.on("inflation", () => this.showInflation());
    model.on("matrix", () => this.matrix.show());
    model.on("pair", () => this.showPair());
    model.on("relation", () => this.showRelation());
    model.on("missing", () => this.showMissing());
    model.on("unusual", () => this.showUnusual());
    model.on("relevance", () => this.showRelevance());
    model.on("error", () => this.showError());
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // --- the sections, always there; what is in them comes when they are seen

  see(section) {
    if (section === "pair") this.measure();
    this.send({ type: "see", section });
  }

  show() {
    const { chosen } = this.model;
    this.nodes.hidden = !chosen.key;
    if (!chosen.key) return;
    this.head.replaceChildren(
      h(
        "div",
        { class: "line" },
        h("h2", {}, _("Together")),
        howComputed("together", _("features together")),
        h("span", { class: "note" }, chosen.words),
      ),
      h(
        "p",
        { class: "description" },
        `${chosen.ticked ? "" : `${_("Tick features on the right to choose which.")} `}${chosen.labels.map(isolated).join(", ")}`,
      ),
      h("p", { class: "note" }, chosen.basis),
      chosen.left_out ? h("p", { class: "note" }, chosen.left_out) : "",
    );
    this.showChoices();
    this.matrix.show();
    for (const section of [
      "Near",
      "Inflation",
      "Pair",
      "Relation",
      "Missing",
      "Unusual",
      "Relevance",
    ]) {
      this[`show${section}`]();
    }
    // what is in sight is asked for anew
    for (const node of findAll(this.nodes, "[data-section]")) {
      this.sight.unobserve(node);
      this.sight.observe(node);
    }
  }

  showChoices() {
    const { numbers, groups, targets } = this.model.choices;
    if (!numbers) return;
    const { pair, relation, relevance } = this.model;
    this.fill(this.one, null, numbers, pair.one);
    this.fill(this.other, null, numbers, pair.other);
    this.fill(this.group, _("within groups of …"), groups, relation.by);
    this.fill(this.target, _("a target …"), targets, relevance.target);
  }

  // Features of the set come first in a list that may hold thousands.
  fill(select, first, columns, value) {
    const own = new Set(this.model.chosen.names || []);
    const chosen = columns.filter(([name]) => own.has(name));
    const others = columns.filter(([name]) => !own.has(name));
    /** @type {[string, any[]][]} */
    const groups = [
      [_("in the set"), chosen],
      [_("others"), others],
    ];
    fillOptions(select, groups, value, first);
  }

  // What belongs to other features than those that are ticked now is not shown.
  fresh(name, result) {
    const body = this.bodies[name];
    if (result.key === this.model.chosen.key && !result.error) return body;
    body.replaceChildren(
      h(
        "p",
        { class: result.error && result.key === this.model.chosen.key ? "fault" : "note" },
        result.key === this.model.chosen.key ? result.error : _("computing …"),
      ),
    );
    return null;
  }

  showError() {
    const { section, words } = this.model.error;
    for (const [name, node] of Object.entries(this.errors)) {
      node.textContent = name === section ? words : "";
    }
  }

  name(name, label) {
    return h(
      "button",
      {
        class: "name",
        "data-name": name,
        title: _("{name}: show it", { name }),
        onclick: () => this.send({ type: "look", name }),
      },
      label,
    );
  }

  // The count is of all rows, as all figures here; filters may show fewer of them.
  rows(definition, count) {
    return h(
      "span",
      { class: "number" },
      `${formatCount(count)} `,
      h(
        "button",
        {
          class: "small",
          title: _("Select these rows, as far as the filters show them"),
          onclick: () => this.send({ type: "select", definition }),
        },
        _("select"),
      ),
    );
  }

  table(heads, lines, className = "") {
    return h(
      "table",
      { class: className },
      h("thead", {}, h("tr", {}, ...heads.map((head) => h(head ? "th" : "td", {}, head)))),
      h("tbody", {}, ...lines),
    );
  }

  // The first lines of a list, and the rest on request.
  folded(title, lines, few = FEW) {
    if (lines.length <= few) return [lines, null];
    const open = this.unfolded.has(title);
    const label = open
      ? _("show fewer")
      : _("+ {count} more", { count: formatCount(lines.length - few) });
    return [
      open ? lines : lines.slice(0, few),
      h(
        "button",
        {
          class: "small",
          onclick: () => {
            this.unfolded[open ? "delete" : "add"](title);
            this[`show${title}`]();
          },
        },
        label,
      ),
    ];
  }

  // --- redundancy

  showNear() {
    const near = this.model.near;
    const body = this.fresh("near", near);
    if (!body) return;
    const lines = near.groups.map((group) =>
      h(
        "div",
        { class: "group" },
        h(
          "p",
          {},
          this.name(group.leader, group.label),
          h("span", { class: "note" }, ` ${_("stands for")}`),
        ),
        this.table(
          ["", _("Spearman"), _("Pearson")],
          group.others.map((feature) =>
            h(
              "tr",
              {},
              h(
                "td",
                {},
                this.name(feature.name, feature.label),
                feature.same
                  ? h("span", { class: "note" }, ` ${_("same as {same}", { same: feature.same })}`)
                  : null,
              ),
              h("td", { class: "number" }, feature.r),
              h("td", { class: "number note" }, feature.pearson),
            ),
          ),
        ),
      ),
    );
    const [shown, more] = this.folded("Near", lines, 4);
    body.replaceChildren(
      ...[
        ...shown,
        more,
        near.more ? h("p", { class: "note" }, near.more) : null,
        near.drop.length && this.model.chosen.ticked
          ? h(
              "p",
              {},
              h(
                "button",
                {
                  class: "pill",
                  title: _("Keep one feature of each group in the set"),
                  onclick: () => this.send({ type: "drop", names: near.drop }),
                },
                _("untick {count}, keep the representatives", {
                  count: formatCount(near.drop.length),
                }),
              ),
            )
          : null,
        h("p", { class: "note" }, near.words),
      ].filter(Boolean),
    );
  }

  showInflation() {
    const inflation = this.model.inflation;
    const body = this.fresh("inflation", inflation);
    if (!body) return;
    const [shown, more] = this.folded(
      "Inflation",
      inflation.rows.map((row) =>
        h(
          "tr",
          {},
          h("td", {}, this.name(row.name, row.label)),
          h("td", { class: row.high ? "number much" : "number" }, row.value),
          h("td", { class: "number note" }, row.explained),
        ),
      ),
    );
    body.replaceChildren(
      ...[
        ...inflation.bound.map((text) =>
          h("p", {}, h("strong", {}, text), ` ${_("determine each other exactly")}`),
        ),
        this.table([_("feature"), _("VIF"), _("explained by the others")], shown),
        more,
        h("p", { class: "note" }, [...inflation.words, inflation.convention].join(" · ")),
      ].filter(Boolean),
    );
  }

  // --- the pair

  buildPair() {
    this.one = h("select", {
      "aria-label": _("Feature on the horizontal axis"),
      onchange: () => this.askPair(),
    });
    this.other = h("select", {
      "aria-label": _("Feature on the vertical axis"),
      onchange: () => this.askPair(),
    });
    this.swap = h(
      "button",
      {
        class: "step",
        title: _("Change the axes"),
        "aria-label": _("Change the axes"),
        onclick: () => this.look(this.other.value, this.one.value),
      },
      "⇄",
    );
    this.group = h("select", {
      "aria-label": _("Groups"),
      onchange: (event) => this.send({ type: "group", column: event.target.value }),
    });
    this.shades = h("div", { class: "switch", role: "group", "aria-label": _("Shade of a pixel") });
    this.whole = h("input", {
      type: "checkbox",
      onchange: (event) => this.send({ type: "whole", on: event.target.checked }),
    });
    this.wholeLabel = h(
      "label",
      {
        class: "tick",
        title: _("Draw extreme values too; otherwise the middle 99.8 % of each feature"),
      },
      this.whole,
      _("whole range"),
    );
    this.image = h("img", { alt: "", draggable: false });
    this.brush = h("div", { class: "brush", hidden: true });
    this.plot = h(
      "div",
      {
        class: "plot",
        title: _("Drag to select; Shift adds, Alt removes, double-click clears"),
        onpointerdown: (event) => this.drag(event),
        ondblclick: () => this.send({ type: "clear" }),
      },
      this.image,
      this.brush,
    );
    this.xAxis = h("div", { class: "x axis" });
    this.yAxis = h("div", { class: "y axis" });
    this.account = h("p", { class: "note account" });
    this.stage = h(
      "div",
      { class: "stage", hidden: true },
      this.yAxis,
      this.plot,
      this.xAxis,
      this.account,
    );
    this.correlation = h("div");
    this.correlationPanel = h("div", { class: "relation" }, this.correlation);
  }

  measure() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (
      width < 60 ||
      (this.size && Math.abs(this.size[0] - width) < 2 && this.size[1] === height)
    ) {
      return;
    }
    this.size = [width, height];
    this.send({ type: "size", width, height });
  }

  look(name, other) {
    this.send({ type: "pair", one: name, other });
    this.bodies.pair.parentElement.scrollIntoView({ block: "nearest" });
  }

  askPair() {
    this.send({ type: "pair", one: this.one.value, other: this.other.value });
  }

  showPair() {
    const { pair } = this.model;
    this.stage.hidden = !pair.one;
    if (!pair.one) return void (this.errors.pair.textContent = pair.error || "");
    this.one.value = pair.one;
    this.other.value = pair.other;
    this.errors.pair.textContent = pair.error || "";
    this.stage.classList.toggle("refused", Boolean(pair.error));
    if (pair.error) return;
    this.whole.checked = pair.whole;
    this.shades.replaceChildren(
      ...switchButtons(SHADES, pair.shade, (name) => this.send({ type: "shade", name })),
    );
    this.image.src = pair.src;
    this.image.alt = _("{y} against {x}: {text}", {
      y: pair.y.label,
      x: pair.x.label,
      text: pair.words,
    });
    const title = ({ label, unit }) =>
      h("span", { class: "title" }, unit ? `${isolated(label)}, ${unit}` : label);
    this.xAxis.replaceChildren(
      ...pair.x.ticks.map(([at, text]) =>
        h("span", { class: "mark", style: `left:${100 * at}%` }, text),
      ),
      title(pair.x),
    );
    this.yAxis.replaceChildren(
      ...pair.y.ticks.map(([at, text]) =>
        h("span", { class: "mark", style: `bottom:${100 * at}%` }, text),
      ),
      title(pair.y),
    );
    this.account.textContent = pair.words;
  }

  drag(event) {
    if (event.button !== 0 || !this.model.pair.x) return;
    const box = this.plot.getBoundingClientRect();
    const at = (move) => [
      Math.min(1, Math.max(0, (move.clientX - box.left) / box.width)),
      Math.min(1, Math.max(0, 1 - (move.clientY - box.top) / box.height)),
    ];
    const start = at(event);
    const place = (end) => {
      const [left, right] = [Math.min(start[0], end[0]), Math.max(start[0], end[0])];
      const [low, high] = [Math.min(start[1], end[1]), Math.max(start[1], end[1])];
      this.brush.hidden = false;
      Object.assign(this.brush.style, {
        left: `${100 * left}%`,
        width: `${100 * (right - left)}%`,
        bottom: `${100 * low}%`,
        height: `${100 * (high - low)}%`,
      });
      return [left, right, low, high];
    };
    const move = (next) => place(at(next));
    const end = (last) => {
      this.plot.removeEventListener("pointermove", move);
      this.brush.hidden = true;
      if (last.type === "pointercancel") return;
      const [left, right, low, high] = place(at(last));
      this.brush.hidden = true;
      if ((right - left) * box.width < 3 || (high - low) * box.height < 3) return;
      const value = ({ low: first, high: most }, share) => first + share * (most - first);
      const { x, y } = this.model.pair;
      this.send({
        type: "box",
        x: [value(x, left), value(x, right)],
        y: [value(y, low), value(y, high)],
        mode: last.shiftKey ? "add" : last.altKey ? "remove" : "replace",
      });
    };
    this.plot.setPointerCapture(event.pointerId);
    this.plot.addEventListener("pointermove", move);
    this.plot.addEventListener("pointerup", end, { once: true });
    this.plot.addEventListener("pointercancel", end, { once: true });
    event.preventDefault();
  }

  showRelation() {
    const { relation } = this.model;
    if (!relation.one && !relation.error) return this.correlation.replaceChildren();
    if (relation.error) {
      return this.correlation.replaceChildren(
        h("p", { class: "fault", role: "alert" }, relation.error),
        this.group,
      );
    }
    const line = (text, figures, note) =>
      h(
        "tr",
        { class: note ? "sum" : "" },
        h("td", {}, text),
        h("td", { class: "number" }, h("strong", {}, figures.r)),
        h("td", { class: "number note" }, figures.interval),
        h("td", { class: "number note" }, formatCount(figures.n)),
      );
    const { within } = relation;
    this.group.value = relation.by;
    const parts = [
      this.table(
        [_("correlation"), "r", _("95 % interval"), _("rows")],
        [line(_("Spearman"), relation.spearman), line(_("Pearson"), relation.pearson)],
      ),
      h("p", { class: "note" }, _("of {of}, where both are present", { of: relation.of })),
      h("p", {}, this.group),
    ];
    if (within) {
      const [shown, more] = this.folded(
        "Relation",
        within.groups.map((group) => line(group.group, group)),
      );
      parts.push(
        h("p", { class: within.reversed ? "warn" : "" }, within.words),
        this.table(
          [within.label, _("Spearman"), _("95 % interval"), _("rows")],
          [
            line(_("over all groups"), within.overall),
            line(_("within groups, pooled"), within.pooled, true),
            ...shown,
          ],
          "groups",
        ),
        more,
        h(
          "p",
          { class: "note" },
          [_("of the groups' means: {between}", { between: within.between }), ...within.notes].join(
            " · ",
          ),
        ),
      );
    }
    return this.correlation.replaceChildren(...parts.filter(Boolean));
  }

  // --- missing cells

  showMissing() {
    const missing = this.model.missing;
    const body = this.fresh("missing", missing);
    if (!body) return;
    const always = missing.always.map((pattern) =>
      h(
        "p",
        {},
        h("strong", {}, pattern.words),
        h("span", { class: "note" }, ` ${_("always together")} `),
        this.rows(pattern.definition, pattern.rows),
      ),
    );
    const nested = missing.nested.map((pair) =>
      h(
        "p",
        {},
        h("strong", {}, pair.outer),
        h("span", { class: "note" }, ` ${_("is missing whenever")} `),
        h("strong", {}, pair.inner),
        h("span", { class: "note" }, ` ${_("is")} `),
        this.rows(pair.definition, pair.rows),
      ),
    );
    const [shown, more] = this.folded("Missing", [
      ...always,
      ...nested,
      ...missing.pairs.map((pair) =>
        h(
          "p",
          {
            title: _("both {both}, only the first {one}, only the second {other}", {
              both: formatCount(pair.both),
              one: formatCount(pair.one),
              other: formatCount(pair.other),
            }),
          },
          pair.words,
          h(
            "span",
            { class: "note" },
            ` ${_("φ {phi} · both {both}, one alone {one} and {other}", { phi: pair.phi, both: formatCount(pair.both), one: formatCount(pair.one), other: formatCount(pair.other) })} `,
          ),
          this.rows(pair.definition, pair.both),
        ),
      ),
    ]);
    const patterns = missing.patterns.map((pattern) =>
      h(
        "tr",
        {},
        h("td", {}, pattern.words),
        h("td", { class: "number" }, pattern.share),
        h("td", {}, this.rows(pattern.definition, pattern.rows)),
      ),
    );
    const [listed, rest] = this.folded("Missing", patterns);
    body.replaceChildren(
      h("p", {}, missing.words),
      h(
        "div",
        { class: "two plain" },
        h(
          "div",
          {},
          ...shown,
          shown.length
            ? ""
            : h(
                "p",
                { class: "note" },
                _("No two features are often missing in the same rows (φ ≥ .5, a convention)."),
              ),
          more || "",
        ),
        h(
          "div",
          {},
          this.table([_("missing, all others present"), _("rows"), ""], listed),
          rest || "",
          h("p", { class: "note" }, missing.more),
        ),
      ),
    );
  }

  // --- unusual rows

  askUnusual() {
    this.bodies.unusual.replaceChildren(h("p", { class: "note" }, _("computing …")));
    this.send({ type: "unusual" });
  }

  showUnusual() {
    const unusual = this.model.unusual;
    const body = this.bodies.unusual;
    if (!unusual.key || unusual.key !== this.model.chosen.key) {
      body.replaceChildren(
        h(
          "p",
          { class: "note" },
          _(
            "Rows that are unusual in many features at once: robust distances and tail probabilities, of at most 100,000 rows; takes seconds.",
          ),
        ),
      );
      return;
    }
    if (unusual.error) {
      return void body.replaceChildren(h("p", { class: "fault", role: "alert" }, unusual.error));
    }
    const by = unusual.robust ? this.by : "ecod";
    const measure = unusual[by];
    const choice = (name, text) =>
      h(
        "button",
        {
          class: by === name ? "on" : "",
          "aria-pressed": String(by === name),
          ...unavailable(
            !unusual[name] && (unusual.refused || _("Not computed for these features")),
          ),
          onclick: () => {
            this.by = name;
            this.showUnusual();
          },
        },
        text,
      );
    const all =
      measure.select < measure.beyond
        ? _("select the {select} furthest of {beyond}", {
            select: formatCount(measure.select),
            beyond: formatCount(measure.beyond),
          })
        : _("select all {beyond} beyond the cutoff", { beyond: formatCount(measure.beyond) });
    body.replaceChildren(
      ...[
        unusual.refused ? h("p", { class: "fault" }, unusual.refused) : null,
        h(
          "div",
          { class: "line" },
          h(
            "div",
            { class: "switch", role: "group", "aria-label": _("Measure") },
            choice("robust", _("robust distance")),
            choice("ecod", _("tails (ECOD)")),
          ),
          h(
            "span",
            {},
            h("strong", {}, measure.rate),
            ` ${_("beyond the cutoff, {of}; {clean}:", { of: unusual.of, clean: measure.clean })} `,
            h("strong", {}, measure.excess),
          ),
        ),
        measure.beyond
          ? h(
              "p",
              {},
              h("button", { class: "small", onclick: () => this.send({ type: "far", by }) }, all),
            )
          : null,
        this.table(
          [
            _("the most unusual rows"),
            by === "robust" ? _("distance") : _("score"),
            _("what contributes most"),
            "",
          ],
          measure.rows.map((row) =>
            h(
              "tr",
              {},
              h(
                "td",
                {},
                h(
                  "button",
                  {
                    class: "name",
                    title: _("Look at this row"),
                    onclick: () => this.send({ type: "open", row: row.row }),
                  },
                  row.title,
                ),
              ),
              h("td", { class: "number" }, row.distance),
              h(
                "td",
                {},
                ...row.parts.map((feature) =>
                  h(
                    "span",
                    { class: "part" },
                    feature.label,
                    " ",
                    h("strong", {}, feature.value),
                    h("span", { class: "note" }, ` ${feature.share}`),
                  ),
                ),
              ),
              h(
                "td",
                {},
                h(
                  "button",
                  {
                    class: "small",
                    title: _("Select this row"),
                    onclick: () => this.send({ type: "pick", row: row.row }),
                  },
                  _("select"),
                ),
              ),
            ),
          ),
          "far",
        ),
        h("p", { class: "note" }, measure.notes.join(" · ")),
      ].filter(Boolean),
    );
  }

  // --- relevance

  askTarget(name) {
    this.bodies.relevance.replaceChildren(h("p", { class: "note" }, _("computing …")));
    this.send({ type: "target", name });
  }

  showRelevance() {
    const relevance = this.model.relevance;
    const body = this.bodies.relevance;
    if (relevance.error) {
      return void body.replaceChildren(h("p", { class: "fault", role: "alert" }, relevance.error));
    }
    if (!relevance.rows) {
      return void body.replaceChildren(
        h(
          "p",
          { class: "note" },
          _(
            "How strongly each feature is associated with a target: interval, false discovery rate, and a warning where a feature reveals the target.",
          ),
        ),
      );
    }
    const [shown, more] = this.folded(
      "Relevance",
      relevance.rows.map((row) =>
        h(
          "tr",
          {},
          h("td", {}, this.name(row.name, row.label)),
          h(
            "td",
            { class: "strength" },
            h("i", { style: `width:${Math.round(100 * row.strength)}%` }),
          ),
          h("td", { class: "note" }, row.measure),
          h("td", { class: "number" }, h("strong", {}, row.value)),
          h("td", { class: "number note" }, row.interval),
          h("td", { class: "number note" }, row.p),
          h("td", { class: "number note" }, formatCount(row.n)),
          h(
            "td",
            {},
            row.leak ? h("span", { class: "warn" }, row.leak) : null,
            row.missing
              ? h("span", { class: "note" }, `${row.leak ? "; " : ""}${row.missing}`)
              : null,
          ),
        ),
      ),
      20,
    );
    body.replaceChildren(
      ...[
        this.table(
          [
            _("feature"),
            _("strength"),
            _("measure"),
            _("value"),
            _("95 % interval"),
            _("p, adjusted"),
            _("rows"),
            "",
          ],
          shown,
          "relevant",
        ),
        more,
        h(
          "p",
          { class: "note" },
          [relevance.words, relevance.more, relevance.left_out].filter(Boolean).join(" · "),
        ),
      ].filter(Boolean),
    );
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new RelationsPage(model, el, lifetimeOf({ model, view }));
}
