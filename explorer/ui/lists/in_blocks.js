// Lists of columns in which a family of them (`px_000 … px_195`) is one line that opens.

/**
 * The columns of a block stand together where the first of them stands.
 *
 * @template {{block?: string}} Row
 * @param {Row[]} rows in the order of the list
 * @returns {{block: string, members: Row[]}[]} without a name where a column stands for itself
 */
export function inBlocks(rows) {
  /** @type {Map<string, Row[]>} */
  const families = new Map();
  /** @type {{block: string, members: Row[]}[]} */
  const entries = [];
  for (const row of rows) {
    const block = row.block || "";
    const family = block && families.get(block);
    if (family) family.push(row);
    else {
      const members = [row];
      if (block) families.set(block, members);
      entries.push({ block, members });
    }
  }
  return entries.map(({ block, members }) => ({ block: members.length > 1 ? block : "", members }));
}
