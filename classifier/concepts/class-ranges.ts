/**
 * The nodes in the order of a walk down, and the classes below each as ranges of one order of all
 * classes. The walk comes to a node with several parents from the first of them. So what is below a
 * node follows it, and its classes stand side by side. For the other parents, and what is above
 * them, the classes are further ranges. A sum over classes is then a difference of two running
 * sums, or a few, and a walk can leave out all that is below a node.
 */
export interface ClassRanges {
  /** The classes, by index. */
  readonly order: Int32Array;
  /** The node at each step of the walk. */
  readonly nodes: Int32Array;
  /** For each step, the one after all nodes that the walk reaches from this one. */
  readonly nexts: Int32Array;
  /** Where in the order the classes of each step begin. */
  readonly starts: Int32Array;
  /** Where they end: the place after the last of them. */
  readonly ends: Int32Array;
  /** Where in `more` the further ranges of each step begin, and where those of another would. */
  readonly moreStarts: Int32Array;
  /** The further ranges: where each begins and ends in the order. */
  readonly more: Int32Array;
}

/** The ways up from each node. Parents stand before children. */
export interface WaysUp {
  /** The parent of each node with one parent; -1 for a node without, and for one with several. */
  readonly parents: Int32Array;
  /** The parents of each node with several. */
  readonly several: ReadonlyMap<number, readonly number[]>;
}

type Range = readonly [start: number, end: number];

/**
 * Finds the ranges of all nodes. A hierarchy that is not prepared is read in a cold start, so the
 * loops over all nodes are plain.
 * @param classNodes the node of each class
 * @param limit how many further ranges there may be in all
 * @returns null where there would be more
 */
export function rangeClasses({ parents, several }: WaysUp, classNodes: Int32Array, limit: number): ClassRanges | null {
  const firstParents = Int32Array.from(parents);
  for (const [node, [first = -1]] of several) firstParents[node] = first;
  const ones = new Int32Array(parents.length).fill(1);
  const steps = layOut(firstParents, ones);
  const classCounts = new Int32Array(parents.length);
  for (let index = 0; index < classNodes.length; index += 1) (classCounts[classNodes[index] as number] as number) += 1;
  const classes = layOut(firstParents, classCounts);
  const further = collectFurther({ parents, several }, classes, limit);
  if (further === null) return null;
  const byStep = (values: Int32Array) => {
    const moved = new Int32Array(values.length);
    for (let node = 0; node < values.length; node += 1) moved[steps.starts[node] as number] = values[node] as number;
    return moved;
  };
  const nodes = byStep(ones.map((_, node) => node));
  const moreStarts = new Int32Array(nodes.length + 1);
  const more: number[] = [];
  for (let step = 0; step < nodes.length; step += 1) {
    for (const range of further.get(nodes[step] as number) ?? []) more.push(...range);
    moreStarts[step + 1] = more.length;
  }
  return {
    order: orderClasses(classNodes, classes.starts),
    nodes,
    nexts: byStep(steps.ends),
    starts: byStep(classes.starts),
    ends: byStep(classes.ends),
    moreStarts,
    more: Int32Array.from(more),
  };
}

/** Adds up the classes below each node. */
export function countBelow({ nodes, starts, ends, moreStarts, more }: ClassRanges): Int32Array {
  const counts = new Int32Array(nodes.length);
  for (let step = 0; step < nodes.length; step += 1) {
    let count = (ends[step] as number) - (starts[step] as number);
    for (let at = moreStarts[step] as number; at < (moreStarts[step + 1] as number); at += 2)
      count += (more[at + 1] as number) - (more[at] as number);
    counts[nodes[step] as number] = count;
  }
  return counts;
}

interface Layout {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Lays out the things of each node side by side: first its own, then those of the nodes below it,
 * one after the other.
 * @param own how many things each node has
 * @returns where the things of each node and of all below it begin and end
 */
function layOut(parents: Int32Array, own: Int32Array): Layout {
  const sizes = Int32Array.from(own);
  for (let node = sizes.length - 1; node >= 0; node -= 1) {
    const parent = parents[node] as number;
    if (parent >= 0) (sizes[parent] as number) += sizes[node] as number;
  }
  const starts = new Int32Array(sizes.length);
  const ends = new Int32Array(sizes.length);
  // Where the next child of each node begins.
  const next = new Int32Array(sizes.length);
  let nextRoot = 0;
  for (let node = 0; node < sizes.length; node += 1) {
    const parent = parents[node] as number;
    const start = parent < 0 ? nextRoot : (next[parent] as number);
    const end = start + (sizes[node] as number);
    starts[node] = start;
    ends[node] = end;
    next[node] = start + (own[node] as number);
    if (parent < 0) nextRoot = end;
    else next[parent] = end;
  }
  return { starts, ends };
}

/** Hands the ranges of each node with several parents on to all of them, and to what is above. */
function collectFurther(
  { parents, several }: WaysUp,
  { starts, ends }: Layout,
  limit: number,
): ReadonlyMap<number, readonly Range[]> | null {
  const handedUp = new Map<number, Range[]>();
  const handTo = (node: number, ranges: readonly Range[]) => {
    const others = ranges.filter(([start, end]) => start < (starts[node] as number) || end > (ends[node] as number));
    if (others.length > 0) handedUp.set(node, [...(handedUp.get(node) ?? []), ...others]);
  };
  const found = new Map<number, readonly Range[]>();
  let count = 0;
  for (let node = parents.length - 1; node >= 0; node -= 1) {
    const handed = handedUp.get(node);
    // The range of its only parent holds its own.
    if (handed === undefined && (parents[node] as number) >= 0) continue;
    handedUp.delete(node);
    const start = starts[node] as number;
    const end = ends[node] as number;
    const ranges = join(handed ?? [], start, end);
    if (ranges.length > 0) found.set(node, ranges);
    count += ranges.length;
    if (count > limit) return null;
    const all: Range[] = end > start ? [...ranges, [start, end]] : ranges;
    for (const parent of several.get(node) ?? [parents[node] as number]) if (parent >= 0) handTo(parent, all);
  }
  return found;
}

/** Joins ranges that overlap or touch, and leaves out what lies from start to end. */
function join(ranges: readonly Range[], start: number, end: number): Range[] {
  const joined: Range[] = [];
  for (const [from, to] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  if (start === end) return joined;
  const parts = joined.flatMap(([from, to]): Range[] => [
    [from, Math.min(to, start)],
    [Math.max(from, end), to],
  ]);
  return parts.filter(([from, to]) => from < to);
}

function orderClasses(classNodes: Int32Array, starts: Int32Array): Int32Array {
  const order = new Int32Array(classNodes.length);
  const next = Int32Array.from(starts);
  for (let index = 0; index < classNodes.length; index += 1) {
    const node = classNodes[index] as number;
    order[next[node] as number] = index;
    (next[node] as number) += 1;
  }
  return order;
}
