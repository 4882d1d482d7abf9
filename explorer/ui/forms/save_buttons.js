// Buttons that save what a view shows, and copy the text for a methods section.

import { _ } from "../../core/gettext.js";
import { h, saveTitle } from "../dom.js";

/**
 * A button for each form of a file.
 *
 * @param {string[][]} forms each with its title, and the text of its button where it has another
 * @param {(form: string) => void} save
 * @param {string} [style] class of the buttons
 */
export function saveButtons(forms, save, style = "small") {
  return forms.map(([form, title, text = form]) =>
    h(
      "button",
      {
        class: style,
        title: saveTitle(form, title),
        onclick: (event) => {
          event.preventDefault(); // inside a summary a click folds it
          save(form);
        },
      },
      text,
    ),
  );
}

/**
 * Copies how something was computed.
 *
 * @param {string} method
 */
export function methodsButton(method) {
  return h(
    "button",
    {
      class: "small",
      title: method,
      onclick: (event) => {
        event.preventDefault();
        navigator.clipboard?.writeText(method);
        event.target.textContent = _("copied");
      },
    },
    _("methods"),
  );
}
