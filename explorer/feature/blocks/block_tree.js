// Blocks of columns in the list of features: which strips stand under which block.

import { searchScore } from "../feature_search.js";

/**
 * @typedef {object} Block
 * @property {string} name
 * @property {string} text how many columns of what
 * @property {string} role
 * @property {number[]} places of its columns in the table
 *
 * @typedef {{feature: any, index: number, score: number}} Item
 *
 * A block with those of its columns that are listed; narrowed: a search has found not all of them.
 * @typedef {{block: Block, members: Item[], narrowed: boolean}} Family
 */

/**
 * What the search words find: a block whose name matches stands with all its columns.
 *
 * @param {any[]} features
 * @param {Block[]} blocks
 * @param {string[]} words
 * @returns {Item[]}
 */
export function matchingItems(features, blocks, words) {
  /** @type {Map<number, number>} */
  const scores = new Map();
  for (const block of words.length ? blocks : []) {
    const text = {
      names: [block.name.toLowerCase()],
      rest: `${block.text} ${block.role}`.toLowerCase(),
    };
    const score = searchScore({ text, tags: [] }, words);
    if (score) for (const place of block.places) scores.set(place, score);
  }
  return features
    .map((feature, index) => ({
      feature,
      index,
      score: words.length ? Math.max(scores.get(index) ?? 0, searchScore(feature, words)) : 1,
    }))
    .filter(({ score }) => score > 0);
}

/**
 * Put the columns of a block under it, where the first of them stands.
 *
 * @param {Item[]} items in the order of the list
 * @param {Block[]} blocks
 * @param {boolean} searching whether a block may be narrowed to the columns that were found
 * @returns {{family: Family | null, items: Item[]}[]}
 */
export function inFamilies(items, blocks, searching) {
  /** @type {Map<number, Block>} */
  const blockOf = new Map();
  for (const block of blocks) for (const place of block.places) blockOf.set(place, block);
  /** @type {Map<Block, Family>} */
  const families = new Map();
  /** @type {{family: Family | null, items: Item[]}[]} */
  const entries = [];
  for (const item of items) {
    const block = blockOf.get(item.index);
    if (!block) {
      entries.push({ family: null, items: [item] });
      continue;
    }
    const family = families.get(block);
    if (family) {
      family.members.push(item);
      continue;
    }
    const members = [item];
    const first = { block, members, narrowed: false };
    families.set(block, first);
    entries.push({ family: first, items: members });
  }
  for (const family of families.values()) {
    family.narrowed = searching && family.members.length < family.block.places.length;
  }
  return entries;
}

/**
 * Whether none, some or all of these columns are ticked.
 *
 * @param {string[]} names
 * @param {Set<string>} ticked
 * @returns {{count: number, state: "none" | "some" | "all"}}
 */
export function tickState(names, ticked) {
  const count = names.filter((name) => ticked.has(name)).length;
  const state = !count ? "none" : count === names.length ? "all" : "some";
  return { count, state };
}
