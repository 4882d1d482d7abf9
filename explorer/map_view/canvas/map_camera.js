// What is looked at: a centre and one scale for both axes, y upwards.

/**
 * @typedef {import("../../ui/types/page.js").Point} Point
 * @typedef {import("../../ui/types/page.js").Range} Range
 * @typedef {[Range, Range]} Extent x and y, in data units
 *
 * @typedef {object} View
 * @property {number} cx in data units
 * @property {number} cy
 * @property {number} scale data units per CSS pixel
 */

const FARTHEST = 8; // times the whole map: beyond, nothing is to be seen
const DEEPEST = 1e5; // times closer than the whole map: beyond, float32 coordinates fall apart
const WHOLE_MARGIN = 1.06;

export class MapCamera {
  /** @param {Pick<HTMLElement, "clientWidth" | "clientHeight" | "classList">} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {View | null} */
    this.view = null;
    this.panes = 1; // maps side by side that are looked at through it
  }

  /** The view, where there is one: it is asked of nothing else before. */
  get now() {
    return /** @type {View} */ (this.view);
  }

  /**
   * Width and height of one pane, in CSS pixels.
   *
   * @returns {Point}
   */
  size() {
    return [this.stage.clientWidth / this.panes, this.stage.clientHeight];
  }

  /**
   * @param {number} px
   * @param {number} py
   * @returns {Point}
   */
  toData(px, py) {
    const [w, hgt] = this.size();
    const { cx, cy, scale } = this.now;
    return [cx + (px - w / 2) * scale, cy - (py - hgt / 2) * scale];
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {Point}
   */
  toPixel(x, y) {
    const [w, hgt] = this.size();
    const { cx, cy, scale } = this.now;
    return [(x - cx) / scale + w / 2, hgt / 2 - (y - cy) / scale];
  }

  /**
   * Show these ranges, as closely as the shape of the stage allows.
   *
   * @param {Range} xRange
   * @param {Range} yRange
   */
  contain(xRange, yRange) {
    this.view = {
      cx: (xRange[0] + xRange[1]) / 2,
      cy: (yRange[0] + yRange[1]) / 2,
      scale: this.scaleOf(xRange, yRange),
    };
  }

  /** @param {Extent} extent */
  containWhole([xRange, yRange]) {
    /** @type {(range: Range) => Range} */
    const grow = ([a, b]) => [
      (a + b) / 2 - ((b - a) / 2) * WHOLE_MARGIN,
      (a + b) / 2 + ((b - a) / 2) * WHOLE_MARGIN,
    ];
    this.contain(grow(xRange), grow(yRange));
  }

  /**
   * Data units per CSS pixel at which these ranges just fit.
   *
   * @param {Range} xRange
   * @param {Range} yRange
   */
  scaleOf([x0, x1], [y0, y1]) {
    const [w, hgt] = this.size();
    return Math.max((x1 - x0) / w, (y1 - y0) / hgt) || 1 / Math.max(w, hgt);
  }

  /**
   * @param {number} dx in CSS pixels
   * @param {number} dy
   */
  move(dx, dy) {
    this.now.cx -= dx * this.now.scale;
    this.now.cy += dy * this.now.scale;
  }

  /**
   * Closer or farther with the point under (px, py) kept in place, within what there is to see.
   *
   * @param {number} factor
   * @param {number} px
   * @param {number} py
   * @param {Extent} extent
   */
  zoom(factor, px, py, extent) {
    const [x, y] = this.toData(px, py);
    const whole = this.scaleOf(...extent);
    const { now } = this;
    const scale = Math.min(
      Math.max(now.scale * Math.min(Math.max(factor, 0.2), 5), whole / DEEPEST),
      whole * FARTHEST,
    );
    const k = scale / now.scale;
    this.view = { cx: x + (now.cx - x) * k, cy: y + (now.cy - y) * k, scale };
  }

  /**
   * The ranges in sight, or with a border of a share of them on each side.
   *
   * @returns {{x: Range, y: Range}}
   */
  ranges(border = 0) {
    const [w, hgt] = this.size();
    const { cx, cy, scale } = this.now;
    const half = [(w / 2) * (1 + 2 * border) * scale, (hgt / 2) * (1 + 2 * border) * scale];
    return { x: [cx - half[0], cx + half[0]], y: [cy - half[1], cy + half[1]] };
  }
}
