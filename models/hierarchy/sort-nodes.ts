import type { HierarchyNode } from '../../classifier/concepts/hierarchy.ts';

/**
 * Sorts nodes so that parents stand before children, and keeps the order otherwise. Where there is
 * a circle, one of its nodes comes before its parent.
 */
export function sortNodes(nodes: readonly HierarchyNode[]): HierarchyNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sorted = new Set<HierarchyNode>();
  const visited = new Set<HierarchyNode>();
  for (const node of nodes) {
    // A stack of our own: a chain of parents may be longer than the call stack.
    const stack = [node];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const isNew = !visited.has(top);
      visited.add(top);
      const above = isNew
        ? top.parents.flatMap((id) => byId.get(id) ?? []).filter((parent) => !visited.has(parent))
        : [];
      for (const parent of above.toReversed()) stack.push(parent);
      if (above.length === 0) sorted.add(stack.pop() as HierarchyNode);
    }
  }
  return [...sorted];
}
