// The pixels of the maps: the last frame of each, moved and stretched at once while the next is on
// its way.

import { contextOf, h } from "../../ui/dom.js";

export class MapPixels {
  constructor(camera) {
    this.camera = camera;
    this.node = h("canvas", { class: "pixels" });
    this.images = [];
  }

  // Keep a frame on a canvas of its own, the one before where it fits; null takes it away.
  take(pane, info, pixels) {
    if (!pixels) {
      this.images[pane] = null;
      return;
    }
    const before = this.images[pane];
    const fits = before && before.width === info.width && before.height === info.height;
    const buffer = fits ? before.buffer : h("canvas", { width: info.width, height: info.height });
    contextOf(buffer).putImageData(pixels, 0, 0);
    this.images[pane] = {
      buffer,
      width: info.width,
      height: info.height,
      x: info.x_range,
      y: info.y_range,
    };
  }

  forget() {
    this.images = [];
  }

  paint() {
    const context = contextOf(this.node);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.node.width, this.node.height);
    if (!this.camera.view) return;
    this.images
      .slice(0, this.camera.panes)
      .forEach((image, pane) => image && this.paintPane(context, image, pane));
  }

  paintPane(context, image, pane) {
    const [width, height] = this.camera.size();
    const ratio = this.node.width / (width * this.camera.panes);
    const [left, top] = this.camera.toPixel(image.x[0], image.y[1]);
    const [right, bottom] = this.camera.toPixel(image.x[1], image.y[0]);
    const exact = Math.abs((right - left) * ratio - image.width) < 0.5;
    const start = Math.round(pane * width * ratio);
    context.save();
    context.beginPath();
    context.rect(start, 0, Math.round((pane + 1) * width * ratio) - start, height * ratio);
    context.clip();
    context.imageSmoothingEnabled = !exact;
    context.drawImage(
      image.buffer,
      start + Math.round(left * ratio),
      Math.round(top * ratio),
      Math.round((right - left) * ratio),
      Math.round((bottom - top) * ratio),
    );
    context.restore();
  }
}
