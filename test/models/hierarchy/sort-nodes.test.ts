import { sortNodes } from '../../../models/hierarchy/sort-nodes.ts';

const node = (id: string, ...parents: string[]) => ({ id, label: id, synonyms: [], parents });
const ids = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id);

test('parents stand before children, and all else keeps its order', () => {
  expect(
    ids(
      sortNodes([
        node('cat', 'pet', 'mammal'),
        node('cup'),
        node('mammal', 'animal'),
        node('animal'),
        node('pet', 'animal'),
      ]),
    ),
  ).toEqual(['animal', 'pet', 'mammal', 'cat', 'cup']);
});

test('a circle and an unknown parent lose no node and do not hang', () => {
  expect(ids(sortNodes([node('a', 'b'), node('b', 'a'), node('c', 'unknown')])).sort()).toEqual(['a', 'b', 'c']);
});

test('a chain of any length is sorted', () => {
  const chain = Array.from({ length: 50_000 }, (_, index) => node(`${index}`, `${index + 1}`));
  expect(sortNodes(chain)[0]?.id).toBe('49999');
});
