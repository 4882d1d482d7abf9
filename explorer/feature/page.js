// The Feature tab: one feature seen honestly. Cards are built from plain JSON; the two plots are
// panes of the page.

import { _, ngettext } from "../core/gettext.js";
import { introduce } from "../ui/bokeh.js";
import { findAll, focusedIn, h } from "../ui/dom.js";
import { fillOptions } from "../ui/forms/choices.js";
import { howComputed, howHeading } from "../ui/how_computed.js";
import { isTyping } from "../ui/keys.js";
import { figureTable } from "../ui/lists/table.js";
import { formatCount, formatNumber } from "../ui/number_format.js";
import { unavailable } from "../ui/forms/unavailable.js";

const SCALE_WORDS = { linear: _("linear"), log: _("log"), rank: _("rank") };
const SCALE_HELP = {
  linear: _("Equal widths; 0.5 % of the values at each end are left out and counted"),
  log: _("Equal ratios, all values above 0"),
  rank: _("Bars of about equally many rows; a taller bar is a repeated value"),
};
const GRADES = {
  close: _("close to Gaussian"),
  workable: _("workable as Gaussian"),
  "cannot tell": _("too few rows to rule out normality"),
  not: _("not Gaussian"),
};

// The number in a field: null where it is empty, NaN where it is none. Commas stand at thousands,
// never for decimals.
function readEnd(field) {
  const text = field.value.trim().replace("−", "-");
  if (text === "") return null;
  if (field.exact && field.exact.text === field.value) return field.exact.value;
  const value = Number(/^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text);
  return Number.isFinite(value) ? value : NaN;
}

// as a word of a table or a sentence
const GRADE_WORDS = {
  close: _("close"),
  workable: _("workable"),
  "cannot tell": _("cannot tell"),
  not: _("not"),
};
const grade = (name) => h("span", { class: `grade ${name}` }, GRADE_WORDS[name]);

/**
 * @typedef {import("../ui/types/messages.js").FeaturePageParameters} Parameters
 * @typedef {import("../ui/types/messages.js").FeaturePageMessage} Message
 */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

class FeaturePage {
  /** @type {HTMLElement} */
  basis;
  /** @type {HTMLButtonElement} */
  dot;
  /** @type {Map<string, {input: Field, error: HTMLElement}>} */
  fields;
  /** @type {boolean} */
  unfolded;

  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message>} model
   * @param {HTMLElement} root
   */
  constructor(model, root) {
    this.model = model;
    this.head = h("header");
    this.plots = h("div", { class: "plots" });
    this.cards = h("div", { class: "cards" });
    this.catalogue = h("details", { class: "catalogue" });
    this.page = h(
      "div",
      {
        class: "page",
        tabIndex: 0,
        role: "region",
        "aria-label": _("Feature"),
        onkeydown: (event) => this.key(event),
      },
      this.head,
      this.plots,
      this.cards,
      this.catalogue,
    );
    root.append(this.page);
    this.scales = h("div", {
      class: "switch",
      role: "group",
      "aria-label": _("Scale of the histogram"),
    });
    this.normal = h("input", {
      type: "checkbox",
      onchange: (event) => this.send({ type: "normal", on: event.target.checked }),
    });
    this.normalLabel = h(
      "label",
      { class: "tick", title: _("The fitted normal, thin") },
      this.normal,
      _("normal"),
    );
    this.outside = h("div", { class: "note" });
    this.from = this.end(_("from"));
    this.to = this.end(_("to"));
    this.all = h(
      "button",
      {
        class: "small",
        onclick: () => {
          this.refused.textContent = "";
          this.send({ type: "range", ends: null });
        },
      },
      _("all"),
    );
    this.typed = h("span", {}, `${_("keep")} `, this.from, " – ", this.to, " ");
    this.refused = h("div", { class: "refused", role: "alert" });
    this.range = h("div", { class: "range" }, this.typed, this.all, this.outside, this.refused);
    this.levels = h("div", { class: "levels" });
    this.bars = h(
      "div",
      { class: "plot", title: _("Drag to keep a range") },
      this.model.get_child("histogram"),
    );
    this.histogram = h(
      "section",
      { class: "chart" },
      h(
        "div",
        { class: "top" },
        ...howHeading("distribution", _("Distribution")),
        this.scales,
        this.normalLabel,
      ),
      this.bars,
      this.range,
      this.levels,
    );
    this.afterLabel = h("div", { class: "switch", role: "group", "aria-label": _("QQ plot") });
    this.qqNote = h("div", { class: "note" });
    this.qq = h(
      "section",
      { class: "chart" },
      h("div", { class: "top" }, ...howHeading("qq", _("QQ plot")), this.afterLabel),
      h("div", { class: "plot" }, this.model.get_child("qq")),
      this.qqNote,
    );
    this.plots.append(this.histogram, this.qq);
    this.show();
    model.on("feature", () => this.show());
    model.on(["chart", "levels"], () => this.showChart());
    model.on("marks", () => {
      this.showMarks();
      this.showChart();
    });
    model.on("asked", () => this.showAsked());
    model.on("error", () => this.showError());
    // from here on the browser knows the plots: what was put off may come
    this.send({ type: "ready" });
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  // ← → walk the features while the tab has the focus; a field, a list and the plots keep their
  // keys.
  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (
      !by ||
      isTyping(event) ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.composedPath()[0].matches?.("select, input")
    ) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.step(by);
  }

  // The list of features knows its order and goes to the one before or after.
  step(by) {
    document.dispatchEvent(new CustomEvent("explorer:step", { detail: by }));
  }

  // --- what is always there, so that the plots keep their place

  end(which) {
    return h("input", {
      type: "text",
      inputMode: "decimal",
      autocomplete: "off",
      "aria-label": _("Keep values {which}", { which }),
      onchange: () => this.sendRange(),
    });
  }

  // Both ends closed; an empty end is open. The server understands numbers only: dates are brushed.
  sendRange() {
    /** @type {import("../ui/types/page.js").Data[]} */
    const fields = [this.from, this.to];
    if (
      fields.every((field) => typeof readEnd(field) === "number") &&
      readEnd(this.from) > readEnd(this.to)
    ) {
      const [from, to] = fields.map(({ value, exact }) => ({ value, exact }));
      Object.assign(this.from, to);
      Object.assign(this.to, from);
    }
    const [low, high] = fields.map(readEnd);
    if (this.checkRange()) return;
    if (low === null && high === null) this.send({ type: "range", ends: null });
    else this.send({ type: "keep", low, high });
  }

  checkRange() {
    const wrong = [this.from, this.to].filter((field) => Number.isNaN(readEnd(field)));
    for (const field of [this.from, this.to]) {
      field.classList.toggle("wrong", wrong.includes(field));
    }
    this.refused.textContent = wrong.length
      ? _("“{value}” is not a number: type a number such as 40, or leave the field empty", {
          value: wrong[0].value.trim(),
        })
      : "";
    return wrong.length > 0;
  }

  // What was typed stays as it was typed; a number that was not is shortened, but kept whole beside
  // its words.
  showEnd(field, value) {
    if (this.focused() === field && this.shown === this.model.feature.name) return;
    if (value !== null && readEnd(field) === value) return;
    const text = value === null ? "" : formatNumber(value);
    Object.assign(field, { value: text, exact: { text, value } });
  }

  // --- head

  show() {
    const feature = this.model.feature;
    this.showHead(feature);
    this.showChart();
    this.checkRange();
    this.showCards(feature);
    this.showCatalogue(feature);
    this.showMarks();
    if (this.shown !== feature.name) this.page.scrollTop = 0;
    this.shown = feature.name;
  }

  showHead(feature) {
    if (!feature.name) return;
    this.tick = h("input", {
      type: "checkbox",
      ...unavailable(!feature.usable && feature.unusable),
      onchange: (event) => this.send({ type: "tick", on: event.target.checked }),
    });
    this.dot = h(
      "button",
      { class: "pill", onclick: () => this.send({ type: "color", on: !this.model.marks.colours }) },
      _("colour the map"),
    );
    this.basis = h("strong");
    const plain = feature.label === feature.name ? "" : feature.name;
    this.head.replaceChildren(
      h(
        "div",
        { class: "line" },
        h(
          "button",
          {
            class: "step",
            title: _("The feature before (←)"),
            "aria-label": _("The feature before"),
            onclick: () => this.step(-1),
          },
          "‹",
        ),
        h(
          "button",
          {
            class: "step",
            title: _("The next feature (→)"),
            "aria-label": _("The next feature"),
            onclick: () => this.step(1),
          },
          "›",
        ),
        h("h2", { title: feature.label, dir: "auto" }, feature.label),
        howComputed("feature", _("one feature")),
        h("span", { class: "unit" }, feature.unit),
        h(
          "span",
          { class: "note place" },
          [feature.kind, feature.group, feature.place].filter(Boolean).join(" · "),
        ),
        feature.role
          ? h(
              "span",
              { class: "note", title: feature.role_reason },
              _("role: {role}", { role: feature.role }),
            )
          : null,
        h("span", { class: "fill" }),
        h(
          "label",
          {
            class: "tick",
            title: feature.usable ? _("Use it in the next projection") : feature.unusable,
          },
          this.tick,
          _("in the set"),
        ),
        this.dot,
      ),
      h(
        "p",
        { class: "description" },
        plain ? h("code", {}, plain) : null,
        plain && feature.description ? " · " : null,
        feature.description,
      ),
      h(
        "div",
        { class: "line facts" },
        this.basis,
        ...(feature.facts || []).map(([word, value]) =>
          h("span", {}, h("span", { class: "note" }, `${word} `), value),
        ),
      ),
      h(
        "div",
        { class: "chips" },
        ...feature.chips.map((chip) => h("span", { class: `chip ${chip.kind}` }, chip.text)),
      ),
    );
  }

  showMarks() {
    const marks = this.model.marks;
    if (!this.tick) return;
    this.basis.textContent = marks.basis;
    this.tick.checked = Boolean(marks.ticked);
    this.dot.classList.toggle("on", Boolean(marks.colours));
    this.dot.setAttribute("aria-pressed", String(Boolean(marks.colours)));
    for (const button of findAll(this.cards, "[data-transform]")) {
      const used = button.dataset.transform === (marks.transform || "none");
      button.classList.toggle("on", used);
      button.setAttribute("aria-pressed", String(used));
    }
  }

  // --- the plots

  showChart() {
    const { chart, marks } = this.model;
    const isHistogram = chart.kind === "histogram";
    for (const node of [this.bars, this.scales, this.range]) node.hidden = !isHistogram;
    this.levels.hidden = isHistogram;
    this.qq.hidden = !chart.has_qq;
    this.plots.classList.toggle("single", !chart.has_qq);
    this.normalLabel.hidden = !(isHistogram && chart.has_normal && chart.scale === "linear");
    this.normal.checked = Boolean(chart.normal);
    this.outside.textContent = [chart.whose, chart.outside].filter(Boolean).join(" · ");
    this.scales.replaceChildren(
      ...(this.model.feature.scales || []).map((name) =>
        this.choice(SCALE_WORDS[name], SCALE_HELP[name], name === chart.scale, {
          type: "scale",
          name,
        }),
      ),
    );
    this.afterLabel.replaceChildren(
      ...(chart.can_after
        ? [
            this.choice(
              _("as it is"),
              _("Quantiles of the feature against those of the fitted normal"),
              !chart.after,
              { type: "after", on: false },
            ),
            this.choice(
              _("after {can_after}", { can_after: chart.can_after }),
              _("After the suggested transform"),
              chart.after,
              { type: "after", on: true },
            ),
          ]
        : []),
    );
    this.qqNote.textContent = _("horizontal: sd of a normal · {qq_words}", {
      qq_words: chart.qq_words || "",
    });
    this.all.hidden = !marks.kept;
    const dated = Boolean(this.model.feature.times);
    this.typed.hidden = dated;
    const [low, high] = dated ? [null, null] : marks.fields || [null, null];
    // what cannot be read stays until it is put right
    if (!this.refused.textContent || this.shown !== this.model.feature.name) {
      this.showEnd(this.from, low);
      this.showEnd(this.to, high);
    }
    if (!isHistogram) this.levels.replaceChildren(...this.levelBars());
  }

  focused() {
    return focusedIn(this.page);
  }

  /**
   * @param {string} text
   * @param {string} title
   * @param {boolean} on
   * @param {Message} message
   */
  choice(text, title, on, message) {
    return h(
      "button",
      {
        class: on ? "on" : "",
        "aria-pressed": String(on),
        title,
        onclick: () => this.send(message),
      },
      text,
    );
  }

  levelBars() {
    const card = this.model.levels;
    const feature = this.model.feature;
    const listed =
      card.levels ||
      (feature.levels || []).map(([label, shown]) => ({
        value: label,
        label,
        shown,
        selected: 0,
        plain: true,
      }));
    if (!listed.length) {
      return [
        h(
          "p",
          { class: "note" },
          feature.counted ? _("No levels to show: all values are unique, or none is present.") : "",
        ),
      ];
    }
    const most = Math.max(...listed.map((level) => level.shown), 1);
    const counts = listed.map((level) =>
      card.selecting
        ? _("{selected} of {shown}", {
            selected: formatCount(level.selected),
            shown: formatCount(level.shown),
          })
        : formatCount(level.shown),
    );
    const width = `--count:${Math.max(...counts.map((count) => count.length))}ch`;
    return [
      ...listed.map((level, index) =>
        h(
          "div",
          { class: level.on === false ? "level off" : "level", style: width },
          level.plain
            ? h("span")
            : h("input", {
                type: "checkbox",
                checked: level.on,
                "aria-label": _("Show {label}", { label: level.label }),
                onchange: (event) =>
                  this.send({ type: "level", level: level.value, on: event.target.checked }),
              }),
          h("span", { class: "name", title: level.label }, level.label),
          h(
            "span",
            { class: "track" },
            h("i", { class: "all", style: `width:${(100 * level.shown) / most}%` }),
            h("i", { class: "in", style: `width:${(100 * level.selected) / most}%` }),
          ),
          h("span", { class: "count" }, counts[index]),
        ),
      ),
      card.fold
        ? h("button", { class: "small", onclick: () => this.send({ type: "unfold" }) }, card.fold)
        : null,
      card.beyond ? h("p", { class: "note" }, card.beyond) : null,
      feature.longest
        ? h(
            "p",
            { class: "note" },
            _("longest level: {longest} characters", { longest: formatCount(feature.longest) }),
          )
        : null,
    ].filter(Boolean);
  }

  // --- cards

  showCards(feature) {
    const columns = [
      [this.gaussian(feature.gaussian), this.missing(feature), this.near(feature)],
      [this.outliers(feature.outliers), this.times(feature.times), this.values(feature)],
    ];
    this.cards.replaceChildren(...columns.map((cards) => h("div", {}, ...cards.filter(Boolean))));
    this.showAsked();
  }

  card(heading, ...children) {
    return h("section", { class: "card" }, h("div", { class: "top" }, ...heading), ...children);
  }

  gaussian(result) {
    if (!result) return null;
    const { groups } = this.model.choices;
    this.within = h("div");
    this.test = h("div");
    return this.card(
      howHeading("gaussian", _("Gaussian check")),
      h(
        "p",
        { class: "verdict" },
        grade(result.grade),
        h("strong", {}, GRADES[result.grade]),
        result.reasons.length ? `: ${result.reasons.join(", ")}` : "",
      ),
      figureTable({
        rows: [
          this.figure(
            "D",
            result.ks,
            result.conventions[0],
            _("Kolmogorov distance to the fitted normal: the largest difference of shares"),
          ),
          this.figure(
            _("QQ gap, sd"),
            result.gap,
            result.conventions[1],
            _("Largest distance from the line between the .5 and 99.5 % points"),
          ),
        ],
      }),
      result.without
        ? h(
            "p",
            {},
            `${_("without isolated values:")} `,
            grade(result.without.grade),
            ` ${_("D {ks}, gap {gap}", { ks: result.without.ks, gap: result.without.gap })}`,
          )
        : null,
      result.first ? h("p", { class: "first" }, result.first) : null,
      result.transforms.length
        ? figureTable({
            style: "transforms",
            heads: [_("transform"), _("grade"), "D", _("gap"), ""].map((text) => ({ text })),
            rows: [
              h(
                "tr",
                {},
                h("td", {}, _("none")),
                h("td", {}, grade(result.grade)),
                h("td", {}, result.ks),
                h("td", {}, result.gap),
                h("td", {}, this.use("none")),
              ),
              ...result.transforms.map((transform) => this.transformRow(transform)),
            ],
          })
        : null,
      h(
        "p",
        { class: "note" },
        _("fitted: {fit}. Thresholds are conventions.", { fit: result.fit }),
      ),
      h(
        "details",
        {
          open: this.unfolded,
          ontoggle: (event) => {
            this.unfolded = /** @type {HTMLDetailsElement} */ (event.target).open;
          },
        },
        h("summary", {}, _("Shape, groups, p-value")),
        figureTable({
          rows: result.shape.map(([text, value, normal]) =>
            this.figure(text, value, _("normal {normal}", { normal })),
          ),
        }),
        h(
          "p",
          {},
          `${_("Within groups of")} `,
          this.pick(groups, _("a category …"), (column) => this.send({ type: "within", column })),
        ),
        this.within,
        h(
          "p",
          {},
          h(
            "button",
            { class: "small", onclick: () => this.send({ type: "test" }) },
            _("p-value of a sample"),
          ),
        ),
        this.test,
      ),
    );
  }

  transformRow(transform) {
    return h(
      "tr",
      { class: transform.valid ? "" : "not-valid" },
      h(
        "td",
        {},
        transform.label,
        transform.suggested ? h("span", { class: "note" }, ` ${_("suggested")}`) : null,
      ),
      ...(transform.valid
        ? [
            h("td", {}, grade(transform.grade)),
            h("td", {}, transform.ks),
            h("td", {}, transform.gap),
            h("td", {}, this.use(transform.name)),
          ]
        : [h("td", { colSpan: 4, class: "note" }, transform.why)]),
    );
  }

  figure(text, value, note, title) {
    return h(
      "tr",
      { title: title || "" },
      h("td", {}, text),
      h("td", { class: "number" }, value),
      h("td", { class: "note" }, note),
    );
  }

  use(name) {
    return h(
      "button",
      {
        class: "pill",
        "data-transform": name,
        title:
          name === "none"
            ? _("Project the feature as it is")
            : _("Use {name} in the next projection; ticks the feature", { name }),
        onclick: () => this.send({ type: "transform", name: name === "none" ? null : name }),
      },
      name === "none" ? _("none") : _("use {name}", { name }),
    );
  }

  pick(columns, first, change, value) {
    const select = h("select", {
      "aria-label": first,
      onchange: (event) => {
        if (event.target.value || value !== undefined) change(event.target.value);
      },
    });
    fillOptions(select, [[null, columns]], value, first);
    return select;
  }

  outliers(result) {
    if (!result) return null;
    const select = (definition) =>
      definition
        ? h(
            "button",
            {
              class: "small",
              title: _("Select these rows, as far as the filters show them"),
              onclick: () => this.send({ type: "select", definition }),
            },
            _("select"),
          )
        : null;
    return this.card(
      howHeading("outliers", _("Outliers")),
      figureTable({
        heads: [
          { text: _("rule") },
          { text: _("here") },
          {
            text: _("Gaussian"),
            title: _(
              "Share expected of a Gaussian in a large sample; samples of 100 rows have about 1 % beyond Tukey's fences",
            ),
          },
          { text: result.after ? _("after {after}", { after: result.after }) : "" },
          { text: "" },
        ],
        rows: result.rates.map((rule) =>
          h(
            "tr",
            { title: _("outside {range}", { range: rule.range }) },
            h("td", {}, rule.rule),
            h("td", { class: rule.excess ? "number much" : "number" }, rule.rate),
            h("td", { class: "number note" }, rule.expected),
            h("td", { class: "number" }, rule.after),
            h(
              "td",
              {},
              rule.count
                ? [formatCount(rule.count), " ", select(rule.definition)]
                : h("span", { class: "note" }, rule.count === 0 ? _("none") : ""),
            ),
          ),
        ),
      }),
      h(
        "p",
        { class: "note" },
        _("Tukey's fences: {range} · {scale}", {
          range: result.rates[1].range,
          scale: result.scale,
        }),
      ),
      result.adjusted
        ? h(
            "p",
            { class: "note" },
            _("adjusted for skewness: {adjusted}", { adjusted: result.adjusted }),
          )
        : null,
      result.invalid
        ? h(
            "p",
            { title: _("valid: {range}", { range: result.invalid.range }) },
            h("strong", {}, result.invalid.words),
            " ",
            select(result.invalid.definition),
          )
        : null,
      ...result.isolated.map((value) =>
        h(
          "p",
          {},
          h("strong", {}, value.words),
          h("span", { class: "note" }, ` ${value.gap} `),
          select(value.definition),
        ),
      ),
      ...result.sentinels.map((sentinel) =>
        h(
          "p",
          {},
          h("strong", {}, sentinel.words),
          h("span", { class: "note" }, ` ${sentinel.why} `),
          select(sentinel.definition),
          " ",
          h(
            "button",
            { class: "small", onclick: () => this.addSentinel(sentinel.value) },
            _("treat as missing"),
          ),
        ),
      ),
      result.isolated.length || result.sentinels.length
        ? null
        : h("p", { class: "note" }, _("No isolated values, nothing that looks like a sentinel.")),
    );
  }

  addSentinel(value) {
    const present = this.model.feature.catalogue.find(
      (entry) => entry.attribute === "sentinels",
    ).value;
    const sentinels = present ? `${present}, ${value}` : String(value);
    this.send({ type: "edit", attribute: "sentinels", value: sentinels });
  }

  missing(feature) {
    if (!feature.missing) return null;
    const { groups, times } = this.model.choices;
    this.missingBars = h("div");
    const others = (columns) => columns.filter(([name]) => name !== feature.name);
    const count = feature.missing.count;
    return this.card(
      howHeading("missing", _("Missing")),
      h(
        "p",
        {},
        feature.missing.words,
        " ",
        count
          ? h(
              "button",
              {
                class: "small",
                onclick: () =>
                  this.send({
                    type: "select",
                    definition: { expression: feature.missing.expression },
                  }),
              },
              _("select"),
            )
          : null,
      ),
      count
        ? h(
            "p",
            {},
            this.pick(
              [
                ...others(times).map(([name, label]) => [name, _("over time: {label}", { label })]),
                ...others(groups),
              ],
              _("by …"),
              (column) => this.send({ type: "missing", column }),
              this.model.marks.missing_column || "",
            ),
          )
        : null,
      this.missingBars,
    );
  }

  values(feature) {
    const tables = [];
    if (feature.quantiles?.length) {
      tables.push(
        figureTable({
          caption: _("Quantiles"),
          rows: feature.quantiles.map(([text, value]) =>
            h("tr", {}, h("td", {}, text), h("td", { class: "number" }, value)),
          ),
        }),
      );
    }
    if (feature.frequent?.length) {
      tables.push(
        figureTable({
          caption: _("Most frequent"),
          rows: feature.frequent.map(([value, count]) =>
            h("tr", {}, h("td", {}, value), h("td", { class: "number note" }, formatCount(count))),
          ),
        }),
      );
    }
    if (!tables.length) return null;
    return this.card(
      howHeading("values", _("Values")),
      h("div", { class: "side-by-side" }, ...tables),
      feature.quantile_note ? h("p", { class: "note" }, feature.quantile_note) : null,
    );
  }

  near(feature) {
    if (!feature.counted) return null;
    if (!feature.near) {
      return this.card(
        howHeading("nearest", _("Nearest features")),
        h("p", { class: "note" }, _("not compared yet")),
      );
    }
    const { features, words } = feature.near;
    if (!features.length) {
      return this.card(
        howHeading("nearest", _("Nearest features")),
        h("p", { class: "note" }, _("Correlations are computed for numbers only.")),
      );
    }
    return this.card(
      howHeading("nearest", _("Nearest features")),
      figureTable({
        rows: features.map(({ name, label, r, pearson }) =>
          h(
            "tr",
            {},
            h(
              "td",
              {},
              h(
                "button",
                {
                  class: "small",
                  title: _("Look at {name}", { name }),
                  onclick: () => this.send({ type: "look", name }),
                },
                label,
              ),
            ),
            h("td", { class: "number" }, `r ${r}`),
            h("td", { class: "number note" }, pearson),
          ),
        ),
      }),
      h("p", { class: "note" }, words),
    );
  }

  times(times) {
    if (!times) return null;
    const bars = (counts, text) => {
      const most = Math.max(...counts.map(([, count]) => count), 1);
      return h(
        "div",
        { class: "columns", role: "img", "aria-label": text },
        ...counts.map(([name, count]) =>
          h(
            "span",
            {
              title: ngettext("{name}: {count} row", "{name}: {count} rows", count, {
                name,
                count: formatCount(count),
              }),
            },
            h("i", { style: `height:${(100 * count) / most}%` }),
            h("small", {}, name),
          ),
        ),
      );
    };
    return this.card(
      howHeading("times", _("Times")),
      h("p", {}, times.range, h("span", { class: "note" }, ` · ${times.rhythm}`)),
      times.gaps.length
        ? h(
            "p",
            {},
            h("span", { class: "note" }, `${_("longest gaps:")} `),
            times.gaps.slice(0, 3).join(", "),
          )
        : null,
      times.weekdays.length ? bars(times.weekdays, _("Rows by weekday")) : null,
      times.hours.length ? bars(times.hours, _("Rows by hour")) : null,
    );
  }

  // --- on request

  showAsked() {
    const { within, test, missing } = this.model.asked;
    if (this.within) {
      this.within.replaceChildren(
        ...this.answer(within, (result) => [
          h(
            "p",
            {},
            grade(result.grade),
            ` ${_("D {ks}, gap {gap}", { ks: result.ks, gap: result.gap })} `,
            h("span", { class: "note" }, result.words),
            result.reasons.length ? `: ${result.reasons.join(", ")}` : "",
          ),
        ]),
      );
    }
    if (this.test) {
      this.test.replaceChildren(
        ...this.answer(test, (result) => [
          h("p", {}, result.p, h("span", { class: "note" }, ` ${result.words}`)),
        ]),
      );
    }
    if (this.missingBars) {
      this.missingBars.replaceChildren(...this.answer(missing, (result) => this.missingBy(result)));
    }
  }

  answer(result, linesOf) {
    if (!result || result.name !== this.model.feature.name) return [];
    return result.error
      ? [h("p", { class: "refused", role: "alert" }, result.error)]
      : linesOf(result);
  }

  missingBy(result) {
    const most = Math.max(...result.bars.map((bar) => bar.share), 0.001);
    const note = h(
      "p",
      { class: "note" },
      [
        result.how,
        result.more,
        _("rows shown, exact"),
        _("the longest bar is {share} %", { share: (100 * most).toPrecision(2) }),
      ]
        .filter(Boolean)
        .join(" · "),
    );
    if (result.how !== "levels") {
      return [
        h(
          "div",
          {
            class: "columns wide",
            role: "img",
            "aria-label": _("Missing over {label}", { label: result.label }),
          },
          ...result.bars.map((bar) =>
            h(
              "span",
              { title: `${bar.label}: ${bar.words}` },
              h("i", { class: "lack", style: `height:${(100 * bar.share) / most}%` }),
            ),
          ),
        ),
        h(
          "div",
          { class: "ends" },
          h("span", {}, result.bars[0].label),
          h("span", {}, result.bars[result.bars.length - 1].label),
        ),
        note,
      ];
    }
    const width = `--count:${Math.max(...result.bars.map((bar) => bar.words.length))}ch`;
    return [
      ...result.bars.map((bar) =>
        h(
          "div",
          { class: "level", style: width },
          h("span"),
          h("span", { class: "name", title: bar.label }, bar.label),
          h(
            "span",
            { class: "track" },
            h("i", { class: "lack", style: `width:${(100 * bar.share) / most}%` }),
          ),
          h("span", { class: "count" }, bar.words),
        ),
      ),
      note,
    ];
  }

  // --- catalogue

  showCatalogue(feature) {
    if (!feature.name) return;
    const focused = [...(this.fields || [])].find(([, { input }]) => input === this.focused())?.[0];
    this.fields = new Map();
    this.catalogue.replaceChildren(
      h("summary", {}, _("Column description and type")),
      h("div", { class: "fields" }, ...feature.catalogue.map((entry) => this.field(entry))),
    );
    this.fields.get(focused ?? "")?.input.focus({ preventScroll: true });
    this.showError();
  }

  field(entry) {
    const error = h("span", { class: "refused", role: "alert" });
    const change = (event) =>
      this.send({ type: "edit", attribute: entry.attribute, value: event.target.value });
    const input = entry.choices.length
      ? h(
          "select",
          { onchange: change },
          ...entry.choices.map((value) => h("option", { value }, entry.labels?.[value] ?? value)),
        )
      : h(entry.attribute === "description" ? "textarea" : "input", {
          placeholder: entry.hint,
          rows: 3,
          spellcheck: false,
          onchange: change,
        });
    input.value = entry.value;
    this.fields.set(entry.attribute, { input, error });
    return h("label", {}, h("span", { class: "note" }, entry.words), h("span", {}, input, error));
  }

  showError() {
    const refused = this.model.error;
    for (const [attribute, { input, error }] of this.fields || []) {
      const wrong = refused.attribute === attribute;
      error.textContent = wrong ? refused.words : "";
      input.classList.toggle("wrong", wrong);
      if (wrong) input.value = refused.value;
    }
    if (refused.words) this.catalogue.open = this.catalogue.open || Boolean(refused.attribute);
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message>} component */
export function render({ model, view, el }) {
  introduce(view);
  el.style.height = "100%";
  new FeaturePage(model, el);
}
