/** What stands above each node. */
export interface WaysUp {
  /** The parent of each node with one parent; -1 for a node without, and for one with several. */
  readonly parents: Int32Array;
  /** Everything above each node with several parents, each once. */
  readonly above: ReadonlyMap<number, Int32Array>;
}

const NONE = new Int32Array();

/** The classes of a hierarchy among its nodes, of which parents stand before children. */
interface Graph {
  /** The node of each class. */
  readonly classNodes: Int32Array;
  readonly ways: WaysUp;
}

/**
 * Sums a value of each class over all nodes that are the class or stand above it. A class counts
 * once, also where several ways lead up from it. Each node hands on to its parent what came to it
 * from below; one with several parents hands it to everything above it at once.
 * @param values one for each class
 * @returns one for each node
 */
export function sumUp({ classNodes, ways }: Graph, values: Float64Array): Float64Array {
  const { parents, above } = ways;
  const sums = new Float64Array(parents.length);
  const flow = new Float64Array(parents.length);
  for (let index = 0; index < classNodes.length; index += 1) {
    const node = classNodes[index] as number;
    (flow[node] as number) += values[index] as number;
  }
  // Parents stand before children.
  for (let node = parents.length - 1; node >= 0; node -= 1) {
    const value = flow[node] as number;
    if (value === 0) continue;
    (sums[node] as number) += value;
    const parent = parents[node] as number;
    if (parent >= 0) {
      (flow[parent] as number) += value;
      continue;
    }
    const others = above.get(node) ?? NONE;
    for (let at = 0; at < others.length; at += 1) (sums[others[at] as number] as number) += value;
  }
  return sums;
}
