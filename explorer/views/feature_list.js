// The features on the right: one strip each, only the strips in sight are in the document.
const STRIP = 42; // height of a strip in CSS pixels, fixed so that any row's place is arithmetic
const GROUP = 27;
const BINS = 40;
const AHEAD = 8; // strips kept ready beyond each edge

class FeatureList {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.query = "";
    this.current = null;
    this.build();
    this.arrange();
    this.show();
    for (const name of ["features", "histograms"]) model.on(name, () => { this.arrange(); this.show(); });
    for (const name of ["ticked", "color"]) model.on(name, () => this.draw(true));
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
    this.search = h("input", { type: "search", "aria-label": "Search features", oninput: (event) => { this.query = event.target.value; this.arrange(); this.list.scrollTop = 0; this.draw(true); } });
    this.sets = h("div", { class: "sets" });
    this.inner = h("div", { class: "inner" });
    this.list = h("div", { class: "list", role: "listbox", "aria-label": "Features", "aria-multiselectable": "true", tabIndex: 0,
      onscroll: () => this.draw(false), onkeydown: (event) => this.key(event) }, this.inner);
    this.why = h("details", { class: "why" });
    this.root.append(h("div", { class: "features" },
      h("div", { class: "set" },
        h("div", { class: "top" }, this.name, this.edits, h("span", { class: "fill" }), this.project),
        h("div", { class: "policy" }, this.method, this.scale, this.missing, this.line), this.warning),
      h("div", { class: "find" }, this.search, this.sets), this.why, this.list));
    new ResizeObserver(() => this.draw(true)).observe(this.list);
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

  arrange() {
    const found = this.model.features.map((feature, index) => ({ feature, index })).filter(({ feature }) => this.matches(feature));
    const groups = new Map();
    for (const item of found) {
      const name = item.feature.group || "";
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(item);
    }
    this.rows = [];
    let top = 0;
    for (const [name, items] of groups) {
      if (name || groups.size > 1) {
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
    this.draw(true);
  }

  draw(again) {
    const from = this.list.scrollTop - AHEAD * STRIP;
    const to = this.list.scrollTop + this.list.clientHeight + AHEAD * STRIP;
    const ticked = new Set(this.model.ticked);
    if (again) this.inner.replaceChildren();
    const present = new Map([...this.inner.children].map((node) => [node.dataset.top, node]));
    for (const row of this.rows) {
      const inside = row.top + row.height > from && row.top < to;
      const node = present.get(String(row.top));
      if (inside && !node) this.inner.append(row.feature ? this.strip(row, ticked) : this.heading(row));
      else if (!inside && node) node.remove();
    }
  }

  heading(row) {
    const node = h("h3", { class: "group", style: `top:${row.top}px` }, row.group);
    node.dataset.top = row.top;
    return node;
  }

  strip(row, ticked) {
    const { feature, index } = row;
    const on = ticked.has(feature.name);
    const colours = this.model.color === feature.name;
    const node = h("div", {
      class: "strip" + (this.current === feature.name ? " current" : "") + (on ? " on" : ""), style: `top:${row.top}px`, role: "option", "aria-selected": String(on), id: `f${index}`,
      title: [feature.name, feature.description, ...(feature.facts || [])].filter(Boolean).join("\n"),
      onclick: (event) => { this.current = feature.name; if (event.target.tagName !== "BUTTON" && event.target.tagName !== "INPUT") this.draw(true); },
    },
      h("input", { type: "checkbox", checked: on, disabled: !feature.usable, tabIndex: -1, "aria-label": `Use ${feature.label}`,
        onchange: (event) => this.send({ type: "tick", name: feature.name, on: event.target.checked }) }),
      h("div", { class: "what" },
        h("div", { class: "label" }, h("span", { class: "name" }, feature.label), h("span", { class: "unit" }, feature.unit)),
        h("div", { class: "chips" }, ...feature.chips.map((chip) => h("span", { class: `chip ${chip.kind}`, title: chip.title || "" }, chip.text)))),
      this.histogram(index, feature),
      h("button", { class: colours ? "dot on" : "dot", tabIndex: -1, "aria-pressed": String(colours), "aria-label": `Colour the map by ${feature.label}`, title: colours ? "Colour by density again" : "Colour the map by this (C)",
        onclick: () => this.send({ type: "color", name: colours ? null : feature.name }) }));
    node.dataset.top = row.top;
    node.dataset.name = feature.name;
    return node;
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
    this.draw(true);
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
