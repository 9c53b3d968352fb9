import fc from 'fast-check';
import { countBelow, rangeClasses, type WaysUp } from '../../../classifier/concepts/class-ranges.ts';

const NODES = 12;
const LIMIT = 1000;

/** The parents of each node, all of them before it. */
const graph = fc.tuple(
  ...Array.from({ length: NODES }, (_, node) =>
    fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, node - 1) }), { maxLength: node === 0 ? 0 : 3 }),
  ),
);
const classes = fc.array(fc.integer({ min: 0, max: NODES - 1 }), { maxLength: 10 });

function waysUp(parentsOf: readonly (readonly number[])[]): WaysUp {
  return {
    parents: Int32Array.from(parentsOf, (parents) => (parents.length === 1 ? (parents[0] ?? -1) : -1)),
    several: new Map([...parentsOf.entries()].filter(([, parents]) => parents.length > 1)),
  };
}

/** The classes below each node, by following every way up from each class. */
function classesBelow(parentsOf: readonly (readonly number[])[], classNodes: readonly number[]): number[][] {
  const below = parentsOf.map(() => new Set<number>());
  const climb = (node: number, index: number) => {
    below[node]?.add(index);
    for (const parent of parentsOf[node] ?? []) climb(parent, index);
  };
  for (const [index, node] of classNodes.entries()) climb(node, index);
  return below.map((set) => [...set].sort((a, b) => a - b));
}

function nodesAbove(parentsOf: readonly (readonly number[])[], node: number): readonly number[] {
  return (parentsOf[node] ?? []).flatMap((parent) => [parent, ...nodesAbove(parentsOf, parent)]);
}

test('the ranges of each node hold the classes below it, each once, whatever the ways up are', () => {
  let further = 0;
  fc.assert(
    fc.property(graph, classes, (parentsOf, classNodes) => {
      const ranges = rangeClasses(waysUp(parentsOf), Int32Array.from(classNodes), LIMIT);
      if (ranges === null) throw new TypeError('the limit is not reached');
      const { order, nodes, nexts, starts, ends, moreStarts, more } = ranges;
      further += more.length;

      const found: number[][] = parentsOf.map(() => []);
      for (const [step, node] of nodes.entries()) {
        const classesOf = [...order.subarray(starts[step], ends[step])];
        for (let at = moreStarts[step] ?? 0; at < (moreStarts[step + 1] ?? 0); at += 2)
          classesOf.push(...order.subarray(more[at], more[at + 1]));
        found[node] = classesOf.sort((a, b) => a - b);
        // What is left out with a node is below it.
        for (let below = step + 1; below < (nexts[step] ?? 0); below += 1)
          expect(nodesAbove(parentsOf, nodes[below] ?? -1)).toContain(node);
      }

      expect([...nodes].sort((a, b) => a - b)).toEqual(parentsOf.map((_, node) => node));
      expect(found).toEqual(classesBelow(parentsOf, classNodes));
      expect([...countBelow(ranges)]).toEqual(found.map(({ length }) => length));
    }),
    { seed: 15, numRuns: 500 },
  );
  expect(further).toBeGreaterThan(100);
});

test('more ranges than the limit are none', () => {
  const parentsOf = [[], [], [0, 1], [0], [0, 1]];
  const classNodes = Int32Array.of(2, 3, 4);

  expect(rangeClasses(waysUp(parentsOf), classNodes, 2)?.more).toEqual(Int32Array.of(0, 1, 2, 3));
  expect(rangeClasses(waysUp(parentsOf), classNodes, 1)).toBeNull();
});
