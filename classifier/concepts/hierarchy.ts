import { InvalidHierarchyError } from '../errors.ts';
import type { ClassLabel } from '../manifest.ts';
import { type ClassRanges, countBelow, rangeClasses } from './class-ranges.ts';
import type { HierarchyNode } from './hierarchy-node.ts';
import { isNode, nodeFault } from './node-fault.ts';

export type { HierarchyNode };

/** What an answer says of a node. */
export type NodeName = Pick<HierarchyNode, 'id' | 'label'>;

/** A directed acyclic graph over the classes of a model. Its nodes are named by their index. */
export interface Hierarchy {
  /** Whether it comes from the package's prepared form, without parsing the text. */
  readonly isPrepared: boolean;
  /** How many nodes there are. Parents stand before children. */
  readonly size: number;
  /** The node of each class. */
  readonly classNodes: Int32Array;
  /** How many classes each node is or stands above. */
  readonly classesBelow: Int32Array;
  /** Length of the longest way from each node up to one without parents. */
  readonly depths: Int32Array;
  readonly ranges: ClassRanges;
  /** Returns the names of the node with an index below `size`. */
  nameOf(node: number): NodeName;
  /**
   * Returns all nodes, in the order of their indexes. A prepared hierarchy reads and parses
   * `hierarchy.json` for them at each call.
   */
  allNodes(): readonly HierarchyNode[];
}

/** ImageNet's hierarchy has 166 kB; this is enough for 100,000 nodes. */
export const MAX_HIERARCHY_BYTES = 20_000_000;

/**
 * Most ranges of classes beyond one for each node. ImageNet has 174. The work for an answer grows
 * with them, and a small file can describe very many.
 */
const MAX_RANGES = 2_000_000;

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
  const depths = new Int32Array(nodes.length);
  const parents = new Int32Array(nodes.length).fill(-1);
  const several = new Map<number, readonly number[]>();
  const faults: string[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const node = nodes[index];
    if (!isNode(node)) {
      faults.push(`node ${index}: ${nodeFault(node)}`);
      continue;
    }
    const { id, parents: names } = node;
    for (let at = 0; at < names.length; at += 1) {
      const parent = indexes.get(names[at] as string);
      if (parent === undefined) {
        faults.push(
          `the parent ${quote(names[at])} of ${quote(id)} does not stand before it, but is unknown or in a circle`,
        );
        continue;
      }
      depths[index] = Math.max(depths[index] as number, (depths[parent] as number) + 1);
      parents[index] = parent;
    }
    if (names.length > 1) {
      parents[index] = -1;
      several.set(
        index,
        names.flatMap((name) => indexes.get(name) ?? []),
      );
    }
    if (indexes.has(id)) faults.push(`the id ${quote(id)} occurs more than once`);
    indexes.set(id, index);
  }
  requireNone(faults, source);
  const classNodes = findClasses(labels, indexes, faults);
  requireNone(faults, source);
  const ranges = rangeClasses({ parents, several }, classNodes, MAX_RANGES);
  if (ranges === null) {
    const most = MAX_RANGES.toLocaleString('en');
    throw new InvalidHierarchyError(source, [
      `its nodes with several parents scatter the classes below what is above them into more than ${most} ranges`,
    ]);
  }
  const allNodes = nodes as readonly HierarchyNode[];
  return {
    isPrepared: false,
    size: nodes.length,
    classNodes,
    classesBelow: countBelow(ranges),
    depths,
    ranges,
    nameOf: (node) => allNodes[node] as HierarchyNode,
    allNodes: () => allNodes,
  };
}

/** Returns the node of a class, and everything above it, each once, the node itself first. */
export function lineageOf({ ranges }: Hierarchy, index: number): number[] {
  const { nodes, starts, ends, moreStarts, more } = ranges;
  const place = ranges.order.indexOf(index);
  const holds = (start: number | undefined, end: number | undefined) => place >= Number(start) && place < Number(end);
  const lineage: number[] = [];
  // As in a sum, each range is looked at once at most, whatever a prepared hierarchy holds.
  let at = 0;
  for (let step = 0; step < nodes.length; step += 1) {
    let isAbove = holds(starts[step], ends[step]);
    at = Math.max(at, moreStarts[step] as number);
    for (const end = Math.min(more.length, moreStarts[step + 1] as number); at < end; at += 2)
      isAbove ||= holds(more[at], more[at + 1]);
    if (isAbove) lineage.push(nodes[step] as number);
  }
  // Parents stand before children.
  return lineage.sort((one, other) => other - one);
}

function findClasses(
  labels: readonly ClassLabel[],
  indexes: ReadonlyMap<string, number>,
  faults: string[],
): Int32Array {
  const classNodes = new Int32Array(labels.length);
  for (let index = 0; index < labels.length; index += 1) {
    const { wnid, label } = labels[index] as ClassLabel;
    const node = indexes.get(wnid ?? label);
    if (node === undefined)
      faults.push(`class ${index}, ${quote(label)}, has no node with the id ${quote(wnid ?? label)}`);
    else classNodes[index] = node;
  }
  return classNodes;
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

function requireNone(faults: readonly string[], source: string): void {
  if (faults.length === 0) return;
  const more = faults.length - MAX_FAULTS_SHOWN;
  const shown = faults.slice(0, MAX_FAULTS_SHOWN);
  throw new InvalidHierarchyError(source, more > 0 ? [...shown, `and ${more} more`] : shown);
}

function quote(text: string | undefined): string {
  return JSON.stringify(text);
}
