// The edge of a panel: a pointer and keys move it, as a window splitter of the ARIA practices.

const STEP = 16;

/**
 * @typedef {object} Edge
 * @property {"x" | "y"} axis along which it moves
 * @property {1 | -1} outward 1 where a larger coordinate makes the panel larger
 * @property {number} least pixels
 * @property {number} usual pixels
 * @property {() => number} size of the panel in pixels
 * @property {(size: number) => void} resize to this, as far as it is allowed
 * @property {() => void} toggle closes the panel
 */

/**
 * @param {HTMLElement} node
 * @param {Edge} edge
 * @param {AbortSignal} signal
 */
export function watchEdge(node, edge, signal) {
  const place = (/** @type {PointerEvent} */ event) =>
    edge.axis === "x" ? event.clientX : event.clientY;
  node.addEventListener(
    "pointerdown",
    (event) => {
      const [start, size] = [place(event), edge.size()];
      node.setPointerCapture(event.pointerId);
      node.onpointermove = (move) => edge.resize(size + edge.outward * (place(move) - start));
      node.onpointerup = node.onpointercancel = () => {
        node.onpointermove = null;
      };
      event.preventDefault();
    },
    { signal },
  );
  node.addEventListener("dblclick", () => edge.resize(edge.usual), { signal });
  const [less, more] = edge.axis === "x" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  node.addEventListener(
    "keydown",
    (event) => {
      /** @type {Record<string, number>} */
      const sizes = {
        [less]: edge.size() - edge.outward * STEP,
        [more]: edge.size() + edge.outward * STEP,
        Home: edge.least,
        End: Infinity,
      };
      if (event.key === "Enter") edge.toggle();
      else if (event.key in sizes) edge.resize(sizes[event.key]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

/**
 * Say a splitter's place to a screen reader.
 *
 * @param {HTMLElement} node
 * @param {{least: number, most: number, now: number}} place
 */
export function describeEdge(node, { least, most, now }) {
  node.setAttribute("aria-valuemin", String(least));
  node.setAttribute("aria-valuemax", String(most));
  node.setAttribute("aria-valuenow", String(now));
}
