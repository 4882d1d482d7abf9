// The rows on the left: how many are shown, what hides them, what is selected, and who they are.
class RowsPanel {
  constructor(model, root) {
    this.model = model;
    this.count = h("span", { class: "unit" });
    this.chips = h("div", { class: "filters" });
    this.entry = h("input", { type: "text", placeholder: "year >= 1990 and …", "aria-label": "Filter expression, as in the WHERE part of SQL",
      onkeydown: (event) => { if (event.key === "Enter" && event.target.value.trim()) this.send({ type: "filter", expression: event.target.value.trim() }); } });
    this.error = h("div", { class: "error", role: "alert" });
    this.selection = h("section", { class: "selection" });
    this.strips = h("div");
    this.notes = h("section");
    root.append(h("div", { class: "rows" },
      h("section", { class: "head" }, h("strong", {}, "Rows"), this.count),
      h("section", {}, h("h3", {}, "Filters"), this.chips, this.entry, this.error),
      this.selection, this.strips, this.notes));
    this.show();
    model.on("rows", () => this.show());
    model.on("saved", () => { if (model.saved.data) h("a", { href: model.saved.data, download: model.saved.name }).click(); });
  }

  send(message) {
    this.model.send_msg(message);
  }

  show() {
    const rows = this.model.rows;
    this.count.textContent = rows.count || "";
    this.error.textContent = rows.error || "";
    if (!rows.error && (rows.filters || []).some((filter) => filter.text === this.entry.value.trim())) this.entry.value = "";
    this.chips.replaceChildren(...(rows.filters || []).map((filter) => this.chip(filter)));
    this.selection.replaceChildren(...this.selected(rows.selection));
    this.strips.replaceChildren(...(rows.strips || []).map((strip) => (strip.kind === "levels" ? this.levels(strip) : this.histogram(strip))));
    this.notes.replaceChildren(...(rows.notes || []).map((text) => h("p", { class: "note" }, text)), ...(rows.warnings && rows.warnings.length
      ? [h("details", {}, h("summary", {}, `Worth knowing of this table (${rows.warnings.length})`), ...rows.warnings.map((text) => h("p", {}, text)))] : []));
  }

  chip(filter) {
    return h("span", { class: filter.on ? "chip" : "chip off", title: `${filter.text}\n${filter.words}` },
      h("button", { title: filter.on ? "Switch this filter off" : "Switch this filter on", "aria-pressed": String(filter.on), onclick: () => this.send({ type: "switch", name: filter.id, on: !filter.on }) }, filter.text),
      h("button", { "aria-label": "Remove this filter", onclick: () => this.send({ type: "unfilter", name: filter.id }) }, "×"));
  }

  selected(selection) {
    if (!selection) return [h("h3", {}, "Selection"), h("p", { class: "note" }, "None. Choose Box or Lasso on the map and drag; Shift adds, Alt removes, Esc clears.")];
    return [h("h3", {}, "Selection"),
      h("div", { class: "picked" }, h("strong", { class: "number" }, formatCount(selection.count)), h("span", {}, selection.words)),
      h("div", { class: "actions" },
        h("button", { title: "Turn the selection into a filter", onclick: () => this.send({ type: "keep" }) }, "Keep only"),
        h("button", { title: "Save the selected rows with all columns", onclick: () => this.send({ type: "export" }) }, "Save CSV"),
        h("button", { onclick: () => this.send({ type: "clear" }) }, "Clear"))];
  }

  title(strip) {
    return h("h4", {}, strip.label, strip.unit ? h("span", { class: "plain" }, ` ${strip.unit}`) : null, h("span", { class: "plain" }, strip.how ? ` ${strip.how}` : ""));
  }

  levels(strip) {
    const most = Math.max(...strip.levels.map((level) => level.shown), 1);
    return h("section", {}, this.title(strip), h("div", { class: "bars", role: "group", "aria-label": strip.label }, ...strip.levels.map((level) =>
      h("label", { class: level.on ? "bar" : "bar off" },
        h("input", { type: "checkbox", checked: level.on, onchange: (event) => this.send({ type: "levels", column: strip.column, level: level.value, on: event.target.checked }) }),
        h("span", { class: "name", title: level.label }, level.label),
        h("span", { class: "track" },
          h("i", { class: "all", style: `width:${(100 * level.shown) / most}%` }),
          h("i", { class: "in", style: `width:${(100 * level.selected) / most}%` })),
        h("span", { class: "count" }, formatCount(strip.selecting ? level.selected : level.shown))))),
      strip.more ? h("div", { class: "note" }, strip.more) : null);
  }

  histogram(strip) {
    const most = Math.max(...strip.shown, 1);
    const bars = h("div", { class: "histogram", title: "Drag to keep a range", tabIndex: 0, "aria-label": `${strip.label}: histogram` }, ...strip.shown.map((count, index) =>
      h("span", {}, h("i", { class: "all", style: `height:${(100 * count) / most}%` }), h("i", { class: "in", style: `height:${(100 * strip.selected[index]) / most}%` }))));
    const brush = h("div", { class: "brush" });
    bars.append(brush);
    this.brush(bars, brush, strip);
    return h("section", {}, this.title(strip), bars,
      h("div", { class: "ends" }, h("span", {}, strip.low), strip.range ? h("span", { class: "range" }, strip.range) : null, h("span", {}, strip.high)));
  }

  brush(bars, brush, strip) {
    const share = (event) => {
      const box = bars.getBoundingClientRect();
      return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    };
    const place = (a, b) => { brush.hidden = false; brush.style.left = `${100 * Math.min(a, b)}%`; brush.style.width = `${100 * Math.abs(b - a)}%`; };
    const [first, last] = [strip.edges[0], strip.edges[strip.edges.length - 1]];
    brush.hidden = !strip.brushed;
    if (strip.brushed) place(...strip.brushed.map((value) => (value - first) / (last - first)));
    let from = null;
    bars.addEventListener("pointerdown", (event) => { from = share(event); bars.setPointerCapture(event.pointerId); place(from, from); });
    bars.addEventListener("pointermove", (event) => { if (from !== null) place(from, share(event)); });
    bars.addEventListener("pointerup", (event) => {
      const to = share(event);
      const range = Math.abs(to - from) < 0.01 ? null : [Math.min(from, to), Math.max(from, to)].map((part) => first + part * (last - first));
      from = null;
      this.send({ type: "range", column: strip.column, ends: range });
    });
  }
}

export function render({ model, el }) {
  el.style.height = "100%";
  new RowsPanel(model, el);
}
