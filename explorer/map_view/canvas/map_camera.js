// What is looked at: a centre and one scale for both axes, y upwards.
const FARTHEST = 8; // times the whole map: beyond, nothing is to be seen
const DEEPEST = 1e5; // times closer than the whole map: beyond, float32 coordinates fall apart
const WHOLE_MARGIN = 1.06;

export class MapCamera {
  constructor(stage) {
    this.stage = stage;
    this.view = null; // cx, cy in data units, scale in data units per CSS pixel
    this.panes = 1; // maps side by side that are looked at through it
  }

  // Of one pane.
  size() {
    return [this.stage.clientWidth / this.panes, this.stage.clientHeight];
  }

  toData(px, py) {
    const [w, hgt] = this.size();
    return [
      this.view.cx + (px - w / 2) * this.view.scale,
      this.view.cy - (py - hgt / 2) * this.view.scale,
    ];
  }

  toPixel(x, y) {
    const [w, hgt] = this.size();
    return [
      (x - this.view.cx) / this.view.scale + w / 2,
      hgt / 2 - (y - this.view.cy) / this.view.scale,
    ];
  }

  // Show these ranges, as closely as the shape of the stage allows.
  contain(xRange, yRange) {
    this.view = {
      cx: (xRange[0] + xRange[1]) / 2,
      cy: (yRange[0] + yRange[1]) / 2,
      scale: this.scaleOf(xRange, yRange),
    };
  }

  containWhole([xRange, yRange]) {
    const grow = ([a, b]) => [
      (a + b) / 2 - ((b - a) / 2) * WHOLE_MARGIN,
      (a + b) / 2 + ((b - a) / 2) * WHOLE_MARGIN,
    ];
    this.contain(grow(xRange), grow(yRange));
  }

  // Data units per CSS pixel at which these ranges just fit.
  scaleOf([x0, x1], [y0, y1]) {
    const [w, hgt] = this.size();
    return Math.max((x1 - x0) / w, (y1 - y0) / hgt) || 1 / Math.max(w, hgt);
  }

  move(dx, dy) {
    this.view.cx -= dx * this.view.scale;
    this.view.cy += dy * this.view.scale;
  }

  // Closer or farther with the point under (px, py) kept in place, within what there is to see.
  zoom(factor, px, py, extent) {
    const [x, y] = this.toData(px, py);
    const whole = this.scaleOf(...extent);
    const scale = Math.min(
      Math.max(this.view.scale * Math.min(Math.max(factor, 0.2), 5), whole / DEEPEST),
      whole * FARTHEST,
    );
    const k = scale / this.view.scale;
    this.view = { cx: x + (this.view.cx - x) * k, cy: y + (this.view.cy - y) * k, scale };
  }

  // The ranges in sight, or with a border of a share of them on each side.
  ranges(border = 0) {
    const [w, hgt] = this.size();
    const { cx, cy, scale } = this.view;
    const half = [(w / 2) * (1 + 2 * border) * scale, (hgt / 2) * (1 + 2 * border) * scale];
    return { x: [cx - half[0], cx + half[0]], y: [cy - half[1], cy + half[1]] };
  }
}
