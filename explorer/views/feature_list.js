// The features on the right: one strip each, only the strips in sight are in the document.
const STRIP = 42; // height of a strip in CSS pixels, fixed so that any row's place is arithmetic
const GROUP = 27;
const BINS = 40;
const AHEAD = 8; // strips kept ready beyond each edge
const ORDERS = { table: "table order", ticked: "ticked first", missing: "most missing first", name: "name" };

class FeatureList {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.query = "";
    this.order = "table";
    this.current = null;
    this.last = new Set(model.ticked);
    this.build();
    this.arrange();
    this.show();
    for (const name of ["features", "histograms"]) model.on(name, () => this.arrange());
    for (const name of ["color", "as_numbers"]) model.on(name, () => this.mark());
    model.on("ticked", () => this.tick());
    model.on("status", () => this.show());
  }

  build() {
    this.name = h("strong");
    this.edits = h("span", { class: "unit" });
    this.scale = this.select("Scale", ["standard", "robust", "none"], ["sd", "robust", "none"], (value) => this.send({ type: "policy", scale: value }));
    this.missing = this.select("Missing", ["median", "indicator", "drop"], ["miss: median", "miss: + flag", "miss: drop rows"],
      (value) => this.send({ type: "policy", missing: value }));
    this.method = this.select("Method", ["umap", "pca"], ["UMAP", "PCA"], (value) => this.send({ type: "method", name: value }));
    this.project = h("button", { class: "primary", title: "Make the map of the ticked features (Ctrl+Enter)", onclick: () => this.send({ type: "project" }) }, "Project");
    this.line = h("div", { class: "line" });
    this.warning = h("div", { class: "warning" });
    this.search = h("input", { type: "search", "aria-label": "Search features", oninput: (event) => { this.query = event.target.value; this.list.scrollTop = 0; this.arrange(); } });
    this.sort = this.select("Order of the features", Object.keys(ORDERS), Object.values(ORDERS), (value) => { this.order = value; this.list.scrollTop = 0; this.arrange(); });
    this.sets = h("div", { class: "sets" });
    this.inner = h("div", { class: "inner" });
    this.list = h("div", { class: "list", role: "listbox", "aria-label": "Features", "aria-multiselectable": "true", tabIndex: 0,
      onscroll: () => this.draw(false), onkeydown: (event) => this.key(event) }, this.inner);
    this.why = h("details", { class: "why" });
    this.root.append(h("div", { class: "features" },
      h("div", { class: "set" },
        h("div", { class: "top" }, this.name, this.edits, h("span", { class: "fill" }), this.project),
        h("div", { class: "policy" }, this.method, this.scale, this.missing, this.line), this.warning),
      h("div", { class: "find" }, h("div", { class: "seek" }, this.search, this.sort), this.sets), this.why, this.list));
    new ResizeObserver(() => this.draw(false)).observe(this.list);
    // the bars are drawn in the theme's colour; the attribute is often set to what it was
    new MutationObserver(([change]) => { if (change.oldValue !== document.documentElement.dataset.theme) this.draw(true); })
      .observe(document.documentElement, { attributeFilter: ["data-theme"], attributeOldValue: true });
  }

  select(label, values, words, change) {
    return h("select", { "aria-label": label, title: label, onchange: (event) => change(event.target.value) },
      ...values.map((value, index) => h("option", { value }, words[index])));
  }

  send(message) {
    this.model.send_msg(message);
  }

  // Search looks at name, label, unit, group and description; every word must be found.
  matches(feature) {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    const text = `${feature.name} ${feature.label} ${feature.unit} ${feature.group} ${feature.description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  }

  // Sorting is stable: equals stay in table order.
  sorted(items) {
    const ticked = new Set(this.model.ticked);
    const compare = {
      ticked: (a, b) => ticked.has(b.feature.name) - ticked.has(a.feature.name),
      missing: (a, b) => b.feature.missing - a.feature.missing,
      name: (a, b) => a.feature.label.localeCompare(b.feature.label, undefined, { numeric: true }),
    }[this.order];
    return compare ? [["", items.sort(compare)]] : [...this.grouped(items)];
  }

  grouped(items) {
    const groups = new Map();
    for (const item of items) {
      const name = item.feature.group || "";
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    return groups;
  }

  arrange() {
    const groups = this.sorted(this.model.features.map((feature, index) => ({ feature, index })).filter(({ feature }) => this.matches(feature)));
    this.rows = [];
    let top = 0;
    for (const [name, items] of groups) {
      if (name || groups.length > 1) {
        this.rows.push({ group: name || "Other", top, height: GROUP });
        top += GROUP;
      }
      for (const item of items) {
        this.rows.push({ ...item, top, height: STRIP });
        top += STRIP;
      }
    }
    this.strips = this.rows.filter((row) => row.feature);
    this.inner.style.height = `${top}px`;
    this.search.placeholder = `Search ${formatCount(this.model.features.length)} features`;
    this.draw(true);
  }

  // A single tick must not carry the strip away from under the pointer; a whole new set is put in order.
  tick() {
    const before = this.last;
    this.last = new Set(this.model.ticked);
    const changed = [...before].filter((name) => !this.last.has(name)).length + [...this.last].filter((name) => !before.has(name)).length;
    if (this.order === "ticked" && changed > 1) this.arrange();
    else this.mark();
  }

  show() {
    const status = this.model.status;
    this.name.textContent = status.name || "";
    this.edits.textContent = status.edits || "";
    this.scale.value = status.scale;
    this.missing.value = status.missing;
    this.method.value = status.method;
    this.project.disabled = !status.can_project;
    this.line.textContent = status.line || "";
    this.warning.replaceChildren(status.warning || "", ...(status.untick
      ? [h("button", { class: "pill", onclick: () => this.send({ type: "untick" }) }, status.untick === 1 ? "Untick it" : `Untick these ${status.untick}`)] : []));
    this.warning.classList.toggle("shown", Boolean(status.warning));
    this.sets.replaceChildren(...(status.sets || []).map(({ key, label, title }) =>
      h("button", { class: key === status.set ? "pill on" : "pill", title, "aria-pressed": String(key === status.set), onclick: () => this.send({ type: "set", key }) }, label)));
    const open = this.why.open;
    this.why.classList.toggle("shown", Boolean(status.why && status.why.length));
    if (status.why && status.why.length) {
      this.why.replaceChildren(h("summary", {}, status.why[0]), ...status.why.slice(1).map((text) => h("div", {}, text)));
      this.why.open = open;
    }
  }

  draw(again) {
    const from = this.list.scrollTop - AHEAD * STRIP;
    const to = this.list.scrollTop + this.list.clientHeight + AHEAD * STRIP;
    if (again) this.inner.replaceChildren();
    const state = this.marks();
    const present = new Map([...this.inner.children].map((node) => [node.dataset.top, node]));
    for (const row of this.rows) {
      const inside = row.top + row.height > from && row.top < to;
      const node = present.get(String(row.top));
      if (inside && !node) this.inner.append(row.feature ? this.strip(row, state) : this.heading(row));
      else if (!inside && node) node.remove();
    }
  }

  marks() {
    return { ticked: new Set(this.model.ticked), numbers: new Set(this.model.as_numbers) };
  }

  // The strips in sight stay in the document, with hover and focus; only what is chosen changes on them.
  mark() {
    const state = this.marks();
    for (const node of this.inner.children) if (node.mark) node.mark(state);
  }

  heading(row) {
    const node = h("h3", { class: "group", style: `top:${row.top}px`, title: row.group }, row.group);
    node.dataset.top = row.top;
    return node;
  }

  strip(row, state) {
    const { feature, index } = row;
    const box = h("input", { type: "checkbox", disabled: !feature.usable, tabIndex: -1, "aria-label": `Use ${feature.label}`,
      onchange: (event) => this.send({ type: "tick", name: feature.name, on: event.target.checked }) });
    const dot = h("button", { tabIndex: -1, "aria-label": `Colour the map by ${feature.label}`,
      onclick: () => this.send({ type: "color", name: this.model.color === feature.name ? null : feature.name }) });
    const chips = feature.chips.map((chip) => h("span", { title: chip.title || "" }));
    const node = h("div", { style: `top:${row.top}px`, role: "option", id: `f${index}`, onclick: (event) => this.point(event, feature.name) },
      box,
      h("div", { class: "what" },
        h("div", { class: "label" }, h("span", { class: "name" }, feature.label), h("span", { class: "unit" }, feature.unit)),
        h("div", { class: "chips" }, ...chips)),
      this.histogram(index, feature), dot);
    node.dataset.top = row.top;
    node.dataset.name = feature.name;
    node.mark = ({ ticked, numbers }) => {
      const on = ticked.has(feature.name);
      const colours = this.model.color === feature.name;
      node.className = `strip${this.current === feature.name ? " current" : ""}${on ? " on" : ""}`;
      node.setAttribute("aria-selected", String(on));
      box.checked = on;
      dot.className = colours ? "dot on" : "dot";
      dot.title = colours ? "Colour by density again" : "Colour the map by this (C)";
      dot.setAttribute("aria-pressed", String(colours));
      const words = feature.chips.map((chip) => (chip.as_number && numbers.has(feature.name) ? chip.as_number : chip.text));
      chips.forEach((chip, place) => {
        chip.textContent = words[place];
        chip.className = `chip ${words[place] === feature.chips[place].text ? feature.chips[place].kind : ""}`;
      });
      node.title = [feature.name, words.join(" · "), feature.description, ...(feature.facts || [])].filter(Boolean).join("\n");
    };
    node.mark(state);
    return node;
  }

  point(event, name) {
    if (event.target.tagName === "BUTTON" || event.target.tagName === "INPUT") return;
    this.current = name;
    this.mark();
  }

  histogram(index, feature) {
    const canvas = h("canvas", { width: 184, height: 44, "aria-hidden": "true" });
    const heights = new Uint8Array(this.model.histograms, index * BINS, BINS);
    const bins = feature.bins;
    if (!bins) return canvas;
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(this.list).getPropertyValue("--bar-2");
    const width = Math.min(canvas.width / bins, 12);
    for (let bin = 0; bin < bins; bin += 1) {
      const height = (heights[bin] / 255) * canvas.height;
      if (heights[bin]) context.fillRect(bin * width, canvas.height - Math.max(height, 1.5), Math.max(width - 1, 1), Math.max(height, 1.5));
    }
    return canvas;
  }

  key(event) {
    if (isTyping(event) || event.ctrlKey || event.metaKey) return;
    const at = this.strips.findIndex((row) => row.feature.name === this.current);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.strips.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    const feature = at >= 0 ? this.strips[at].feature : null;
    if (go !== undefined && this.strips.length) this.move(Math.min(Math.max(go, 0), this.strips.length - 1));
    else if (event.key === " " && feature && feature.usable) this.send({ type: "tick", name: feature.name, on: !this.model.ticked.includes(feature.name) });
    else if (event.key.toLowerCase() === "c" && feature) this.send({ type: "color", name: this.model.color === feature.name ? null : feature.name });
    else return;
    event.preventDefault();
  }

  move(to) {
    const row = this.strips[to];
    this.current = row.feature.name;
    if (row.top < this.list.scrollTop) this.list.scrollTop = row.top - GROUP;
    else if (row.top + STRIP > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = row.top + STRIP - this.list.clientHeight;
    this.list.setAttribute("aria-activedescendant", `f${row.index}`);
    this.draw(false);
    this.mark();
  }
}

export function render({ model, el }) {
  el.style.height = "100%";
  const list = new FeatureList(model, el);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) list.send({ type: "project" });
    if (event.key === "/" && !isTyping(event)) {
      event.preventDefault();
      list.search.focus();
    }
  });
}
