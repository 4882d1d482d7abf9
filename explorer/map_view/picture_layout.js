// Where pictures of rows stand on the map: beside their points, so that no two lie on each other.

const GAP = 5; // CSS pixels between a point and its picture, and between two pictures
const RINGS = [1, 1.6, 2.4, 3.4]; // how far from the point a picture may stand, in its own sizes

/**
 * @typedef {import("../ui/types/page.js").Point} Point
 * @typedef {{left: number, top: number}} Place the corner of a picture, in CSS pixels
 */

/**
 * Find a place for each picture, the first one first; null where there is no room. First the places
 * that hide no point are tried, then all.
 *
 * @param {Point[]} points in CSS pixels
 * @param {Point} size of a picture
 * @param {Point} stage its width and height
 * @returns {(Place | null)[]}
 */
export function placePictures(points, [width, height], [stageWidth, stageHeight]) {
  /** @type {Place[]} */
  const taken = [];
  const free = ({ left, top }) =>
    left >= 0 &&
    top >= 0 &&
    left + width <= stageWidth &&
    top + height <= stageHeight &&
    taken.every(
      (other) =>
        Math.abs(other.left - left) >= width + GAP || Math.abs(other.top - top) >= height + GAP,
    );
  const hides = ({ left, top }) =>
    points.some(([x, y]) => x > left && x < left + width && y > top && y < top + height);
  return points.map((point) => {
    const places = candidates(point, width, height).filter(free);
    const place = places.find((candidate) => !hides(candidate)) ?? places[0] ?? null;
    if (place) taken.push(place);
    return place;
  });
}

// Above, right, left, below, then the corners; near ones before far ones.
function candidates([x, y], width, height) {
  const sides = [
    [0, -1],
    [1, 0],
    [-1, 0],
    [0, 1],
    [1, -1],
    [-1, -1],
    [1, 1],
    [-1, 1],
  ];
  return RINGS.flatMap((ring) =>
    sides.map(([across, down]) => ({
      left: Math.round(x - width / 2 + across * ((width / 2) * ring + GAP)),
      top: Math.round(y - height / 2 + down * ((height / 2) * ring + GAP)),
    })),
  );
}
