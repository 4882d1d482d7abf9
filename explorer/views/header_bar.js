// The head of the page: which table, what is running, undo, share, light or dark, the keys.
const KEYS = [
  ["Wheel, + −", "zoom the map"], ["Drag, arrows", "move the map"], ["0", "the whole map"],
  ["P B L", "pan, box, lasso"], ["Shift / Alt + drag", "add to / remove from the selection"], ["Esc, double-click", "clear the selection"],
  ["[ ]", "the tab before, the next tab"], ["1 2", "keep the selection as group A, as group B"], ["/", "search features; paste a list of names"], ["↑ ↓ Space C Enter", "walk the features, tick, colour by, look at"], ["Ctrl+Enter", "project the ticked features"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"], ["?", "this sheet"],
];

class HeaderBar {
  constructor(model, root) {
    this.model = model;
    this.table = h("span", { class: "table" });
    this.tabs = h("nav", { role: "tablist", "aria-label": "Centre" });
    [this.done, this.told] = [h("i"), h("span")];
    this.stop = h("button", { "aria-label": "Cancel", onclick: () => { const { job } = this.model.header; if (job) this.send({ type: job.failed ? "dismiss" : "cancel" }); } }, "×");
    this.job = h("span", { class: "job", role: "status" }, this.done, this.told, this.stop);
    this.undo = h("button", { title: "Undo (Ctrl+Z)", "aria-label": "Undo", onclick: () => this.send({ type: "undo" }) }, "↶");
    this.redo = h("button", { title: "Redo (Ctrl+Shift+Z)", "aria-label": "Redo", onclick: () => this.send({ type: "redo" }) }, "↷");
    this.share = h("button", { title: "Copy a link to exactly this state", onclick: () => this.copy() }, "Share");
    this.theme = h("button", { title: "Light or dark", "aria-label": "Light or dark", onclick: () => this.send({ type: "theme" }) }, "◐");
    this.sheet = h("dialog", { class: "sheet" }, h("h3", {}, "Keys"),
      h("dl", {}, ...KEYS.flatMap(([key, what]) => [h("dt", {}, key), h("dd", {}, what)])), h("form", { method: "dialog" }, h("button", { class: "primary" }, "Close")));
    root.append(h("header", {}, h("span", { class: "brand" }, "Explorer"), this.table, this.tabs, h("span", { class: "fill" }), this.job,
      this.undo, this.redo, this.share, this.theme, h("button", { title: "Keys (?)", "aria-label": "Keys", onclick: () => this.sheet.showModal() }, "?")), this.sheet);
    this.show();
    model.on("header", () => this.show());
    document.addEventListener("keydown", (event) => this.key(event));
  }

  send(message) {
    this.model.send_msg(message);
  }

  show() {
    const header = this.model.header;
    this.table.textContent = header.table || "";
    this.undo.disabled = !header.can_undo;
    this.redo.disabled = !header.can_redo;
    document.documentElement.dataset.theme = header.theme;
    document.documentElement.dataset.tab = header.tab;
    this.tabs.replaceChildren(...(header.tabs || []).map((name) => h("button", { role: "tab", "aria-selected": String(name === header.tab),
      class: name === header.tab ? "on" : "", title: name, onclick: () => this.send({ type: "tab", name }) }, name)));
    this.address(header.link);
    const job = header.job;
    this.job.classList.toggle("shown", Boolean(job));
    if (!job) return;
    this.job.classList.toggle("failed", Boolean(job.failed));
    this.job.title = job.title || "";
    // the button stays the same one: a click on one that is replaced between press and release would be lost
    this.done.style.width = `${Math.round(100 * job.share)}%`;
    this.told.textContent = job.text;
    this.stop.title = job.failed ? "Dismiss" : "Cancel";
    this.stop.setAttribute("aria-label", this.stop.title);
  }

  // Every state has its address; the browser's history stays one entry a visit.
  address(link) {
    const url = new URL(location.href);
    if ((url.searchParams.get("s") || "") === (link || "")) return;
    if (link) url.searchParams.set("s", link);
    else url.searchParams.delete("s");
    history.replaceState(null, "", url);
  }

  copy() {
    const done = () => { this.share.textContent = "Copied"; setTimeout(() => { this.share.textContent = "Share"; }, 1500); };
    if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(done, () => window.prompt("Link to this state", location.href));
    else window.prompt("Link to this state", location.href);
  }

  key(event) {
    if (isTyping(event)) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") this.send({ type: event.shiftKey ? "redo" : "undo" });
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "[" || event.key === "]") this.send({ type: "step", by: event.key === "]" ? 1 : -1 });
    else if (event.key === "1" || event.key === "2") this.send({ type: "store", which: event.key === "1" ? "a" : "b" });
    else if (event.key === "?") this.sheet.showModal();
    else if (event.key === "Escape" && !this.sheet.open) this.send({ type: "clear" });
    else if ("pbl".includes(key) && key.length === 1) this.send({ type: "tool", name: { p: "pan", b: "box", l: "lasso" }[key] });
    else return;
    event.preventDefault();
  }
}

export function render({ model, el }) {
  el.style.height = "100%";
  new HeaderBar(model, el);
}
