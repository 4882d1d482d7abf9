// The features on the right: one strip each, only the strips in sight are in the document.

import { _, ngettext } from "../core/gettext.js";
import { isolated } from "../core/text_direction.js";
import { Identity, judgeByKey } from "../review/page/verdict_keys.js";
import { childrenOf, contextOf, h } from "../ui/dom.js";
import { howComputed } from "../ui/how_computed.js";
import { isTyping } from "../ui/keys.js";
import { lifetimeOf, observeFor } from "../ui/lifetime.js";
import { formatCount } from "../ui/number_format.js";
import { OPEN_PANEL, openPanel } from "../ui/open_panel.js";
import { blockStrip, usableNames } from "./blocks/block_strip.js";
import { inFamilies, matchingItems, tickState } from "./blocks/block_tree.js";
import { ORDERS, pastedNames, sortedFeatures } from "./feature_search.js";
import { bytesOf, featureStrip, groupHeading, outline } from "./feature_strip.js";
import { ProjectionParameters } from "./projection_parameters.js";
import { SetSaving } from "./set_saving.js";
import { fillOptions } from "../ui/forms/choices.js";
import { setUnavailable } from "../ui/forms/unavailable.js";

const GROUP = 27;
const BINS = 40;
const AHEAD = 8; // strips kept ready beyond each edge
// heights of a strip in CSS pixels, fixed so that any row's place is arithmetic
const FORMS = { full: 42, dense: 22 };

/**
 * @typedef {import("../ui/types/messages.js").FeatureListParameters} Parameters
 * @typedef {import("../ui/types/messages.js").FeatureListMessage} Message
 * @typedef {import("../ui/types/messages.js").FeatureListEvent} ServerEvent
 */

/** @typedef {import("../ui/types/page.js").Marked} Marked */

export class FeatureList {
  /** @type {any[]} */
  features;

  /** @type {any[]} */
  looks;
  /** @type {Uint8Array[]} */
  heights;
  /** @type {any[]} */
  rows;
  /** @type {any[]} */
  strips;
  /** @type {any[]} */
  sequence;
  /** @type {{words: HTMLElement, button: HTMLElement} | undefined} */
  counter;

  /**
   * @param {import("../ui/types/page.js").Model<Parameters, Message, ServerEvent>} model
   * @param {HTMLElement} root
   * @param {AbortSignal} lifetime
   */
  constructor(model, root, lifetime) {
    this.model = model;
    this.lifetime = lifetime;
    this.root = root;
    this.query = "";
    this.form = localStorage.getItem("explorer-strips") === "dense" ? "dense" : "full";
    this.keys = {};
    this.folded = new Set();
    /** @type {Set<string>} */
    this.opened = new Set(); // blocks whose columns are shown
    /** @type {string | null} */
    this.onBlock = null; // the block that the keyboard is on, in place of a feature
    this.ticked = new Set(model.ticked);
    /** @type {string | null} */
    this.moved = null; // the feature that a key moved to, until the server has answered
    this.verdicts = {};
    this.take();
    this.name = h("strong");
    this.edits = h("span", { class: "unit" });
    this.scale = this.select(
      _("Scale"),
      ["standard", "robust", "none"],
      [_("standardise"), _("robust scaling"), _("no scaling")],
      (value) => this.send({ type: "policy", scale: value }),
    );
    this.missing = this.select(
      _("Missing"),
      ["median", "indicator", "drop"],
      [_("missing: median"), _("missing: median + indicator"), _("missing: drop rows")],
      (value) => this.send({ type: "policy", missing: value }),
    );
    this.method = this.select(
      _("Method"),
      model.methods.map(([name]) => name),
      model.methods.map(([, label]) => label),
      (value) => this.send({ type: "method", name: value }),
    );
    this.project = h(
      "button",
      {
        class: "primary",
        onclick: () => this.send({ type: "project" }),
      },
      _("Project"),
    );
    this.line = h("div", { class: "line" });
    this.parameters = new ProjectionParameters((message) => this.send(message));
    this.identity = new Identity(this.model, this.root, this.lifetime);
    this.saving = new SetSaving(this);
    this.reviewed = h("div", { class: "reviewed", role: "status" });
    this.answer = h("div", { class: "answer", role: "status" });
    this.warning = h("div", { class: "warning" });
    this.unfit = h("div", { class: "warning", role: "status" });
    this.search = h("input", {
      type: "search",
      "aria-label": _("Search features, or paste a list of names"),
      onpaste: (event) => this.paste(event),
      onkeydown: (event) => this.leaveSearch(event),
      oninput: (event) => {
        this.query = event.target.value;
        this.pasted.replaceChildren();
        this.list.scrollTop = 0;
        this.arrange();
      },
    });
    this.sort = this.select(
      _("Order of the features"),
      Object.keys(ORDERS),
      Object.values(ORDERS).map(({ words }) => words),
      (value) => this.reorder(value),
    );
    this.aim = h("select", {
      class: "aim",
      "aria-label": _("Target column"),
      onchange: (event) => {
        this.send({ type: "order", key: "relevance", target: event.target.value || null });
      },
    });
    this.dense = h(
      "button",
      {
        class: "pill",
        title: _("Compact strips, with figures"),
        "aria-label": _("Compact strips"),
        onclick: () => this.reform(),
      },
      "≡",
    );
    this.sets = h("div", { class: "sets" });
    this.said = h("div", { class: "said" });
    this.counted = h("div", { class: "said", role: "status" });
    this.pasted = h("div", { class: "pasted" });
    this.heads = h(
      "div",
      { class: "heads" },
      h("span", { class: "fill" }),
      ...[
        ["missing", "miss"],
        ["gaussian", "Gauss"],
        ["outliers", "far"],
      ].map(([key, text]) =>
        h(
          "button",
          {
            title: _("Sort: {words}", { words: ORDERS[key].words }),
            onclick: () => {
              this.reorder(key);
            },
          },
          text,
        ),
      ),
      h("i"),
    );
    this.inner = h("div", { class: "inner", role: "rowgroup" });
    this.list = h(
      "div",
      {
        class: "list",
        role: model.blocks.length ? "treegrid" : "grid",
        "aria-label": _("Features"),
        "aria-multiselectable": "true",
        tabIndex: 0,
        onscroll: () => this.draw(false),
        onkeydown: (event) => this.key(event),
      },
      this.inner,
    );
    this.none = h("div", { class: "none" });
    this.columns = h("span");
    this.check = h("button", {
      class: "pill",
      title: _("What the columns are: see and change the role of each"),
      onclick: () => document.dispatchEvent(new CustomEvent("explorer:columns")),
    });
    this.why = this.reasons();
    this.frame = h("div", { class: "features" });
    this.root.append(this.frame);
    this.frame.append(
      h(
        "div",
        { class: "set" },
        h(
          "div",
          { class: "top" },
          this.name,
          this.edits,
          h("span", { class: "fill" }),
          this.saving.open,
          this.project,
        ),
        h("div", { class: "policy" }, this.method, this.scale, this.missing, this.line),
        this.parameters.root,
        this.warning,
        this.unfit,
        this.saving.form,
      ),
      h("div", { class: "roles" }, this.columns, this.check),
      h(
        "div",
        { class: "find" },
        h(
          "div",
          { class: "seek" },
          this.search,
          this.sort,
          this.dense,
          howComputed("list", _("the figures of this list")),
        ),
        this.aim,
        this.said,
        this.pasted,
        this.sets,
        this.counted,
        this.reviewed,
        this.answer,
      ),
      this.why,
      this.heads,
      this.none,
      this.list,
    );
    observeFor(this.lifetime, new ResizeObserver(() => this.draw(false)), this.list);
    // the bars are drawn in the theme's colour; the attribute is often set to what it was
    const theme = new MutationObserver(([change]) => {
      if (change.oldValue !== document.documentElement.dataset.theme) this.draw(true);
    });
    observeFor(this.lifetime, theme, document.documentElement, {
      attributeFilter: ["data-theme"],
      attributeOldValue: true,
    });
    this.showOrder();
    this.show();
    this.count();
    this.showReview();
    this.showColumns();
    model.on("columns", () => this.showColumns());
    model.on("features", () => {
      this.take();
      this.arrange();
    });
    model.on(["color", "as_numbers", "current"], () => this.mark());
    model.on("current", () => {
      this.moved = null;
    });
    model.on("order", () => this.showOrder());
    model.on("block_looks", () => this.arrange());
    model.on("blocks", () => {
      this.list.setAttribute("role", model.blocks.length ? "treegrid" : "grid");
      this.arrange();
    });
    model.on("counting", () => this.count());
    model.on("ticked", () => this.tick());
    model.on("status", () => this.show());
    model.on("review", () => this.showReview());
    model.on("told", () => this.hearVerdict());
    model.on("selected", () => {
      this.parts = [];
      this.draw(true);
    });
    model.on("msg:custom", (event) => this.receive(event.data || event));
    const options = { signal: lifetime };
    document.addEventListener("explorer:step", (event) => this.step(event.detail), options);
    document.addEventListener("keydown", (event) => this.pageKey(event), options);
    // the panel is there by then: it was asked first
    document.addEventListener(
      OPEN_PANEL,
      (event) => {
        const { detail } = /** @type {CustomEvent<string>} */ (event);
        if (detail === "features") setTimeout(() => this.search.focus());
      },
      options,
    );
    this.send({ type: "ready" });
  }

  // Strips are found by their place in the table; what is counted of them comes later.
  take() {
    this.features = this.model.features;
    for (const feature of this.features) {
      feature.text = {
        names: [feature.name.toLowerCase(), feature.label.toLowerCase()],
        rest: `${feature.role_label} ${feature.unit} ${feature.group} ${feature.kind_label} ${feature.kind} ${feature.tags.join(" ")} ${feature.description}`.toLowerCase(),
      };
    }
    this.looks = [];
    this.heights = [];
    this.parts = [];
    for (const [place, look, heights] of this.model.looks) this.learn(place, look, heights);
  }

  learn(place, look, heights) {
    this.looks[place] = look;
    this.heights[place] = bytesOf(heights);
  }

  /** @param {ServerEvent} data */
  receive(data) {
    if (data.type === "looks") {
      const fresh = new Set(
        data.looks.map(([place, look, heights]) => {
          this.learn(place, look, heights);
          return place;
        }),
      );
      if (["missing", "gaussian", "outliers", "redundancy"].includes(this.order)) this.later();
      for (const node of childrenOf(this.inner)) {
        if (fresh.has(Number(node.dataset.index))) node.remove();
      }
      this.draw(false);
    } else if (data.type === "part") {
      this.parts[data.place] = bytesOf(data.heights);
      for (const node of childrenOf(this.inner)) {
        if (Number(node.dataset.index) === data.place) {
          this.paint(node.querySelector("canvas"), data.place);
        }
      }
    } else if (data.type === "marks") {
      // only marks that changed are sent
      if (data.whole) this.verdicts = {};
      for (const [name, mark] of Object.entries(data.marks)) {
        if (mark) this.verdicts[name] = mark;
        else delete this.verdicts[name];
      }
      this.mark();
    } else if (data.type === "keys") {
      this.keys = data.values;
      this.said.textContent = data.words;
      if (this.order === data.key) this.arrange();
    }
  }

  // While looks arrive, the order settles a few times a second and not with each of them.
  later() {
    if (this.settling) return;
    this.settling = setTimeout(() => {
      this.settling = null;
      this.arrange();
    }, 400);
  }

  select(label, values, labels, change) {
    return h(
      "select",
      { "aria-label": label, title: label, onchange: (event) => change(event.target.value) },
      ...values.map((value, index) => h("option", { value }, labels[index])),
    );
  }

  /** @param {Message} message */
  send(message) {
    this.model.send_msg(message);
  }

  reform() {
    this.form = this.form === "dense" ? "full" : "dense";
    localStorage.setItem("explorer-strips", this.form);
    this.arrange();
  }

  // The order is part of the link: the server says it, and computes what it needs.
  get order() {
    return this.model.order.order;
  }

  reorder(order) {
    this.send({ type: "order", key: order, target: null });
  }

  showOrder() {
    const { order, target } = this.model.order;
    this.keys = {};
    this.sort.value = order;
    const asks = ORDERS[order].asks && (order !== "relevance" || target);
    this.said.textContent = asks ? _("computing …") : "";
    if (order === "relevance") {
      const columns = this.features
        .filter(({ kind }) => ["numeric", "boolean", "categorical"].includes(kind))
        .map(({ name, label }) => [name, label]);
      fillOptions(this.aim, [[null, columns]], target, _("choose a target column"));
    }
    this.list.scrollTop = 0;
    this.arrange();
  }

  paste(event) {
    const text = event.clipboardData.getData("text");
    const { words, found, unknown } = pastedNames(text, this.features);
    if (words < 2) return;
    event.preventDefault();
    const names = found.filter(({ usable }) => usable).map(({ name }) => name);
    const tick = (only) => () => {
      this.send({ type: "tick_many", names, on: true, only });
      this.pasted.replaceChildren();
    };
    const missed = unknown.length
      ? unknown.length > 5
        ? _("not found: {names} and {count} more", {
            names: unknown.slice(0, 5).map(isolated).join(", "),
            count: unknown.length - 5,
          })
        : _("not found: {names}", { names: unknown.map(isolated).join(", ") })
      : "";
    this.pasted.replaceChildren(
      h(
        "span",
        {},
        _("{count} of {words} pasted names found", {
          count: formatCount(found.length),
          words: formatCount(words),
        }),
      ),
      names.length
        ? h(
            "button",
            { class: "pill", onclick: tick(false) },
            _("Tick these {count}", { count: names.length }),
          )
        : "",
      names.length ? h("button", { class: "pill", onclick: tick(true) }, _("Tick only these")) : "",
      h("div", { class: "note" }, missed),
    );
  }

  arrange() {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    const { blocks } = this.model;
    let items = matchingItems(this.features, blocks, words);
    if (words.length && this.order === "table") items = items.sort((a, b) => b.score - a.score);
    const groups =
      ["table", "role"].includes(this.order) && !words.length
        ? [...this.grouped(items)]
        : [["", this.order === "table" ? items : sortedFeatures(this, items)]];
    this.height = FORMS[this.form];
    this.rows = [];
    this.sequence = []; // features, those in folded blocks too
    let top = 0;
    for (const [name, members] of groups) {
      if (name || groups.length > 1) {
        this.rows.push({ group: name || "Other", members, top, height: GROUP });
        top += GROUP;
      }
      const folded = this.folded.has(name || "Other") && groups.length > 1;
      const entries = folded ? [] : inFamilies(members, blocks, words.length > 0);
      for (const { family, items: listed } of entries) {
        // of a block of which some columns were found, these are shown
        const open = family && (this.opened.has(family.block.name) || family.narrowed);
        if (family) {
          this.rows.push({ ...family, open, top, height: this.height });
          top += this.height;
        }
        for (const item of listed) {
          const row = { ...item, family, top, height: this.height };
          this.sequence.push(row);
          if (family && !open) continue;
          this.rows.push(row);
          top += this.height;
        }
      }
    }
    this.strips = this.rows.filter((row) => row.feature || row.block);
    this.inner.style.height = `${top}px`;
    this.frame.classList.toggle("dense", this.form === "dense");
    this.dense.classList.toggle("on", this.form === "dense");
    this.aim.classList.toggle("shown", this.order === "relevance");
    this.search.placeholder = _("Search or paste names");
    this.none.textContent =
      this.strips.length || !words.length
        ? ""
        : _("No feature matches “{query}”.", { query: this.query });
    this.draw(true);
  }

  grouped(items) {
    const groups = new Map();
    for (const item of items) {
      const name = (this.order === "role" ? item.feature.role_label : item.feature.group) || "";
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    return groups;
  }

  // A single tick must not carry the strip away from under the pointer; a whole new set is put in
  // order.
  tick() {
    const before = this.ticked;
    this.ticked = new Set(this.model.ticked);
    const changed =
      [...before].filter((name) => !this.ticked.has(name)).length +
      [...this.ticked].filter((name) => !before.has(name)).length;
    if (this.order === "ticked" && changed > 1) this.arrange();
    else this.mark();
    this.showParameters();
  }

  showParameters() {
    const { parameters } = this.model.status;
    if (!parameters) return;
    const labels = new Map(this.features.map(({ name, label }) => [name, label]));
    const ticked = this.model.ticked.filter((name) => labels.has(name));
    this.parameters.show(
      parameters,
      ticked.map((name) => [name, labels.get(name)]),
    );
  }

  show() {
    const status = this.model.status;
    this.name.textContent = status.name || "";
    this.edits.textContent = status.unsaved || status.edits || "";
    const since = status.edits ? _("{edits} since the map", { edits: status.edits }) : "";
    this.edits.title = [status.diff, since].filter(Boolean).join("\n");
    this.saving.refresh();
    this.scale.value = status.scale;
    this.missing.value = status.missing;
    this.method.value = status.method;
    this.showParameters();
    setUnavailable(
      this.project,
      status.no_map,
      _("Make the map of the ticked features (Ctrl+Enter)"),
    );
    this.line.textContent = status.line || "";
    this.warning.replaceChildren(
      status.warning || "",
      ...(status.untick
        ? [
            h(
              "button",
              { class: "pill", onclick: () => this.send({ type: "untick" }) },
              status.untick === 1
                ? _("Untick it")
                : _("Untick these {untick}", { untick: status.untick }),
            ),
          ]
        : []),
    );
    this.warning.classList.toggle("shown", Boolean(status.warning));
    this.showUnfit(status.roles || {});
    this.sets.replaceChildren(
      ...(status.sets || []).map(({ key, label, title }) =>
        h(
          "button",
          {
            class: key === status.set ? "pill on" : "pill",
            title,
            "aria-pressed": String(key === status.set),
            onclick: () => this.send({ type: "set", key }),
          },
          label,
        ),
      ),
      this.saving.kept,
    );
    const reasoned = Boolean(status.as_opened && this.model.reasons.length);
    this.why.classList.toggle("shown", reasoned);
    this.mark();
  }

  // Why the table opened with these features: hundreds of lines, made when they are first shown.
  reasons() {
    const [head = "", ...lines] = this.model.reasons;
    const details = h("details", { class: "why" }, h("summary", {}, head));
    const fill = () => details.append(...lines.map((text) => h("div", {}, text)));
    details.addEventListener("toggle", fill, { once: true });
    return details;
  }

  // Ticked columns whose role speaks against them.
  showUnfit({ text, names = [], all = [] }) {
    this.unfit.classList.toggle("shown", Boolean(text));
    this.unfit.title = all.join("\n");
    this.unfit.replaceChildren(
      ...(text
        ? [
            text,
            h(
              "button",
              {
                class: "pill",
                onclick: () => this.send({ type: "tick_many", names, on: false }),
              },
              names.length === 1
                ? _("Untick it")
                : _("Untick these {count}", { count: names.length }),
            ),
          ]
        : []),
    );
  }

  showColumns() {
    const { text, guessed } = this.model.columns;
    this.columns.textContent = `${text}${guessed ? "" : ` · ${_("confirmed")}`} `;
    this.check.textContent = guessed ? _("Check") : _("Change");
  }

  // How far the review is; what the verdicts say and the set does not is one click away.
  showReview() {
    const { words, conflicts, apply, titles, failed } = this.model.review;
    this.reviewed.replaceChildren(
      ...[
        words,
        failed ? h("span", { class: "fault", title: failed }, _("reviews cannot be kept")) : null,
        conflicts
          ? h(
              "span",
              { title: titles.join("\n") },
              `${words ? " · " : ""}${ngettext("{count} conflict", "{count} conflicts", conflicts, { count: conflicts })}`,
            )
          : null,
        apply
          ? h(
              "button",
              {
                class: "pill",
                title: _("Tick the features as the verdicts say; Ctrl+Z undoes it"),
                onclick: () => this.send({ type: "apply" }),
              },
              _("apply"),
            )
          : null,
      ].filter(Boolean),
    );
  }

  hearVerdict() {
    const message = this.model.told;
    this.saving.told(message);
    this.tell(message.words || "");
    if (!message.why) return;
    clearTimeout(this.fading); // what went wrong stays
    this.answer.classList.add("fault");
    this.answer.textContent = _("Not kept: {why}", { why: message.why });
  }

  /** @param {string} text that goes after a while */
  tell(text) {
    clearTimeout(this.fading);
    this.answer.classList.remove("fault");
    this.answer.textContent = text;
    this.fading = setTimeout(() => {
      this.answer.textContent = "";
    }, 6000);
  }

  count() {
    const { words, on } = this.model.counting;
    if (!words) return this.counted.replaceChildren();
    // the button stays the same one while it says how far it is: a press must find it again
    this.counter ??= {
      words: h("span", {}),
      button: h("button", {
        class: "pill",
        onclick: () => this.send({ type: "counting", on: !this.model.counting.on }),
      }),
    };
    this.counter.words.textContent = `${words} `;
    this.counter.button.textContent = on ? _("stop") : _("go on");
    if (!this.counted.firstChild) this.counted.append(this.counter.words, this.counter.button);
  }

  strip(row) {
    if (row.block) return blockStrip(this, row);
    return row.feature ? featureStrip(this, row) : groupHeading(this, row);
  }

  draw(again) {
    const from = this.list.scrollTop - AHEAD * this.height;
    const to = this.list.scrollTop + this.list.clientHeight + AHEAD * this.height;
    if (again) this.inner.replaceChildren();
    const present = new Map(childrenOf(this.inner).map((node) => [node.dataset.top, node]));
    for (const row of this.rows) {
      const inside = row.top + row.height > from && row.top < to;
      const node = present.get(String(row.top));
      if (inside && !node) {
        this.inner.append(this.strip(row));
      } else if (!inside && node) node.remove();
    }
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.tellVisible(), 120);
  }

  // Who looks at a strip that is not counted yet, or while rows are selected, is told of it first.
  tellVisible() {
    const top = this.list.scrollTop;
    const visible = this.strips.filter(
      (row) => row.feature && row.top + row.height > top && row.top < top + this.list.clientHeight,
    );
    const names = visible.map(({ feature }) => feature.name);
    const open =
      visible.some(({ index }) => !this.looks[index] || this.looks[index].sampled) ||
      this.model.selected;
    if (!open || names.join("\n") === this.told) return;
    this.told = this.model.selected ? "" : names.join("\n");
    this.send({ type: "visible", names });
  }

  // The strips in sight stay in the document, with hover and focus; only what is chosen changes on
  // them.
  mark() {
    for (const node of childrenOf(this.inner)) /** @type {Marked} */ (node).mark?.();
  }

  paint(canvas, index) {
    const context = contextOf(canvas);
    const look = this.looks[index];
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!look || !look.bins) return;
    const style = getComputedStyle(this.list);
    const part =
      this.parts[index] && this.parts[index].length && this.model.selected
        ? this.parts[index]
        : null;
    const width = Math.min(canvas.width / look.bins, 12);
    const bars = (heights, offset, colour, inset) => {
      context.fillStyle = style.getPropertyValue(colour);
      for (let bin = 0; bin < look.bins; bin += 1) {
        const value = heights[offset + bin];
        const height = Math.max((value / 255) * canvas.height, 1.5);
        if (value) {
          context.fillRect(
            bin * width + inset,
            canvas.height - height,
            Math.max(width - 1 - 2 * inset, 1),
            height,
          );
        }
      }
    };
    bars(part || this.heights[index], 0, part ? "--bar" : "--bar-2", 0);
    // narrower as well as darker, so that the selection is told without colour
    if (part && !part[2 * BINS]) bars(part, BINS, "--accent", width > 4 ? 1 : 0);
    else if (part) {
      outline(
        context,
        part.subarray(BINS, BINS + look.bins),
        width,
        style.getPropertyValue("--accent"),
        canvas.height,
      );
    }
    canvas.title = !part
      ? ""
      : part[2 * BINS]
        ? _("Line: selected or filtered rows, on their own scale")
        : _("Dark: selected or filtered rows");
  }

  // From the search to what it found: down to the list, or at once to the first feature.
  leaveSearch(event) {
    if (!["ArrowDown", "Enter"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    if (!this.strips.length) return;
    event.preventDefault();
    if (event.key === "ArrowDown") this.list.focus();
    this.move(0);
  }

  key(event) {
    if (isTyping(event) || event.ctrlKey || event.metaKey) return;
    const at = this.place();
    const row = at >= 0 ? this.strips[at] : null;
    const go = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: this.strips.length - 1,
      PageDown: at + 10,
      PageUp: at - 10,
    }[event.key];
    if (go !== undefined && this.strips.length) {
      this.move(Math.min(Math.max(go, 0), this.strips.length - 1));
    } else if (!row) return;
    else if (!(row.block ? this.blockKey(event, row) : this.featureKey(event, row))) return;
    event.preventDefault();
  }

  // Where the keyboard is among the strips; a feature in a folded block is where the block is.
  place() {
    const current = this.moved ?? this.model.current;
    const at = this.strips.findIndex((row) =>
      row.block ? row.block.name === this.onBlock : !this.onBlock && row.feature.name === current,
    );
    if (at >= 0 || this.onBlock) return at;
    const hidden = this.sequence.find(({ feature }) => feature.name === current);
    return this.strips.findIndex((row) => row.block && row.block === hidden?.family?.block);
  }

  // What a key does to a block; says whether it does anything.
  blockKey(event, row) {
    const { name } = row.block;
    if (event.key === " ") this.tickBlock(row);
    else if (event.key === "Enter") this.toggleBlock(name);
    else if (event.key === "ArrowRight") {
      if (row.open) this.move(this.strips.indexOf(row) + 1);
      else this.toggleBlock(name);
    } else if (event.key === "ArrowLeft" && row.open) this.toggleBlock(name);
    else return false;
    return true;
  }

  featureKey(event, { feature, index, family }) {
    const usable = (this.looks[index] ?? feature).usable;
    if (event.key === " " && usable) {
      this.send({ type: "tick", name: feature.name, on: !this.ticked.has(feature.name) });
    } else if (event.key === "Enter") this.send({ type: "look", name: feature.name });
    else if (event.key === "ArrowLeft" && family) {
      this.move(this.strips.findIndex((row) => row.block === family.block));
    } else if (event.key.toLowerCase() === "c") {
      this.send({ type: "color", name: this.model.color === feature.name ? null : feature.name });
    } else return false;
    return true;
  }

  // Tick all columns of a block or, where all are, untick them.
  tickBlock({ members }) {
    const names = usableNames(this, members);
    const on = tickState(names, this.ticked).state !== "all";
    if (names.length) this.send({ type: "tick_many", names, on });
    this.mark(); // a box that was clicked shows what is the case until the server has answered
  }

  toggleBlock(name) {
    if (this.opened.has(name)) this.opened.delete(name);
    else this.opened.add(name);
    this.arrange();
  }

  stepOnBlock(name) {
    this.onBlock = name;
    const row = this.strips.find(({ block }) => block?.name === name);
    if (row) this.list.setAttribute("aria-activedescendant", `b${row.block.places[0]}`);
    this.mark();
  }

  // Keys of the page, wherever the focus is.
  pageKey(event) {
    // the list is not in sight there
    if (document.documentElement.dataset.tab === "Experiment") return;
    judgeByKey(this, event);
    // as a press of the button: where it is unavailable, the reason is said
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.project.click();
    if (event.key === "/" && !isTyping(event)) {
      event.preventDefault();
      openPanel("features");
    }
  }

  // From the Feature tab: the feature before or after, as the list is ordered now.
  step(by) {
    const count = this.sequence.length;
    const at = this.sequence.findIndex((row) => row.feature.name === this.model.current);
    if (!count) return;
    const next = this.sequence[(at + by + count) % count];
    const shown = this.strips.findIndex((row) => row.feature?.name === next.feature.name);
    if (shown >= 0) return this.move(shown);
    this.reveal(this.strips.find((row) => row.block === next.family.block));
    this.look(next);
  }

  move(to) {
    const row = this.strips[to];
    this.reveal(row);
    if (row.block) return this.stepOnBlock(row.block.name);
    this.look(row);
  }

  look({ feature, index }) {
    this.list.setAttribute("aria-activedescendant", `f${index}`);
    this.onBlock = null;
    this.moved = feature.name;
    this.mark();
    this.send({ type: "look", name: feature.name, tab: null });
  }

  reveal(row) {
    if (row.top < this.list.scrollTop) this.list.scrollTop = row.top - GROUP;
    else if (row.top + this.height > this.list.scrollTop + this.list.clientHeight) {
      this.list.scrollTop = row.top + this.height - this.list.clientHeight;
    }
    this.draw(false);
  }
}

/** @param {import("../ui/types/page.js").Rendered<Parameters, Message, ServerEvent>} component */
export function render({ model, view, el }) {
  el.style.height = "100%";
  new FeatureList(model, el, lifetimeOf({ model, view }));
}
