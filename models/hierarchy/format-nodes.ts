import type { HierarchyNode } from '../../classifier/concepts/hierarchy.ts';

/** Makes the text of a `hierarchy.json`: one node on each line. */
export function formatNodes(nodes: readonly HierarchyNode[]): string {
  return `[\n${nodes.map(({ id, label, synonyms, parents }) => JSON.stringify({ id, label, synonyms, parents })).join(',\n')}\n]\n`;
}
