// Buttons that save what a view shows, and copy the text for a methods section.

import { h, saveTitle } from "../dom.js";

/**
 * A button for each form of a file.
 *
 * @param {string[][]} forms each with its title
 * @param {(form: string) => void} save
 */
export function saveButtons(forms, save) {
  return forms.map(([form, title]) =>
    h(
      "button",
      {
        class: "small",
        title: saveTitle(form, title),
        onclick: (event) => {
          event.preventDefault(); // inside a summary a click folds it
          save(form);
        },
      },
      form,
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
        event.target.textContent = "copied";
      },
    },
    "methods",
  );
}
