// From which closeness each name of a region is shown, so that no two lie on each other.

const LABEL_GAP = 7; // CSS pixels between two names
// CSS pixels within which half of a finer region's rows must spread before it is named
const LABEL_REACH = 34;

/**
 * Find how close one must be for each name: `from`, in CSS pixels per data unit. Coarse before
 * fine, large before small. A name that the edge of the whole map would cut stands beside its
 * place, always by as much: `shift`, in CSS pixels.
 *
 * @param {Label[]} labels in their order of importance; `from` and `shift` are written into them
 * @param {[[number, number], [number, number]]} extent of the whole map, x and y
 * @param {number} whole closeness at which the whole map just fits
 * @param {number} width of the map on the screen, in CSS pixels
 *
 * @typedef {object} Label
 * @property {number} x
 * @property {number} y
 * @property {number} wide in CSS pixels
 * @property {number} high in CSS pixels
 * @property {number} level 0: the coarsest
 * @property {number} reach how far its rows spread, in data units
 * @property {number} from
 * @property {number} shift
 */
export function arrangeLabels(labels, [[x0, x1]], whole, width) {
  const spare = Math.max(0, (width - (x1 - x0) * whole) / 2);
  labels.forEach((label, index) => {
    const left = (label.x - x0) * whole + spare;
    const right = (x1 - label.x) * whole + spare;
    label.shift = Math.max(0, label.wide / 2 - left) - Math.max(0, label.wide / 2 - right);
    label.from = label.level ? LABEL_REACH / label.reach : 0;
    for (const other of labels.slice(0, index)) {
      const free = closenessApart(label, other);
      if (free > other.from && free > label.from) label.from = free;
    }
  });
}

/**
 * The closeness from which two names do not touch.
 *
 * @param {Label} a
 * @param {Label} b
 */
function closenessApart(a, b) {
  const side = Math.sign(a.x - b.x) * (a.shift - b.shift);
  return Math.min(
    ((a.wide + b.wide) / 2 + LABEL_GAP - side) / Math.abs(a.x - b.x),
    ((a.high + b.high) / 2 + LABEL_GAP) / Math.abs(a.y - b.y),
  );
}
