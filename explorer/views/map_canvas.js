// The map: paints the server's frames, moves the last one at once while the next is on its way.
const OVERSCAN = 0.15; // share of the width drawn beyond each edge, so that a drag shows no blank
const REST_MS = 110; // silence after which the view counts as resting and is drawn at full resolution
const MAX_PIXEL_RATIO = 1.5; // above this the eye gains nothing and the bytes double
const MOVING_RATIO = 0.5;
const FARTHEST = 8; // times the whole map: beyond, nothing is to be seen
const DEEPEST = 1e5; // times closer than the whole map: beyond, float32 coordinates fall apart
const CLICK_MS = 260; // a second click within this is a double-click
const LASSO_STEP = 3; // CSS pixels between two vertices: finer than a hand, and a link stays short

class MapView {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.view = null; // centre and data units per CSS pixel
    this.image = null;
    this.pointers = new Map();
    this.path = null;
    this.sequence = 0;
    this.requests = latestWins((message) => this.model.send_msg(message));
    this.hovers = latestWins((message) => this.model.send_msg(message));
    this.build();
    this.listen();
    this.overlay();
    this.tool(this.model.tool);
    if (this.model.frame_info.id) this.receive();
  }

  build() {
    this.canvas = h("canvas", { class: "pixels" });
    this.drawing = h("canvas", { class: "drawing" });
    this.caption = h("p", { class: "caption" });
    this.tools = h("div", { class: "tools", role: "toolbar", "aria-label": "Map tools" });
    this.chooser = h("div", { class: "card chooser" });
    this.made = h("details", { class: "made" });
    this.legend = h("div", { class: "card legend" });
    this.thumbnail = h("button", { class: "card thumbnail", onclick: () => this.choose(this.model.overlay.thumbnail.key) });
    this.hover = h("div", { class: "card hover", role: "status" });
    this.message = h("div", { class: "message", role: "alert" });
    this.stage = h("div", { class: "stage", tabIndex: 0, role: "application" }, this.canvas, this.drawing,
      h("div", { class: "top" }, h("div", { class: "corner" }, this.caption, this.thumbnail), this.tools),
      h("div", { class: "bottom" }, this.chooser, this.legend), this.hover, this.message);
    this.root.append(this.stage);
    for (const [name, label, title] of [
      ["pan", "Pan", "Drag moves the map (P)"],
      ["box", "Box", "Drag selects a rectangle (B); Shift adds, Alt removes"],
      ["lasso", "Lasso", "Drag selects a region (L); Shift adds, Alt removes"],
    ]) {
      this.tools.append(h("button", { "data-tool": name, title, "aria-pressed": "false", onclick: () => this.tool(name, true) }, label));
    }
    this.tools.append(h("button", { title: "Whole map (0)", onclick: () => this.whole() }, "Fit"));
    this.tools.append(h("button", { title: "Save this picture as PNG", onclick: () => this.model.send_msg({ type: "picture" }) }, "PNG"));
  }

  listen() {
    const stage = this.stage;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(stage);
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => { this.path = null; this.up(event); this.outline(); });
    stage.addEventListener("pointerleave", () => this.leave());
    stage.addEventListener("dblclick", (event) => { if (this.onMap(event)) this.clear(); });
    // on the document, so that + − 0 work wherever the focus is; arrows move the map only when it has the focus
    document.addEventListener("keydown", (event) => this.key(event));
    this.model.on("frame_info", () => this.receive());
    this.model.on("home", () => this.restore());
    this.model.on("overlay", () => this.overlay());
    this.model.on("making", () => this.fillMade());
    this.model.on("hover", () => this.showHover());
    this.model.on("picture", () => this.download());
    this.model.on("remove", () => this.observer.disconnect());
  }

  // ---- geometry: one scale for both axes, y upwards

  size() {
    return [this.stage.clientWidth, this.stage.clientHeight];
  }

  toData(px, py) {
    const [w, hgt] = this.size();
    return [this.view.cx + (px - w / 2) * this.view.scale, this.view.cy - (py - hgt / 2) * this.view.scale];
  }

  toPixel(x, y) {
    const [w, hgt] = this.size();
    return [(x - this.view.cx) / this.view.scale + w / 2, hgt / 2 - (y - this.view.cy) / this.view.scale];
  }

  contain(xRange, yRange) {
    const [w, hgt] = this.size();
    const scale = Math.max((xRange[1] - xRange[0]) / w, (yRange[1] - yRange[0]) / hgt) || 1 / Math.max(w, hgt);
    this.view = { cx: (xRange[0] + xRange[1]) / 2, cy: (yRange[0] + yRange[1]) / 2, scale };
  }

  // Data units per CSS pixel at which the whole map just fits.
  wholeScale() {
    const [w, hgt] = this.size();
    const [[x0, x1], [y0, y1]] = this.model.home.extent;
    return Math.max((x1 - x0) / w, (y1 - y0) / hgt) || 1 / Math.max(w, hgt);
  }

  fit() {
    const extent = this.model.home.extent;
    if (!extent) return;
    const margin = 1.06;
    const grow = ([a, b]) => [(a + b) / 2 - ((b - a) / 2) * margin, (a + b) / 2 + ((b - a) / 2) * margin];
    this.contain(grow(extent[0]), grow(extent[1]));
    this.changed(false, false);
  }

  whole() {
    this.fit();
    this.model.send_msg({ type: "whole" });
  }

  restore() {
    const { extent, view } = this.model.home;
    if (!extent || !this.size()[0]) return;
    this.image = this.model.home.keep ? this.image : null;
    if (view) {
      this.contain(view.x, view.y);
      this.changed(false, false);
    } else this.fit();
  }

  resize() {
    const [w, hgt] = this.size();
    if (!w || !hgt) return;
    for (const canvas of [this.canvas, this.drawing]) {
      const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO);
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(hgt * ratio);
    }
    if (!this.view) this.restore();
    else this.changed(false, false);
  }

  // ---- from a change of view to a request, from a reply to a painted frame

  changed(moving, keep = true) {
    this.paint();
    clearTimeout(this.rest);
    this.request(moving, keep);
    if (moving) this.rest = setTimeout(() => this.request(false, true), REST_MS);
  }

  request(moving, keep) {
    const [w, hgt] = this.size();
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_PIXEL_RATIO) * (moving ? MOVING_RATIO : 1);
    const half = [(w / 2) * (1 + 2 * OVERSCAN) * this.view.scale, (hgt / 2) * (1 + 2 * OVERSCAN) * this.view.scale];
    const inner = [(w / 2) * this.view.scale, (hgt / 2) * this.view.scale];
    const { cx, cy } = this.view;
    this.requests.offer({
      type: "view", seq: ++this.sequence, moving, keep,
      x_range: [cx - half[0], cx + half[0]], y_range: [cy - half[1], cy + half[1]],
      x_view: [cx - inner[0], cx + inner[0]], y_view: [cy - inner[1], cy + inner[1]],
      width: Math.max(1, Math.round(w * (1 + 2 * OVERSCAN) * ratio)),
      height: Math.max(1, Math.round(hgt * (1 + 2 * OVERSCAN) * ratio)),
    });
  }

  receive() {
    const info = this.model.frame_info;
    const bytes = this.model.frame;
    this.requests.done();
    if (!info.width || !bytes || bytes.byteLength !== info.width * info.height * 4) return;
    const pixels = new ImageData(new Uint8ClampedArray(bytes), info.width, info.height);
    const buffer = this.image && this.image.width === info.width && this.image.height === info.height
      ? this.image.buffer : h("canvas", { width: info.width, height: info.height });
    buffer.getContext("2d").putImageData(pixels, 0, 0);
    this.image = { buffer, width: info.width, height: info.height, x: info.x_range, y: info.y_range };
    this.paint();
    document.getElementById("first")?.remove(); // the picture that came with the page
    this.stage.dataset.frame = info.id;
    this.stage.dataset.moving = info.moving;
    this.account();
  }

  account() {
    const { account } = this.model.frame_info;
    if (!account) return;
    for (const span of this.chooser.querySelectorAll("[data-count]")) span.textContent = formatCount(account[span.dataset.count]);
    const nothing = account.in_view === 0 && this.model.overlay.caption;
    this.caption.textContent = nothing ? `Nothing is in view${account.outside ? ": press 0 for the whole map" : ": the filters hide every row"}.` : this.model.overlay.caption || "";
  }

  paint() {
    const context = this.canvas.getContext("2d");
    const ratio = this.canvas.width / this.size()[0];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.image && this.view) {
      const [left, top] = this.toPixel(this.image.x[0], this.image.y[1]);
      const [right, bottom] = this.toPixel(this.image.x[1], this.image.y[0]);
      const exact = Math.abs((right - left) * ratio - this.image.width) < 0.5;
      context.imageSmoothingEnabled = !exact;
      context.drawImage(this.image.buffer, Math.round(left * ratio), Math.round(top * ratio),
        Math.round((right - left) * ratio), Math.round((bottom - top) * ratio));
    }
    this.outline();
  }

  outline() {
    const context = this.drawing.getContext("2d");
    const ratio = this.drawing.width / this.size()[0];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.drawing.width, this.drawing.height);
    if (!this.view) return;
    const shape = this.path ? this.path.data : this.model.overlay.outline;
    if (!shape || shape.length < 2) return;
    context.beginPath();
    shape.forEach(([x, y], index) => {
      const [px, py] = this.toPixel(x, y);
      if (index) context.lineTo(px, py);
      else context.moveTo(px, py);
    });
    context.closePath();
    const style = getComputedStyle(this.stage);
    context.strokeStyle = style.getPropertyValue("--ink");
    context.lineWidth = 1.2;
    context.setLineDash(this.path ? [] : [4, 3]);
    context.stroke();
    if (this.path) {
      context.globalAlpha = 0.06;
      context.fillStyle = style.getPropertyValue("--ink");
      context.fill();
      context.globalAlpha = 1;
    }
  }

  // ---- what a person does

  onMap(event) {
    const target = event.composedPath()[0];
    return target === this.drawing || target === this.canvas || target === this.stage;
  }

  position(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  wheel(event) {
    if (!this.view || !this.onMap(event)) return;
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 20 : 1;
    this.zoom(Math.exp(event.deltaY * lines * 0.0018), ...this.position(event));
  }

  zoom(factor, px, py) {
    const [x, y] = this.toData(px, py);
    const whole = this.wholeScale();
    const scale = Math.min(Math.max(this.view.scale * Math.min(Math.max(factor, 0.2), 5), whole / DEEPEST), whole * FARTHEST);
    const k = scale / this.view.scale;
    this.view = { cx: x + (this.view.cx - x) * k, cy: y + (this.view.cy - y) * k, scale };
    this.changed(true);
  }

  down(event) {
    if (!this.view || !this.onMap(event) || event.button > 1) return;
    this.stage.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    this.pointers.set(event.pointerId, this.position(event));
    this.hideHover();
    if (this.pointers.size > 1) this.path = null;
    else if (this.mode !== "pan" && event.button === 0) {
      const start = this.toData(...this.position(event));
      // as the hand began: a key let go a moment before the button must not replace the selection
      const mode = event.shiftKey ? "add" : event.altKey ? "remove" : "replace";
      this.path = { data: [start], start, mode, last: this.position(event) };
    }
  }

  move(event) {
    if (!this.view) return;
    const now = this.position(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (this.onMap(event)) this.ask(now);
      else this.hideHover();
      return;
    }
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, now);
    else if (this.path) this.trace(now);
    else {
      this.view.cx -= (now[0] - before[0]) * this.view.scale;
      this.view.cy += (now[1] - before[1]) * this.view.scale;
      this.changed(true);
    }
    this.pointers.set(event.pointerId, now);
  }

  pinch(id, before, now) {
    const other = [...this.pointers].find(([key]) => key !== id)[1];
    const span = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
    this.zoom(span(before, other) / span(now, other), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  trace(now) {
    const point = this.toData(...now);
    if (this.mode === "box") {
      const [x0, y0] = this.path.start;
      this.path.data = [[x0, y0], [point[0], y0], point, [x0, point[1]]];
    } else if (Math.hypot(now[0] - this.path.last[0], now[1] - this.path.last[1]) >= LASSO_STEP) {
      this.path.data.push(point.map((value) => Number(value.toPrecision(6))));
      this.path.last = now;
    }
    this.outline();
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (!this.path) return;
    const { data, mode } = this.path;
    this.path = null;
    if (data.length > 2) this.model.send_msg({ type: this.mode, polygon: data, mode });
    this.outline();
  }

  leave() {
    this.hideHover();
  }

  clear() {
    this.model.send_msg({ type: "clear" });
  }

  key(event) {
    if (isTyping(event) || !this.view || event.ctrlKey || event.metaKey || document.documentElement.dataset.tab !== "Map") return;
    const [w, hgt] = this.size();
    const step = 60 * this.view.scale;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key] && event.composedPath()[0] === this.stage) {
      this.view.cx += moves[event.key][0];
      this.view.cy += moves[event.key][1];
      this.changed(true);
    } else if (event.key === "+" || event.key === "=") this.zoom(0.7, w / 2, hgt / 2);
    else if (event.key === "-") this.zoom(1 / 0.7, w / 2, hgt / 2);
    else if (event.key === "0") this.whole();
    else return;
    event.preventDefault();
  }

  tool(name, tell = false) {
    this.mode = name;
    this.stage.dataset.tool = name;
    for (const button of this.tools.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    }
    if (tell) this.model.tool = name;
  }

  choose(key) {
    this.model.send_msg({ type: "embedding", key });
  }

  // ---- hover

  ask(position) {
    const [x, y] = this.toData(...position);
    this.hoverAt = position;
    this.hovers.offer({ type: "hover", x, y, radius: 8 * this.view.scale });
  }

  showHover() {
    this.hovers.done();
    const found = this.model.hover;
    if (!found.title || !this.hoverAt) {
      this.hideHover(false);
      return;
    }
    this.hover.replaceChildren(
      h("strong", {}, found.title),
      ...found.fields.map(([label, value]) => h("div", { class: "field" }, h("span", {}, label), h("span", {}, value))),
      h("div", { class: "note" }, found.note),
    );
    const [w, hgt] = this.size();
    const [px, py] = this.hoverAt;
    this.hover.style.left = px > w - 280 ? `${px - 264}px` : `${px + 14}px`;
    this.hover.style.top = py > hgt - 190 ? "auto" : `${py + 12}px`;
    this.hover.style.bottom = py > hgt - 190 ? `${hgt - py + 12}px` : "auto";
    this.hover.classList.add("shown");
  }

  hideHover(forget = true) {
    if (forget) this.hoverAt = null;
    this.hover.classList.remove("shown");
  }

  // ---- what stands on the map

  overlay() {
    const { caption, thumbnail, message, label } = this.model.overlay;
    this.stage.setAttribute("aria-label", label || "Map");
    this.caption.textContent = caption || "";
    this.message.replaceChildren(...(message ? [h("strong", {}, message.title), h("span", {}, message.text)] : []));
    this.message.classList.toggle("shown", Boolean(message));
    this.paintThumbnail(thumbnail);
    this.fillChooser();
    this.fillLegend();
    this.outline();
  }

  paintThumbnail(thumbnail) {
    this.thumbnail.classList.toggle("shown", Boolean(thumbnail));
    if (!thumbnail) return;
    this.thumbnail.title = thumbnail.title;
    this.thumbnail.replaceChildren(h("span", {}, thumbnail.label), h("img", { src: thumbnail.src, alt: thumbnail.title }));
  }

  fillChooser() {
    const { embeddings = [], embedding, counter = [] } = this.model.overlay;
    this.chooser.classList.toggle("shown", embeddings.length > 0);
    if (!embeddings.length) return;
    const select = h("select", { "aria-label": "Embedding", onchange: (event) => this.choose(event.target.value) },
      ...embeddings.map(({ key, name }) => h("option", { value: key, selected: key === embedding }, name)));
    const made = this.made.open;
    this.made = h("details", { class: "made", open: made, ontoggle: () => { if (this.made.open) this.model.send_msg({ type: "making" }); } });
    this.chooser.replaceChildren(select, this.made);
    this.fillMade();
    for (const line of counter) {
      const row = h("div", { class: "counter" });
      for (const part of line) {
        const counted = typeof part === "object";
        row.append(h("span", counted ? { "data-count": part.count } : {}, counted ? "…" : part));
      }
      this.chooser.append(row);
    }
    this.account();
  }

  // What the map's neighbourhoods lose when a feature is shuffled, and the loadings of a PCA.
  fillMade() {
    const { making, overlay } = this.model;
    const summary = h("summary", {}, "which features made it");
    const fresh = making.key === overlay.embedding;
    const rows = (fresh && making.rows) || [];
    const most = Math.max(...rows.map((row) => row.share), 0.01);
    this.made.replaceChildren(summary, ...(fresh ? [h("p", { class: "note" }, making.words || "shuffling one feature after the other …")] : []),
      h("div", { class: "shares" }, ...rows.map((row) => h("button", { class: "share", title: `${row.label}: ${row.words}`, onclick: () => this.model.send_msg({ type: "look", name: row.name }) },
        h("span", { class: "name" }, row.label), h("span", { class: "track" }, h("i", { style: `width:${Math.max(0, (100 * row.share) / most)}%` })), h("span", { class: "count" }, row.short),
        row.loadings ? h("span", { class: "note" }, row.loadings) : null))));
  }

  fillLegend() {
    const { legend } = this.model.overlay;
    this.legend.classList.toggle("shown", Boolean(legend));
    if (!legend) return;
    const head = h("div", { class: "legend-head" }, h("strong", {}, legend.title), h("span", { class: "unit" }, legend.unit || ""),
      h("span", { class: "how" }, legend.how || ""));
    this.legend.replaceChildren(head);
    if (legend.kind === "continuous") this.legend.append(...this.colourBar(legend));
    else this.legend.append(this.levels(legend));
    if (legend.note) this.legend.append(h("div", { class: "note" }, legend.note));
  }

  colourBar(legend) {
    const most = Math.max(...legend.counts, 1);
    const bars = h("div", { class: "bars", "aria-hidden": "true" },
      ...legend.counts.map((count) => h("i", { style: `height:${count ? Math.max(4, (100 * count) / most) : 0}%` })));
    const gradient = h("div", { class: "gradient", style: `background:linear-gradient(to right, ${legend.stops.join(",")})` });
    const scale = h("select", { "aria-label": "Colour scale", onchange: (event) => this.model.send_msg({ type: "color", scale: event.target.value }) },
      ...legend.scales.map((name) => h("option", { value: name, selected: name === legend.scale }, name)));
    const reverse = h("button", { class: "plain", title: "Reverse the colours", "aria-pressed": String(legend.reverse),
      onclick: () => this.model.send_msg({ type: "color", reverse: !legend.reverse }) }, "⇄");
    const ends = h("div", { class: "ends" }, h("span", {}, legend.low), h("span", {}, legend.scales.length > 1 ? scale : null, reverse), h("span", {}, legend.high));
    return legend.counts.length ? [bars, gradient, ends] : [gradient, ends];
  }

  levels(legend) {
    return h("div", { class: "levels" }, ...legend.levels.map((level) =>
      h("button", {
        class: level.hidden ? "level off" : "level", "aria-pressed": String(!level.hidden),
        title: "Click hides, double-click shows this one alone",
        onclick: (event) => this.clickLevel(level.code, event.detail),
        ondblclick: (event) => event.stopPropagation(),
      }, h("i", { style: `background:${level.color}` }), h("span", { class: "name" }, level.label), h("span", { class: "count" }, formatCount(level.count)))));
  }

  // One click waits a moment for the second: a double-click is one action, not three.
  clickLevel(code, clicks) {
    clearTimeout(this.clicking);
    const send = (alone) => this.model.send_msg({ type: "level", code, alone });
    if (clicks > 1) send(true);
    else this.clicking = setTimeout(() => send(false), CLICK_MS);
  }

  download() {
    const { name, data } = this.model.picture;
    if (!data) return;
    h("a", { href: data, download: name }).click();
  }
}

export function render({ model, el }) {
  el.style.height = "100%";
  const view = new MapView(model, el);
  model.on("tool", () => view.tool(model.tool));
}
