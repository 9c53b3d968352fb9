/** The text of each generated block, by its name. */
export type Blocks = ReadonlyMap<string, string>;

const BLOCK = /^<!-- generated: (\S+) -->\n.*?^<!-- end -->$/gms;

/**
 * Puts the text of each block between its two marks, and leaves the rest of the page as it is.
 * @example fillBlocks('<!-- generated: routes -->\nold\n<!-- end -->', new Map([['routes', 'new']]))
 * // '<!-- generated: routes -->\n\nnew\n\n<!-- end -->'
 * @throws {Error} if the page has a block that nothing generates
 */
export function fillBlocks(page: string, blocks: Blocks): string {
  return page.replace(BLOCK, (_old, name: string) => {
    const text = blocks.get(name);
    if (text === undefined)
      throw new Error(`there is no generated block '${name}'; there are ${[...blocks.keys()].join(', ')}`);
    return `<!-- generated: ${name} -->\n\n${text}\n\n<!-- end -->`;
  });
}

/** Names of the generated blocks in a page. */
export function blockNames(page: string): string[] {
  return [...page.matchAll(BLOCK)].map(([, name = '']) => name);
}
