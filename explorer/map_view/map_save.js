// Saving the map: which file, how many pixels, with or without what stands around it.

import { _ } from "../core/gettext.js";
import { findFirst, h } from "../ui/dom.js";
import { formatCount } from "../ui/number_format.js";
import { isUnavailable, setUnavailable } from "../ui/forms/unavailable.js";

export class MapSave {
  /**
   * @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send
   * @param {() => [number, number]} sizeOf width and height of the map on the screen, in CSS pixels
   * @param {AbortSignal} lifetime
   */
  constructor(send, sizeOf, lifetime) {
    this.send = send;
    this.sizeOf = sizeOf;
    this.button = h(
      "button",
      {
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
        onclick: () => this.toggle(),
      },
      _("Save"),
    );
    this.status = h("p", { class: "note", role: "status" });
    this.go = h("button", { class: "primary" }, _("Save"));
    this.form = h(
      "form",
      { onsubmit: (event) => this.submit(event), onchange: () => this.describe() },
      this.choice(
        "form",
        _("File"),
        [
          ["png", _("PNG")],
          ["svg", _("SVG")],
          ["pdf", _("PDF")],
        ],
        "png",
      ),
      this.choice(
        "scale",
        _("Pixels"),
        [
          ["1", "×1"],
          ["2", "×2"],
          ["4", "×4"],
        ],
        "2",
      ),
      h(
        "label",
        {},
        h("input", { type: "checkbox", name: "around", checked: true }),
        ` ${_("axes, legend, caption")}`,
      ),
      this.status,
      this.go,
    );
    this.node = h(
      "div",
      { class: "card save", role: "dialog", "aria-label": _("Save the map") },
      this.form,
    );
    this.node.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => this.outside(event), { signal: lifetime });
  }

  choice(name, legend, options, chosen) {
    return h(
      "fieldset",
      {},
      h("legend", {}, legend),
      ...options.map(([value, label]) =>
        h(
          "label",
          {},
          h("input", { type: "radio", name, value, checked: value === chosen }),
          label,
        ),
      ),
    );
  }

  /** @param {string} why there is no map that could be saved */
  allow(why) {
    setUnavailable(this.button, why, _("Save this picture as PNG, SVG or PDF"));
    if (why) this.toggle(false);
  }

  get open() {
    return this.node.classList.contains("shown");
  }

  toggle(open = !this.open) {
    this.node.classList.toggle("shown", open);
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.describe();
    findFirst(this.form, "input:checked")?.focus();
  }

  close() {
    if (!this.open) return;
    this.toggle(false);
    this.button.focus();
  }

  outside(event) {
    const path = event.composedPath();
    if (this.open && !path.includes(this.node) && !path.includes(this.button)) this.toggle(false);
  }

  // Escape closes the menu and nothing else: the page would clear the selection with it.
  key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }

  wanted() {
    const data = new FormData(this.form);
    const [width, height] = this.sizeOf().map((side) => Math.max(1, Math.round(side)));
    return {
      form: String(data.get("form")),
      scale: Number(data.get("scale")),
      plain: !data.get("around"),
      width,
      height,
    };
  }

  describe() {
    const { form, scale, plain, width, height } = this.wanted();
    const pixels = _("{width} × {height} pixels", {
      width: formatCount(width * scale),
      height: formatCount(height * scale),
    });
    const around = plain
      ? ""
      : form === "png"
        ? _(", with axes, legend and caption")
        : _("; axes and text as vectors");
    this.status.textContent = _("The map: {pixels}{around}.", { pixels, around });
  }

  submit(event) {
    event.preventDefault();
    if (isUnavailable(this.go)) return;
    this.busy(true);
    this.status.textContent = _("Drawing …");
    const { form, scale, plain, width, height } = this.wanted();
    this.send({ type: "picture", form, scale, plain, width, height });
  }

  busy(busy) {
    setUnavailable(this.go, busy && _("The picture is being drawn"));
    this.node.setAttribute("aria-busy", String(busy));
  }

  // The file has come, or words for why there is none.
  receive({ name, media: type, trouble }, bytes) {
    this.busy(false);
    if (trouble) {
      this.status.textContent = trouble;
      return;
    }
    if (!name || !bytes) return;
    const href = URL.createObjectURL(new Blob([bytes], { type }));
    h("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
    this.close();
  }
}
