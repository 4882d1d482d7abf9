// The card of the row under the pointer.

import { h } from "../ui/dom.js";
import { latestWins } from "../ui/latest_wins.js";
import { rowPicture } from "../ui/plots/row_picture.js";

const HOVER_WIDE = 280;
const HOVER_HIGH = 190;
const PICTURE_HIGH = 110;
const REACH = 8; // CSS pixels

export class MapHover {
  /** @param {(message: import("../ui/types/messages.js").MapCanvasMessage) => void} send */
  constructor(send) {
    this.requests = latestWins(send);
    this.node = h("div", { class: "card hover", role: "status" });
    this.at = null;
  }

  // Ask for the row near a place: pixels on the stage, data units, data units of a pixel, which
  // map.
  ask(position, [x, y], unit, pane) {
    this.at = position;
    this.requests.offer({ type: "hover", x, y, radius: REACH * unit, unit, pane });
  }

  show(row, [width, height]) {
    this.requests.done();
    if (!row.title || !this.at) {
      this.hide(false);
      return;
    }
    this.node.replaceChildren(
      h("strong", {}, row.title),
      row.picture ? rowPicture(row.picture, row.title) : "",
      ...row.fields.map(([label, value]) =>
        h("div", { class: "field" }, h("span", {}, label), h("span", {}, value)),
      ),
      h("div", { class: "note" }, row.note),
    );
    const [px, py] = this.at;
    const high = HOVER_HIGH + (row.picture ? PICTURE_HIGH : 0);
    this.node.style.left = px > width - HOVER_WIDE ? `${px - HOVER_WIDE + 16}px` : `${px + 14}px`;
    this.node.style.top = py > height - high ? "auto" : `${py + 12}px`;
    this.node.style.bottom = py > height - high ? `${height - py + 12}px` : "auto";
    this.node.classList.add("shown");
  }

  hide(forget = true) {
    if (forget) this.at = null;
    this.node.classList.remove("shown");
  }
}
