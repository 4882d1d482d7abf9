// A view that needs its panel in sight asks for it; the page opens it at once where it is closed.

export const OPEN_PANEL = "explorer-open-panel";

/** @param {"rows" | "features"} name */
export function openPanel(name) {
  document.dispatchEvent(new CustomEvent(OPEN_PANEL, { detail: name }));
}
