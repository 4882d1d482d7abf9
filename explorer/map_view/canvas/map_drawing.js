// What is drawn over the pixels in ink, since colour is for data: the shape of a selection, the row
// that is looked at.

import { contextOf, h } from "../../ui/dom.js";

export class MapDrawing {
  constructor(camera) {
    this.camera = camera;
    this.node = h("canvas", { class: "drawing" });
  }

  // What is drawn on each pane: the shape of a selection, whether it is being traced, the place of
  // the row that is looked at and of the one under the pointer.
  draw(panes) {
    const context = contextOf(this.node);
    const [width, height] = this.camera.size();
    const ratio = this.node.width / (width * this.camera.panes);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.node.width, this.node.height);
    if (!this.camera.view) return;
    const style = getComputedStyle(this.node);
    panes.slice(0, this.camera.panes).forEach(({ shape, tracing, place, over }, pane) => {
      context.save();
      context.setTransform(ratio, 0, 0, ratio, pane * width * ratio, 0);
      context.beginPath();
      context.rect(0, 0, width, height);
      context.clip();
      if (over) this.ring(context, style, over, 5);
      if (place) this.ring(context, style, place, 8);
      if (shape && shape.length > 1) this.outline(context, style, shape, tracing);
      context.restore();
    });
  }

  outline(context, style, shape, tracing) {
    context.beginPath();
    shape.forEach(([x, y], index) => {
      const [px, py] = this.camera.toPixel(x, y);
      if (index) context.lineTo(px, py);
      else context.moveTo(px, py);
    });
    context.closePath();
    context.strokeStyle = style.getPropertyValue("--ink");
    context.lineWidth = 1.2;
    context.setLineDash(tracing ? [] : [4, 3]);
    context.stroke();
    if (!tracing) return;
    context.globalAlpha = 0.06;
    context.fillStyle = style.getPropertyValue("--ink");
    context.fill();
    context.globalAlpha = 1;
  }

  ring(context, style, [x, y], radius) {
    const [px, py] = this.camera.toPixel(x, y);
    context.setLineDash([]);
    for (const [colour, width] of [
      ["--surface", 4.5],
      ["--ink", 2],
    ]) {
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.strokeStyle = style.getPropertyValue(colour);
      context.lineWidth = width;
      context.stroke();
    }
  }
}
