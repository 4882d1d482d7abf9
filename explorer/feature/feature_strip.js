// One strip of the feature list, and the heading of a group of them.

import { _ } from "../core/gettext.js";
import { verdictMark } from "../review/page/verdict_keys.js";
import { h } from "../ui/dom.js";
import { ORDERS } from "./feature_search.js";
import { unavailable } from "../ui/forms/unavailable.js";

const GRADE_WORDS = {
  close: _("close"),
  workable: _("workable"),
  "cannot tell": _("cannot tell"),
  not: _("not"),
};
const GRADE = { close: "C", workable: "W", "cannot tell": "?", not: "N" };
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// A small part is drawn as a line on its own scale: on the scale of all it would hardly be seen.
export function outline(context, heights, width, colour, height) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  heights.forEach((value, bin) => {
    const top = height - 1 - (value / 255) * (height - 2);
    context.lineTo(bin * width, top);
    context.lineTo((bin + 1) * width, top);
  });
  context.stroke();
}

function percentOf(share) {
  if (share === null || share === undefined) return "";
  if (share === 0) return "·";
  if (share < 0.001) return "< .1";
  return share < 0.1 ? (100 * share).toFixed(1).replace(/^0/, "") : (100 * share).toFixed(0);
}

// A cell of the grid that leaves the place of what it holds to the strip.
const cell = (/** @type {HTMLElement} */ node) =>
  h("span", { class: "cell", role: "gridcell" }, node);

/**
 * @param {import("./feature_list.js").FeatureList} list
 * @param {any} row
 */
export function groupHeading(list, row) {
  const usable = row.members
    .filter(
      ({ feature, index }) => feature.usable && (!list.looks[index] || list.looks[index].usable),
    )
    .map(({ feature }) => feature.name);
  const all = h("button", {
    class: "all",
    onclick: (event) => {
      event.stopPropagation();
      list.send({
        type: "tick_many",
        names: usable,
        on: !usable.every((name) => list.ticked.has(name)),
      });
    },
  });
  const folded = list.folded.has(row.group);
  const node = h(
    "div",
    {
      class: "group",
      role: "row",
      style: `top:${row.top}px`,
      title: _("{group}: {count} features; click to fold", {
        group: row.group,
        count: row.members.length,
      }),
      onclick: () => {
        if (folded) list.folded.delete(row.group);
        else list.folded.add(row.group);
        list.arrange();
      },
    },
    h("span", { role: "rowheader" }, `${folded ? "▸ " : ""}${row.group}`),
    usable.length ? cell(all) : null,
  );
  const mark = () => {
    all.textContent = usable.every((name) => list.ticked.has(name))
      ? _("untick all")
      : _("tick all {count}", { count: usable.length });
  };
  mark();
  Object.assign(node, { mark });
  node.dataset.top = row.top;
  return node;
}

/**
 * @param {import("./feature_list.js").FeatureList} list
 * @param {any} row
 */
export function featureStrip(list, row) {
  const { feature, index } = row;
  const look = list.looks[index];
  const usable = look ? look.usable : feature.usable;
  const box = h("input", {
    type: "checkbox",
    ...unavailable(!usable && ((look && look.unusable) || feature.unusable)),
    tabIndex: -1,
    "aria-label": _("Use {label}", { label: feature.label }),
    onchange: (event) => list.send({ type: "tick", name: feature.name, on: event.target.checked }),
  });
  const dot = h("button", {
    tabIndex: -1,
    "aria-label": _("Colour the map by {label}", { label: feature.label }),
    onclick: () =>
      list.send({ type: "color", name: list.model.color === feature.name ? null : feature.name }),
  });
  const waits =
    list.model.counting.words && !list.model.counting.on ? _("not counted") : _("counting …");
  const reasons = look
    ? look.chips
    : [
        { text: feature.kind_label, kind: "" },
        { text: waits, kind: "" },
      ];
  const chips = reasons.map((chip) => h("span", { title: chip.title || "" }));
  const role =
    feature.role === "feature"
      ? null
      : h("span", { class: "chip role", title: feature.role_reason }, feature.role_label);
  const used = h("span", { class: "chip used" });
  const value = ORDERS[list.order].asks ? list.keys[feature.name] : undefined;
  const figure =
    value === undefined
      ? null
      : h(
          "span",
          { class: "figure", role: "gridcell", title: ORDERS[list.order].words },
          value.toFixed(2).replace(/^0/, ""),
        );
  const canvas = h("canvas", { width: 184, height: 44, "aria-hidden": "true" });
  const figures =
    list.form === "dense"
      ? [
          h("span", { class: "figure", role: "gridcell" }, look ? percentOf(look.missing) : ""),
          h(
            "span",
            {
              class: "figure",
              role: "gridcell",
              title:
                look && look.grade
                  ? _("Gaussian: {grade}", { grade: GRADE_WORDS[look.grade] })
                  : "",
            },
            (look && GRADE[look.grade]) || "",
          ),
          h(
            "span",
            { class: "figure", role: "gridcell" },
            look && look.outliers !== null ? percentOf(look.outliers) : "",
          ),
        ]
      : [];
  const verdict = verdictMark(list, feature);
  const node = h(
    "div",
    {
      style: `top:${row.top}px`,
      role: "row",
      id: `f${index}`,
      "aria-level": list.model.blocks.length ? (row.family ? "2" : "1") : null,
      onclick: (event) => {
        if (!["BUTTON", "INPUT"].includes(event.target.tagName)) {
          list.onBlock = null;
          list.send({ type: "look", name: feature.name });
        }
      },
    },
    cell(box),
    h(
      "div",
      { class: "what", role: "rowheader" },
      h(
        "div",
        { class: "label" },
        h("span", { class: "name", dir: "auto" }, feature.label),
        h("span", { class: "unit" }, feature.unit),
      ),
      h("div", { class: "chips" }, role, used, ...chips),
    ),
    ...(figure ? [figure] : []),
    canvas,
    ...figures,
    cell(verdict),
    cell(dot),
  );
  node.dataset.top = row.top;
  node.dataset.index = index;
  node.dataset.name = feature.name;
  const mark = () =>
    markStrip(list, row, look, node, { box, dot, chips, given: reasons, used, verdict });
  mark();
  Object.assign(node, { mark });
  list.paint(canvas, index);
  return node;
}

/** @type {(list: import("./feature_list.js").FeatureList, ...parts: any[]) => void} */
function markStrip(
  list,
  { feature, family },
  look,
  node,
  { box, dot, chips, given, used, verdict },
) {
  verdict.mark();
  const on = list.ticked.has(feature.name);
  const colours = list.model.color === feature.name;
  const current = list.model.current === feature.name && !list.onBlock;
  node.className = `strip${current ? " current" : ""}${on ? " on" : ""}${family ? " member" : ""}`;
  node.setAttribute("aria-selected", String(on));
  box.checked = on;
  dot.className = colours ? "dot on" : "dot";
  dot.title = colours ? _("Colour by density again") : _("Colour the map by this (C)");
  dot.setAttribute("aria-pressed", String(colours));
  const numbers = new Set(list.model.as_numbers);
  const texts = given.map((chip) =>
    chip.as_number && numbers.has(feature.name) ? chip.as_number : chip.text,
  );
  chips.forEach((chip, place) => {
    chip.textContent = texts[place];
    chip.className = `chip ${texts[place] === given[place].text ? given[place].kind : ""}`;
  });
  const as = on && (list.model.status.transforms || {})[feature.name];
  used.textContent = as ? _("as {as}", { as }) : "";
  used.hidden = !as;
  node.title = [
    feature.name,
    texts.join(" · "),
    feature.role === "feature" ? "" : `${feature.role_label}: ${feature.role_reason}`,
    as ? _("used as {as}", { as }) : "",
    feature.description,
    ...((look && look.facts) || []),
    _("Click to open it"),
  ]
    .filter(Boolean)
    .join("\n");
}
