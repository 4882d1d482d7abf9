// Where the regions of an effect map are: hexagons on a lattice, each a region or a part of one.
const SIDES = [
  [1, 3],
  [2, 0],
  [1, -3],
  [-1, -3],
  [-2, 0],
  [-1, 3],
]; // from a hexagon to the one beyond each side, as its corners run

export class EffectLattice {
  constructor({ origin = [0, 0], size = 1, corners = [], places = [], owners = null }) {
    this.origin = origin;
    this.size = size;
    this.corners = corners;
    this.places = places;
    this.step = [(size * Math.sqrt(3)) / 2, size / 2];
    this.regions = owners || places.map((place, index) => index);
    this.index = new Map(places.map(([i, j], index) => [`${i},${j}`, index]));
    this.parts = new Map();
    this.regions.forEach((region, index) => {
      if (region >= 0) this.parts.set(region, [...(this.parts.get(region) || []), index]);
    });
  }

  // The region at a place in data units: that of the hexagon with the nearest centre; −1 in none.
  at(x, y) {
    const r = (y - this.origin[1]) / (1.5 * this.size);
    const q = (x - this.origin[0]) / (Math.sqrt(3) * this.size) - r / 2;
    let [nearQ, nearR] = [Math.round(q), Math.round(r)];
    const nearS = Math.round(-q - r);
    const [offQ, offR, offS] = [Math.abs(q - nearQ), Math.abs(r - nearR), Math.abs(-q - r - nearS)];
    if (offQ > offR && offQ > offS) nearQ = -nearR - nearS;
    else if (offR > offS) nearR = -nearQ - nearS;
    return this.regionAt(2 * nearQ + nearR, 3 * nearR);
  }

  regionAt(i, j) {
    const index = this.index.get(`${i},${j}`);
    return index === undefined ? -1 : this.regions[index];
  }

  /**
   * @param {number} i
   * @param {number} j
   * @returns {import("../../ui/types/page.js").Point}
   */
  point(i, j) {
    return [this.origin[0] + this.step[0] * i, this.origin[1] + this.step[1] * j];
  }

  // The middle of a region in data units; null where nothing of it is drawn.
  centre(region) {
    const parts = this.parts.get(region);
    if (!parts) return null;
    const mean = (axis) =>
      parts.reduce((sum, index) => sum + this.places[index][axis], 0) / parts.length;
    return this.point(mean(0), mean(1));
  }

  // The sides around a region, each two points in data units.
  outline(region) {
    return (this.parts.get(region) || []).flatMap((index) => {
      const [i, j] = this.places[index];
      return SIDES.flatMap(([di, dj], side) => {
        if (this.regionAt(i + di, j + dj) === region) return [];
        return [
          [0, 1].map((end) => {
            const [ci, cj] = this.corners[(side + end) % 6];
            return this.point(i + ci, j + cj);
          }),
        ];
      });
    });
  }

  // The region that an arrow leads to: near, and rather ahead than aside.
  next(region, [right, up]) {
    const from = this.centre(region);
    let [best, least] = [region, Infinity];
    for (const other of this.parts.keys()) {
      if (other === region || !from) continue;
      const [x, y] = this.centre(other) ?? from;
      const ahead = (x - from[0]) * right + (y - from[1]) * up;
      const aside = Math.abs((x - from[0]) * up) + Math.abs((y - from[1]) * right);
      const cost = ahead + 2 * aside;
      if (ahead > this.size / 10 && aside <= 1.8 * ahead && cost < least) {
        [best, least] = [other, cost];
      }
    }
    return best;
  }
}
