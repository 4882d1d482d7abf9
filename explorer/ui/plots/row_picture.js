// The picture of a row: the pixels that a block of columns holds of it, within a frame, since black
// and white stand for the least and the greatest value in both themes.

import { _ } from "../../core/gettext.js";
import { h } from "../dom.js";

/**
 * @param {string} address of the image, in one pixel a column
 * @param {string} title of the row
 */
export function rowPicture(address, title) {
  return h("img", {
    class: "row-picture",
    src: address,
    alt: _("Image of {title}", { title }),
    draggable: false,
  });
}
