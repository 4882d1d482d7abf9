// What people read on the page is marked for translation, `_("Save")`, so that catalogues hold it.

const SHOWN = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "aria-valuetext",
  "label",
  "placeholder",
  "textContent",
  "title",
]);
// Attributes, and calls of the browser, that hold names and no texts.
const NAMES = new Set([
  "class",
  "className",
  "font",
  "gridTemplateColumns",
  "headClass",
  "innerHTML",
  "rel",
  "style",
]);
const SELECTING = /^(closest|findAll|findFirst|matches|matchMedia|querySelector(All)?)$/;
// Not translated: names of what this browser remembers, and the name of the project.
const KNOWN = new Set([
  "explorer side panels",
  "explorer tour",
  "explorer tray height",
  "explorer typed",
]);
// Classes of cells, and declarations of a style sheet.
const STYLES = /^(item|number|saved|segment|whisker)( [a-z-]+)+$|^[a-z-]+: ?\S+[(;]/;
const WORD = /\p{L}{2}/u;
const SENTENCE = /\p{L}{2}[\p{L}\d]*[,.:;]? \p{L}{2}/u;

const isMark = (node) =>
  node.type === "CallExpression" && ["_", "ngettext"].includes(node.callee.name);

/** Where the value of a node goes: out of `a ? b : c`, `a || b`, `b + c` and `[b, c]`. */
function destination(node) {
  let [child, parent] = [node, node.parent];
  while (
    (parent.type === "ConditionalExpression" && parent.test !== child) ||
    (parent.type === "LogicalExpression" && (parent.right === child || parent.operator !== "&&")) ||
    (parent.type === "BinaryExpression" && parent.operator === "+") ||
    parent.type === "ArrayExpression" ||
    parent.type === "SpreadElement" ||
    parent.type === "TemplateLiteral"
  ) {
    [child, parent] = [parent, parent.parent];
  }
  return [child, parent];
}

/** Whether a text ends where people read it; null where that is not known. */
function isShown(node) {
  const [child, parent] = destination(node);
  if (parent.type === "CallExpression") {
    const name = parent.callee.name ?? parent.callee.property?.name ?? "";
    const place = parent.arguments.indexOf(child);
    if (isMark(parent) || place < 0 || SELECTING.test(name)) return false;
    if (name === "h") return place >= 2;
    if (name === "setAttribute") return place === 1 && SHOWN.has(parent.arguments[0].value);
    if (name === "setItem" || name === "getItem") return false;
    return null;
  }
  if (parent.type === "Property") {
    const name = parent.key.name ?? parent.key.value;
    if (parent.key === child || NAMES.has(name) || /^data-/.test(name)) return false;
    return SHOWN.has(name) ? true : null;
  }
  if (parent.type === "AssignmentExpression") {
    const name = parent.left.property?.name ?? parent.left.name;
    if (NAMES.has(name)) return false;
    return SHOWN.has(name) ? true : null;
  }
  if (["BinaryExpression", "ImportDeclaration", "ThrowStatement"].includes(parent.type)) {
    return false;
  }
  if (parent.type === "NewExpression") return parent.callee.name === "Error" ? false : null;
  return null;
}

/** The names in braces of a text. */
const placeholders = (text) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));

const MESSAGES = {
  unmarked: 'Mark what people read, `_("…")` of core/gettext.js, then run `make messages`.',
  computed: "Give _() and ngettext() plain strings: catalogues are read from the code.",
  values: "The text has {{{missing}}} in it, which the values lack.",
  unused: "The text has no {{{unused}}} in it.",
};

export const texts = {
  meta: { type: "problem", messages: MESSAGES, schema: [] },
  create(context) {
    const check = (node, text) => {
      if (KNOWN.has(text) || STYLES.test(text)) return;
      const shown = isShown(node);
      if (shown ? WORD.test(text) : shown === null && SENTENCE.test(text)) {
        context.report({ node, messageId: "unmarked" });
      }
    };
    return {
      Literal(node) {
        if (typeof node.value === "string") check(node, node.value);
      },
      TemplateLiteral(node) {
        if (node.parent.type === "TaggedTemplateExpression") return;
        check(node, node.quasis.map((part) => part.value.cooked).join("\n"));
      },
      CallExpression(node) {
        if (!isMark(node)) return;
        const n = node.callee.name === "_" ? 1 : 2;
        const marked = node.arguments.slice(0, n);
        if (marked.some((text) => text.type !== "Literal" || typeof text.value !== "string")) {
          context.report({ node, messageId: "computed" });
          return;
        }
        const values = node.arguments[n === 1 ? 1 : 3];
        if (values && values.type !== "ObjectExpression") return;
        const given = new Set((values?.properties ?? []).map((property) => property.key?.name));
        if (given.has(undefined)) return; // { ...values }
        const named = new Set(marked.flatMap((text) => [...placeholders(text.value)]));
        for (const missing of named) {
          if (!given.has(missing)) {
            context.report({ node, messageId: "values", data: { missing } });
          }
        }
        for (const unused of given) {
          if (!named.has(unused)) context.report({ node, messageId: "unused", data: { unused } });
        }
      },
    };
  },
};
