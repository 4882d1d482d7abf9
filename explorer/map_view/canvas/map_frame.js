// A frame as it comes from the server: planes of bytes and, for numbers, a table of their colours;
// deflated on a slow line. And the canvas that it is painted on.

import { contextOf, h } from "../../ui/dom.js";

const TABLE_BYTES = 1024;
const SLOW = 4e6; // bytes a second: below, deflating takes less time than it saves
const FAST = 12e6;
const LATENCY_MS = 25; // of a frame without bytes
const TOO_FEW = 60e3; // bytes that say nothing of the line

/**
 * The pixels of a frame, four bytes each; null where the bytes are not as many as the frame says.
 *
 * @param {{width: number, height: number, form: string}} info "rgba": pixels; "levels": a table of
 *   256 colours and a byte a pixel; "covered": and another byte, the share of the pixel's opacity.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function unpackPixels({ width, height, form }, bytes) {
  const size = width * height;
  const lengths = { rgba: 4 * size, levels: TABLE_BYTES + size, covered: TABLE_BYTES + 2 * size };
  if (!size || bytes.length !== lengths[form]) return null;
  if (form === "rgba") {
    return new Uint8ClampedArray(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const data = new Uint8ClampedArray(new ArrayBuffer(4 * size));
  const pixels = new Uint32Array(data.buffer);
  const table = new Uint32Array(bytes.slice(0, TABLE_BYTES).buffer);
  const levels = bytes.subarray(TABLE_BYTES, TABLE_BYTES + size);
  for (let i = 0; i < size; i++) pixels[i] = table[levels[i]];
  if (form === "covered") {
    const cover = bytes.subarray(TABLE_BYTES + size);
    for (let i = 0; i < size; i++) {
      if (cover[i] !== 255) data[4 * i + 3] = (data[4 * i + 3] * cover[i]) / 255;
    }
  }
  return data;
}

async function readFrame(info, frame) {
  let bytes = new Uint8Array(frame);
  if (info.packed) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const data = unpackPixels(info, bytes);
  return data && new ImageData(data, info.width, info.height);
}

// Frames as they come; those at rest are kept as long as the server counts on them, and shown again
// without coming again.
export class Frames {
  constructor() {
    this.kept = new Map();
  }

  // Return a promise of the pixels of both panes, null for one without; nothing where what is to be
  // shown again is not here.
  read(info, { frame, second }) {
    if (info.again) return this.kept.get(info.again);
    const other = info.second && { ...info.second, packed: info.packed };
    const pixels = Promise.all([
      frame && readFrame(info, frame),
      other && readFrame(other, second),
    ]);
    this.kept.set(info.id, pixels);
    for (const id of this.kept.keys()) if (!info.kept.includes(id)) this.kept.delete(id);
    return pixels;
  }
}

// Whether the line is so slow that frames should come deflated.
export class Line {
  /** @type {number} */
  last;

  constructor() {
    this.slow = false;
    this.asked = new Map();
  }

  ask(seq) {
    this.asked.set(seq, performance.now());
  }

  // How long a frame took on the way, without the server's own work.
  came(info, bytes) {
    const since = this.asked.get(info.seq);
    for (const seq of this.asked.keys()) if (seq <= info.seq) this.asked.delete(seq);
    if (since === undefined || bytes < TOO_FEW) return;
    const way = Math.max(performance.now() - since - 1000 * info.seconds - LATENCY_MS, 1);
    const rate = (1000 * bytes) / way;
    // twice: one frame may have waited for something else
    if (rate < SLOW && this.last < SLOW) this.slow = true;
    else if (rate > FAST) this.slow = false;
    this.last = rate;
  }
}

// The pixels of the maps: the last frame of each, moved and stretched at once while the next is on
// its way.
export class MapPixels {
  constructor(camera) {
    this.camera = camera;
    this.node = h("canvas", { class: "pixels" });
    this.context = contextOf(this.node);
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
    const context = fits
      ? before.context
      : contextOf(h("canvas", { width: info.width, height: info.height }));
    context.putImageData(pixels, 0, 0);
    this.images[pane] = {
      context,
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
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, this.node.width, this.node.height);
    if (!this.camera.view) return;
    this.images
      .slice(0, this.camera.panes)
      .forEach((image, pane) => image && this.paintPane(image, pane));
  }

  paintPane(image, pane) {
    const context = this.context;
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
      image.context.canvas,
      start + Math.round(left * ratio),
      Math.round(top * ratio),
      Math.round((right - left) * ratio),
      Math.round((bottom - top) * ratio),
    );
    context.restore();
  }
}
