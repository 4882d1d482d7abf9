// Choices: one from a list, one by a row of buttons, several as chips.

import { _ } from "../../core/gettext.js";
import { h } from "../dom.js";
import { unavailable } from "./unavailable.js";

/**
 * A value and its text.
 *
 * @typedef {string[]} Option
 */

/** Options from which a list holds them all only once somebody comes to it. */
const MANY = 200;

/** @type {WeakMap<EventTarget, () => void>} lists whose options are still to come */
const waiting = new WeakMap();

/** @param {Event} event */
function fillWaiting({ currentTarget }) {
  if (currentTarget) waiting.get(currentTarget)?.();
}

/**
 * Set the options of a list of choices, in named groups where there are any, and choose one.
 * Of thousands of columns the list holds the chosen one until it is focused or pressed: a page has
 * several such lists.
 *
 * @param {HTMLSelectElement} field
 * @param {[string | null, Option[]][]} groups each a name, null for none, and its options
 * @param {string | null | undefined} value
 * @param {string | null} [none] text where nothing is chosen; null: something has to be
 */
export function fillOptions(field, groups, value, none = null) {
  /** @param {Option} option */
  const optionOf = ([option, text]) => h("option", { value: option }, text);
  /** @param {[string | null, Option[]][]} shown */
  const fill = (shown) => {
    const chosen = field.value;
    field.replaceChildren(
      ...(none === null ? [] : [h("option", { value: "" }, none)]),
      ...shown
        .filter(([, options]) => options.length)
        .flatMap(([label, options]) =>
          label === null
            ? options.map(optionOf)
            : h("optgroup", { label }, ...options.map(optionOf)),
        ),
    );
    field.value = chosen;
  };
  waiting.delete(field);
  const count = groups.reduce((sum, [, options]) => sum + options.length, 0);
  if (count <= MANY || field.matches(":focus")) fill(groups);
  else {
    fill(groups.map(([label, options]) => [label, options.filter(([key]) => key === value)]));
    waiting.set(field, () => {
      waiting.delete(field);
      fill(groups);
    });
    for (const type of ["focus", "pointerdown"]) field.addEventListener(type, fillWaiting);
  }
  field.value = value ?? "";
}

/**
 * A list of choices. The chosen one is in it even where it is not among those that are offered.
 *
 * @param {object} choice
 * @param {string} choice.label
 * @param {string} [choice.title] the label, where nothing is given
 * @param {string | null | undefined} choice.value
 * @param {Option[]} choice.options
 * @param {string | null} choice.none text where nothing is chosen; null: something has to be
 * @param {(value: string | null) => void} choice.change
 */
export function choiceField({ label, title = label, value, options, none, change }) {
  const offered = !value || options.some(([option]) => option === value);
  const field = h("select", {
    "aria-label": label,
    title,
    onchange: ({ target }) => change(target.value || null),
  });
  /** @type {Option[]} */
  const all = offered ? options : [[value, value], ...options];
  fillOptions(field, [[null, all]], value, none === null && value ? null : (none ?? _("choose")));
  return field;
}

/**
 * Buttons of which one is on.
 *
 * @template Key
 * @param {[Key, string, string?, string?][]} options each a key, its text, its title, and why it
 *   cannot be chosen
 * @param {Key} current
 * @param {(key: Key) => void} choose
 */
export function switchButtons(options, current, choose) {
  return options.map(([key, text, title, why]) =>
    h(
      "button",
      {
        class: key === current ? "on" : "",
        "aria-pressed": String(key === current),
        ...unavailable(why, title),
        onclick: () => choose(key),
      },
      text,
    ),
  );
}

/**
 * Something that was chosen, and can be left out.
 *
 * @param {import("../types/page.js").Child} content
 * @param {string} title
 * @param {string} leaveOutLabel
 * @param {() => void} leaveOut
 */
export function chip(content, title, leaveOutLabel, leaveOut) {
  return h(
    "span",
    { class: "chip", title },
    content,
    h(
      "button",
      { class: "x", title: _("Leave out"), "aria-label": leaveOutLabel, onclick: leaveOut },
      "×",
    ),
  );
}

/**
 * Several columns, each a chip that can be left out, and a list of those that can be added.
 *
 * @param {object} choice
 * @param {string[]} choice.chosen
 * @param {Record<string, string>} choice.labels of columns, by name
 * @param {Option[]} choice.options
 * @param {string} choice.addLabel
 * @param {string} [choice.title]
 * @param {(name: string) => string} choice.leaveOutLabel
 * @param {(names: string[]) => void} choice.change
 */
export function columnChips(choice) {
  const { chosen, labels, options, addLabel, title, leaveOutLabel, change } = choice;
  return [
    ...chosen.map((name) =>
      chip(h("span", {}, labels[name] || name), labels[name] || name, leaveOutLabel(name), () =>
        change(chosen.filter((other) => other !== name)),
      ),
    ),
    choiceField({
      label: addLabel,
      title,
      value: "",
      options: options.filter(([name]) => !chosen.includes(name)),
      none: _("+ column"),
      change: (name) => {
        if (name) change([...chosen, name]);
      },
    }),
  ];
}
