// A field in a list that is drawn anew with all news: Enter, or leaving it, renames; Escape does
// not, nor does a list that is being drawn.

import { h } from "../dom.js";

export function renameField(list, key, name, rename) {
  const end = (given) => {
    list.editing = "";
    if (given && given !== name) rename(given);
    list.draw();
  };
  return h("input", {
    type: "text",
    class: "words",
    value: name,
    maxLength: 120,
    "aria-label": `New name of ${name}`,
    onblur: (event) => {
      if (!list.drawing && list.editing === key) end(event.target.value.trim());
    },
    onkeydown: (event) => {
      if (event.key === "Enter") end(event.target.value.trim());
      else if (event.key === "Escape") {
        event.stopPropagation();
        end("");
      }
    },
  });
}
