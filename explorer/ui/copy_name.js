// Ctrl+C with the pointer or the focus on a feature of a list copies its name, as filters, scripts
// and the catalogue write it: lists show its label.

/**
 * @param {Event} event
 * @returns {string | undefined}
 */
function nameAt(event) {
  for (const node of event.composedPath()) {
    if (node instanceof HTMLElement && node.dataset.name) return node.dataset.name;
  }
  return undefined;
}

/**
 * Listen on the whole page. What is selected, or stands in a field, is copied as ever.
 *
 * @param {AbortSignal} lifetime
 */
export function copyNames(lifetime) {
  /** @type {string | undefined} */
  let name;
  const look = (/** @type {Event} */ event) => (name = nameAt(event));
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, look, { signal: lifetime });
  }
  document.addEventListener(
    "copy",
    (event) => {
      const target = event.composedPath()[0];
      const inField = target instanceof HTMLElement && target.matches("textarea, input");
      if (!name || inField || String(document.getSelection())) return;
      event.clipboardData?.setData("text/plain", name);
      event.preventDefault();
    },
    { signal: lifetime },
  );
}
