// Columns that a search finds, and their lines under headings of their roles.

import { inBlocks } from "../../ui/lists/in_blocks.js";
import { formatCount } from "../../ui/number_format.js";

/**
 * @typedef {object} Column
 * @property {string} name
 * @property {string} label
 * @property {string} kind
 * @property {string} role
 * @property {string} of what it predicts or repeats, or its block
 * @property {boolean} given by a person
 * @property {string} reason
 * @property {boolean} text whether it holds numbers in text
 * @property {string} [block] its family of columns
 * @property {string} [group] the role under which it stands
 *
 * A heading has no column; the line of a block has those of it that are found.
 * @typedef {object} Line
 * @property {string} key
 * @property {string} role
 * @property {string} [text]
 * @property {Column} [column]
 * @property {Column[]} [members]
 * @property {boolean} [open]
 */

/**
 * @param {Column[]} columns
 * @param {string} search words that must all be found in name, label, reason or kind
 * @param {string} role "guessed" for those that nobody confirmed, empty for all
 */
export function matchingColumns(columns, search, role) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return columns.filter((column) => {
    if (role === "guessed" ? column.given : role && column.role !== role) return false;
    if (!words.length) return true;
    const text = `${column.name} ${column.label} ${column.kind} ${column.reason}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/**
 * Under a heading for each role, in the order of `labels`; features last, since of these there are
 * most. The columns of a block are one line until it is opened.
 *
 * @param {Column[]} columns
 * @param {Record<string, string>} labels of the roles
 * @param {Set<string>} opened keys of the lines of blocks
 * @returns {Line[]}
 */
export function groupedColumns(columns, labels, opened = new Set()) {
  const roles = [...Object.keys(labels).filter((role) => role !== "feature"), "feature"];
  return roles.flatMap((role) => {
    const members = columns.filter((column) => (column.group || column.role) === role);
    if (!members.length) return [];
    const text = `${labels[role]} · ${formatCount(members.length)}`;
    return [
      { key: `\n${role}`, role, text },
      ...inBlocks(members).flatMap((entry) => linesOf(entry, role, opened)),
    ];
  });
}

/**
 * @param {{block: string, members: Column[]}} entry
 * @param {string} role
 * @param {Set<string>} opened
 * @returns {Line[]}
 */
function linesOf({ block, members }, role, opened) {
  const lines = members.map((column) => ({ key: column.name, role, column }));
  if (!block) return lines;
  const key = `\n${role}\n${block}`;
  const open = opened.has(key);
  return [{ key, role, text: block, members, open }, ...(open ? lines : [])];
}
