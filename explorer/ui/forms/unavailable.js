// A button that cannot be used now stays in reach of keys and fingers, and says why.

import { h } from "../dom.js";

const GAP = 6;

/**
 * Attributes for `h` of a button that cannot be used now, or that can.
 *
 * @param {string | null | undefined | false} why what is missing and what to do; nothing where the
 *   button can be used
 * @param {string} [title] where it can
 */
export const unavailable = (why, title) => ({
  "aria-disabled": why ? "true" : null,
  title: why || title || null,
});

/**
 * Let a button be used, or say why it cannot be.
 *
 * @param {HTMLElement} button
 * @param {string | null | undefined | false} why
 * @param {string} [title] where it can
 */
export function setUnavailable(button, why, title = "") {
  if (why) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  button.title = why || title;
}

/** @param {Element} button */
export const isUnavailable = (button) => button.getAttribute("aria-disabled") === "true";

/**
 * The unavailable button that an event is about.
 *
 * @param {Event} event
 * @returns {HTMLElement | undefined}
 */
function unavailableAt(event) {
  return event
    .composedPath()
    .filter((node) => node instanceof HTMLElement)
    .find(isUnavailable);
}

/**
 * For the whole page: a press on what is unavailable does nothing but say why, and so does coming
 * to it by keys.
 *
 * @param {AbortSignal} signal
 */
export function sayWhyUnavailable(signal) {
  const reason = h("div", { class: "reason", popover: "manual", role: "status" });
  document.body.append(reason);
  signal.addEventListener("abort", () => reason.remove(), { once: true });
  const hide = () => reason.matches(":popover-open") && reason.hidePopover();
  /** @param {HTMLElement} button */
  const show = (button) => {
    if (!button.title) return;
    reason.textContent = button.title;
    hide();
    reason.showPopover();
    const place = button.getBoundingClientRect();
    const [width, height] = [reason.offsetWidth, reason.offsetHeight];
    const below = place.bottom + GAP + height < innerHeight;
    const left = Math.min(place.left, innerWidth - width - GAP);
    reason.style.left = `${Math.max(GAP, left)}px`;
    reason.style.top = `${Math.max(0, below ? place.bottom + GAP : place.top - GAP - height)}px`;
  };
  document.addEventListener("pointerdown", hide, { capture: true, signal });
  document.addEventListener("keydown", hide, { capture: true, signal });
  document.addEventListener("focusout", hide, { signal });
  document.addEventListener(
    "focusin",
    (event) => {
      const button = unavailableAt(event);
      if (button?.matches(":focus-visible")) show(button);
    },
    { signal },
  );
  document.addEventListener(
    "click",
    (event) => {
      const button = unavailableAt(event);
      if (!button) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      show(button);
    },
    { capture: true, signal },
  );
}
