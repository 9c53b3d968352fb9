import { type Hierarchy, lineageOf, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { InvalidHierarchyError } from '../../../classifier/errors.ts';
import { SMALL_LABELS, SMALL_NODES } from './small-hierarchy.ts';

function parse(nodes: unknown): Hierarchy {
  return parseHierarchy(JSON.stringify(nodes), SMALL_LABELS, 'hierarchy.json');
}

/** Ids of the class's own node and of all above it. */
function idsAbove(hierarchy: Hierarchy, index: number) {
  return lineageOf(hierarchy, index).map((node) => hierarchy.nameOf(node).id);
}

const [thing, animal, ...others] = SMALL_NODES;

test('a class has each concept above it once, also where two ways lead up to it', () => {
  const hierarchy = parse(SMALL_NODES);

  expect(idsAbove(hierarchy, 0)).toEqual(['n02121808', 'pet', 'mammal', 'animal', 'thing']);
  expect(idsAbove(hierarchy, 3)).toEqual(['cup', 'thing']);
  expect([...hierarchy.classesBelow]).toEqual([4, 3, 2, 2, 1, 1, 1, 1]);
  expect([...hierarchy.depths]).toEqual([0, 1, 2, 2, 3, 3, 3, 1]);
});

test.each<[string, unknown, string]>([
  ['another kind of JSON', { nodes: [] }, 'it is not an array of nodes'],
  [
    'a parent that nothing describes',
    [thing, { ...animal, parents: ['life'] }, ...others],
    'the parent "life" of "animal" does not stand before it',
  ],
  [
    'a circle',
    [thing, { ...animal, parents: ['pet'] }, ...others],
    'the parent "pet" of "animal" does not stand before it, but is unknown or in a circle',
  ],
  ['a node above itself', [thing, { ...animal, parents: ['animal'] }, ...others], 'the parent "animal" of "animal"'],
  ['an id twice', [...SMALL_NODES, thing], 'the id "thing" occurs more than once'],
  ['a class without a node', SMALL_NODES.slice(0, -1), 'class 3, "cup", has no node with the id "cup"'],
  [
    'a WordNet id without a node',
    SMALL_NODES.filter(({ label }) => label !== 'cat'),
    'class 0, "cat", has no node with the id "n02121808"',
  ],
  [
    'a parent twice',
    [thing, { ...animal, parents: ['thing', 'thing'] }, ...others],
    'node 1: parents: one occurs twice',
  ],
  [
    'an unknown field',
    [{ ...thing, colour: 'red' }],
    'node 0: expected the fields id, label, synonyms and parents, and no others',
  ],
  ['a missing field', [{ id: 'thing', label: 'thing', parents: [], colour: 'red' }], 'node 0: expected the fields'],
  ['an empty label', [{ ...thing, label: '' }], 'node 0: label: expected a text'],
  ['a long id', [{ ...thing, id: 'x'.repeat(201) }], 'node 0: id: expected a text of 1 to 200 characters'],
  ['a synonym that is no text', [{ ...thing, synonyms: [7] }], 'node 0: synonyms: expected an array'],
  ['an array for a node', [[]], 'node 0: expected an object'],
])('%s is refused', (_, nodes, fault) => {
  expect(() => parse(nodes)).toThrow(InvalidHierarchyError);
  expect(() => parse(nodes)).toThrow(fault);
});

test('the first five faults are told together, and how many more there are', () => {
  expect(() => parse(Array.from({ length: 8 }, () => null))).toThrow(
    /node 0: .*node 4: expected an object; and 3 more\. It must be/,
  );
});

test('few bytes that mean very many ranges of classes are refused', () => {
  const node = (id: string, ...parents: string[]) => ({ id, label: 'x', synonyms: [], parents });
  const chain = Array.from({ length: 3000 }, (_, index) => node(`${index}`, ...(index > 0 ? [`${index - 1}`] : [])));
  // Every other class of the group is below the chain, too.
  const classes = Array.from({ length: 1400 }, (_, index) =>
    node(`class ${index}`, 'group', ...(index % 2 > 0 ? ['2999'] : [])),
  );
  const labels = classes.map(({ id }) => ({ label: id, wnid: null }));
  const text = JSON.stringify([...chain, node('group'), ...classes]);

  expect(() => parseHierarchy(text, labels, 'comb')).toThrow('into more than 2,000,000 ranges');
});
