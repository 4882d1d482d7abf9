// Columns that a search finds, and their lines under headings of their roles.

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
 * @property {string} [group] the role under which it stands
 *
 * A heading has no column.
 * @typedef {{key: string, role: string, text?: string, column?: Column}} Line
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
 * most.
 *
 * @param {Column[]} columns
 * @param {Record<string, string>} labels of the roles
 * @returns {Line[]}
 */
export function groupedColumns(columns, labels) {
  const roles = [...Object.keys(labels).filter((role) => role !== "feature"), "feature"];
  return roles.flatMap((role) => {
    const members = columns.filter((column) => (column.group || column.role) === role);
    if (!members.length) return [];
    const text = `${labels[role]} · ${formatCount(members.length)}`;
    return [
      { key: `\n${role}`, role, text },
      ...members.map((column) => ({ key: column.name, role, column })),
    ];
  });
}
