import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A page's path, relative to the repository's root -> its text. */
export type Pages = ReadonlyMap<string, string>;

const LINK = /\]\(([^()\s]+)\)/g;
const EXTERNAL = /^(https?|mailto):/;

/** Every link of the pages that leads to no file, or to no heading of the page it names: `PAGE: TARGET`. */
export function brokenLinks(pages: Pages, root: string): string[] {
  return [...pages].flatMap(([page, text]) =>
    linksOf(text)
      .filter((target) => !EXTERNAL.test(target) && !resolves(target, page, pages, root))
      .map((target) => `${page}: ${target}`),
  );
}

export function linksOf(text: string): string[] {
  return [...withoutCode(text).matchAll(LINK)].map(([, target = '']) => target);
}

/** The anchors that GitHub gives a page's headings. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutFences(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function resolves(target: string, page: string, pages: Pages, root: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (!pages.has(file) && !existsSync(join(root, file))) return false;
  if (anchor === undefined) return true;
  const text = pages.get(file);
  return text !== undefined && anchorsOf(text).has(anchor);
}

function withoutCode(text: string): string {
  return withoutFences(text).replace(/`[^`\n]*`/g, '`');
}

function withoutFences(text: string): string {
  return text.replace(/^```.*?^```/gms, '');
}
