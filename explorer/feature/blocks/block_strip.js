// The strip of a block of columns: one tick for all, their mean as a picture, and a way to open it.

import { _ } from "../../core/gettext.js";
import { contextOf, h } from "../../ui/dom.js";
import { unavailable } from "../../ui/forms/unavailable.js";
import { formatCount } from "../../ui/number_format.js";
import { bytesOf } from "../feature_strip.js";
import { tickState } from "./block_tree.js";

/**
 * Names of columns that can be ticked.
 *
 * @param {import("../feature_list.js").FeatureList} list
 * @param {import("./block_tree.js").Item[]} members
 */
export function usableNames(list, members) {
  return members
    .filter(({ feature, index }) => (list.looks[index] ?? feature).usable)
    .map(({ feature }) => feature.name);
}

/**
 * @param {import("../feature_list.js").FeatureList} list
 * @param {any} row
 */
export function blockStrip(list, row) {
  const { block, members, open } = row;
  const names = usableNames(list, members);
  const look = list.model.block_looks[block.name];
  const toggle = h(
    "button",
    {
      class: "twisty",
      tabIndex: -1,
      "aria-label": open
        ? _("Fold {name}", { name: block.name })
        : _("Show the columns of {name}", { name: block.name }),
      onclick: () => list.toggleBlock(block.name),
    },
    open ? "▾" : "▸",
  );
  const box = h("input", {
    type: "checkbox",
    ...unavailable(!names.length && _("No column of this family can draw a map")),
    tabIndex: -1,
    "aria-label": _("Use all columns of {name}", { name: block.name }),
    onchange: () => list.tickBlock(row),
  });
  const count = h("span", { class: "chip" });
  const text = row.narrowed
    ? _("{count} of {total} columns found", {
        count: formatCount(members.length),
        total: formatCount(block.places.length),
      })
    : block.text;
  const node = h(
    "div",
    {
      style: `top:${row.top}px`,
      role: "row",
      id: `b${block.places[0]}`,
      "aria-level": "1",
      "aria-expanded": String(open),
      onclick: (event) => {
        if (["BUTTON", "INPUT"].includes(event.target.tagName)) return;
        list.stepOnBlock(block.name);
        list.toggleBlock(block.name);
      },
    },
    h("span", { class: "cell", role: "gridcell" }, toggle),
    h("span", { class: "cell", role: "gridcell" }, box),
    h(
      "div",
      { class: "what", role: "rowheader" },
      h("div", { class: "label" }, h("span", { class: "name", dir: "auto" }, block.name)),
      h("div", { class: "chips" }, count, h("span", {}, text)),
    ),
    h("span", { class: "cell", role: "gridcell" }, picture(list, look, block)),
  );
  node.dataset.top = row.top;
  node.dataset.block = block.name;
  node.title = [
    block.name,
    text,
    look ? look.words : _("counting …"),
    open ? _("Click to fold") : _("Click to show its columns"),
  ].join("\n");
  const mark = () => {
    const { count: ticked, state } = tickState(names, list.ticked);
    box.checked = state === "all";
    box.indeterminate = state === "some";
    count.hidden = state !== "some";
    count.textContent = _("{count} ticked", { count: formatCount(ticked) });
    const current = list.onBlock === block.name;
    node.className = `strip block${current ? " current" : ""}${state === "none" ? "" : " on"}`;
    node.setAttribute("aria-selected", String(state === "all"));
  };
  mark();
  Object.assign(node, { mark });
  return node;
}

/**
 * @param {import("../feature_list.js").FeatureList} list
 * @param {any} look
 * @param {import("./block_tree.js").Block} block
 */
function picture(list, look, block) {
  if (look?.picture) {
    return h("img", {
      class: "row-picture",
      src: look.picture,
      alt: _("{words}, columns {name}", { words: look.words, name: block.name }),
      draggable: false,
    });
  }
  const canvas = h("canvas", {
    width: 184,
    height: 44,
    role: "img",
    "aria-label": look ? look.words : _("counting …"),
  });
  if (look) paintLine(list, canvas, bytesOf(look.line), look.bins);
  return canvas;
}

/**
 * The mean over the band of one standard deviation either way.
 *
 * @param {import("../feature_list.js").FeatureList} list
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} heights
 * @param {number} bins
 */
function paintLine(list, canvas, heights, bins) {
  const context = contextOf(canvas);
  const style = getComputedStyle(list.list);
  const x = (bin) => ((bin + 0.5) / bins) * canvas.width;
  const y = (value) => canvas.height - 2 - (value / 255) * (canvas.height - 4);
  context.beginPath();
  for (let bin = 0; bin < bins; bin += 1) context.lineTo(x(bin), y(heights[bin]));
  for (let bin = bins - 1; bin >= 0; bin -= 1) context.lineTo(x(bin), y(heights[2 * bins + bin]));
  context.closePath();
  context.fillStyle = style.getPropertyValue("--bar-2");
  context.fill();
  context.beginPath();
  for (let bin = 0; bin < bins; bin += 1) context.lineTo(x(bin), y(heights[bins + bin]));
  context.strokeStyle = style.getPropertyValue("--ink");
  context.lineWidth = 2;
  context.stroke();
}
