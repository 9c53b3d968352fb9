import { InvalidHierarchyError } from '../errors.ts';
import type { ClassLabel } from '../manifest.ts';
import { nodeFault } from './node-fault.ts';

/** A class, or a concept above classes, as `hierarchy.json` describes it. */
export interface HierarchyNode {
  /** For a class: its WordNet id, or its label where it has none. */
  readonly id: string;
  readonly label: string;
  readonly synonyms: readonly string[];
  /** Ids of the concepts directly above. */
  readonly parents: readonly string[];
}

/** A directed acyclic graph over the classes of a model. Its nodes are named by their index. */
export interface Hierarchy {
  readonly nodes: readonly HierarchyNode[];
  /**
   * The lineage of each class, one after the other: the class's own node, and then all nodes above
   * it, each once.
   */
  readonly lineages: readonly number[];
  /** Where in `lineages` that of each class starts, and where the last one ends. */
  readonly starts: Int32Array;
  /** How many classes each node is or stands above. */
  readonly classesBelow: Int32Array;
  /** Length of the longest way from each node up to one without parents. */
  readonly depths: readonly number[];
}

/** The nodes directly above each node. */
type Parents = readonly (readonly number[])[];

/** ImageNet's hierarchy has 166 kB; this is enough for 100,000 nodes. */
export const MAX_HIERARCHY_BYTES = 20_000_000;

/**
 * Most pairs of a class and a node above it. ImageNet has 12,547. The work for an answer grows with
 * them, and a small file can describe very many.
 */
const MAX_PAIRS = 2_000_000;

const MAX_FAULTS_SHOWN = 5;

/**
 * Reads the text of a `hierarchy.json`: an array of nodes, parents before children, so that there
 * is no circle. Nodes with no class below them are allowed, and ignored. It is read in every cold
 * start, before anything is compiled. So it is checked by hand, in plain loops: a schema, and even
 * `for … of entries()`, take several times as long.
 * @param labels the model's classes; each must have a node
 * @param source names the text in the error
 * @throws {InvalidHierarchyError} listing the first faults: not JSON, a node of another form, an id
 *   that occurs twice, a parent that does not stand before its child, a class without a node, or
 *   too many nodes
 */
export function parseHierarchy(text: string, labels: readonly ClassLabel[], source: string): Hierarchy {
  const nodes = parseArray(text, source);
  const indexes = new Map<string, number>();
  const parents: number[][] = [];
  const depths: number[] = [];
  const faults: string[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const node: unknown = nodes[index];
    const fault = nodeFault(node);
    if (fault !== null) faults.push(`node ${index}: ${fault}`);
    else place(node as HierarchyNode, { indexes, parents, depths, faults });
  }
  requireNone(faults, source);
  const classNodes: number[] = [];
  for (let index = 0; index < labels.length; index += 1) {
    const { wnid, label } = labels[index] as ClassLabel;
    const node = indexes.get(wnid ?? label);
    if (node === undefined)
      faults.push(`class ${index}, ${quote(label)}, has no node with the id ${quote(wnid ?? label)}`);
    else classNodes.push(node);
  }
  requireNone(faults, source);
  return { nodes: nodes as HierarchyNode[], depths, ...traceLineages(classNodes, parents, source) };
}

function parseArray(text: string, source: string): readonly unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidHierarchyError(source, ['it is not valid JSON'], cause);
  }
  if (!Array.isArray(json)) throw new InvalidHierarchyError(source, ['it is not an array of nodes']);
  return json;
}

interface Placed {
  readonly indexes: Map<string, number>;
  readonly parents: number[][];
  readonly depths: number[];
  readonly faults: string[];
}

/** Adds a node below those that were placed before it. */
function place({ id, parents: names }: HierarchyNode, { indexes, parents, depths, faults }: Placed): void {
  const above: number[] = [];
  let depth = 0;
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string;
    const parent = indexes.get(name);
    if (parent === undefined) {
      faults.push(`the parent ${quote(name)} of ${quote(id)} does not stand before it, but is unknown or in a circle`);
      continue;
    }
    above.push(parent);
    depth = Math.max(depth, (depths[parent] as number) + 1);
  }
  if (indexes.has(id)) faults.push(`the id ${quote(id)} occurs more than once`);
  indexes.set(id, parents.length);
  parents.push(above);
  depths.push(depth);
}

/** Walks up from each class. A node with several ways to it is visited once. */
function traceLineages(classNodes: readonly number[], parents: Parents, source: string) {
  const classesBelow = new Int32Array(parents.length);
  const visitedFor = new Int32Array(parents.length).fill(-1);
  const lineages: number[] = [];
  const starts = new Int32Array(classNodes.length + 1);
  for (let index = 0; index < classNodes.length; index += 1) {
    const node = classNodes[index] as number;
    let at = lineages.push(node) - 1;
    visitedFor[node] = index;
    for (; at < lineages.length; at += 1) {
      const current = lineages[at] as number;
      (classesBelow[current] as number) += 1;
      const above = parents[current] as readonly number[];
      for (let each = 0; each < above.length; each += 1) {
        const parent = above[each] as number;
        if (visitedFor[parent] !== index) {
          visitedFor[parent] = index;
          lineages.push(parent);
        }
      }
    }
    starts[index + 1] = lineages.length;
    if (lineages.length > MAX_PAIRS) {
      const most = MAX_PAIRS.toLocaleString('en');
      throw new InvalidHierarchyError(source, [`its classes have more than ${most} nodes above them in all`]);
    }
  }
  return { lineages, starts, classesBelow };
}

function requireNone(faults: readonly string[], source: string): void {
  if (faults.length === 0) return;
  const more = faults.length - MAX_FAULTS_SHOWN;
  const shown = faults.slice(0, MAX_FAULTS_SHOWN);
  throw new InvalidHierarchyError(source, more > 0 ? [...shown, `and ${more} more`] : shown);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
