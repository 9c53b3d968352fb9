import { readFileSync } from 'node:fs';
import { type HierarchyNode, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { SILENT_CONCEPTS } from '../../../classifier/concepts/silent-concepts.ts';
import { listedRows, listRows, rowListOf, withRowList } from '../../../functions/records/row-list.ts';
import { SEARCH_CONCEPTS } from '../../../functions/records/search-concepts.ts';
import { IMAGENET_HIERARCHY } from '../../../models/hierarchy/choose-hierarchy.ts';
import { IMAGENET_LABELS } from '../../../models/labels/labels.ts';
import { validRecord, validTombstone } from './valid-record.ts';

const THRESHOLD = 0.1;
const [DOG, CAT, BIRD, FISH, SNAKE, WOLF] = [
  'n02084071',
  'n02121620',
  'n01503061',
  'n02512053',
  'n01726692',
  'n02114100',
] as const;

function prediction(rank: number, probability: number, label = `label ${rank}`, wnid: string | null = null) {
  return { rank, label, wnid, index: rank, probability };
}

function concept(id: string, probability: number) {
  return { id, label: id, probability };
}

function tagged(predictions: ReturnType<typeof prediction>[], concepts: ReturnType<typeof concept>[] = []) {
  return { state: 'tagged' as const, predictions, concepts };
}

test('labels of rank 1 to 5 are listed while their probability is at least the threshold', () => {
  const exactly = tagged([prediction(1, 0.5), prediction(2, 0.1), prediction(3, 0.0999)]);
  const many = tagged([1, 2, 3, 4, 5, 6].map((rank) => prediction(rank, 0.15)));

  expect(listRows(exactly, THRESHOLD)).toEqual(['label 1', 'label 2']);
  expect(listRows(many, THRESHOLD)).toEqual(['label 1', 'label 2', 'label 3', 'label 4', 'label 5']);
  expect(listRows(many, 0.2)).toEqual([]);
});

test('search concepts come first, by probability, under the same threshold; other concepts are not listed', () => {
  const concepts = [concept('n02087122', 0.9), concept(CAT, 0.2), concept(DOG, 0.7), concept(BIRD, 0.0999)];
  const image = tagged([prediction(1, 0.6, 'whippet', 'n02091134'), prediction(2, 0.15, 'tabby')], concepts);

  expect(listRows(image, THRESHOLD)).toEqual([DOG, CAT, 'n02091134', 'tabby']);
  expect(listRows(image, 0.3)).toEqual([DOG, 'n02091134']);
});

test('the best label is listed, however many concepts there are', () => {
  const concepts = [DOG, CAT, BIRD, FISH, SNAKE, WOLF].map((id) => concept(id, 0.16));

  expect(listRows(tagged([prediction(1, 0.12), prediction(2, 0.11)], concepts), THRESHOLD)).toEqual([
    DOG,
    CAT,
    BIRD,
    FISH,
    'label 1',
  ]);
});

test('a threshold below 0.1 lists more labels; concepts are known from 0.1 on', () => {
  const image = tagged([prediction(1, 0.2, 'tabby'), prediction(2, 0.02, 'lynx')], [concept(CAT, 0.22)]);

  expect(listRows(image, 0.01)).toEqual([CAT, 'tabby', 'lynx']);
  expect(listRows(image, 0)).toEqual([CAT, 'tabby', 'lynx']);
});

test('nothing is listed twice: a class that is a search concept, and a label that a model has twice', () => {
  const image = tagged(
    [prediction(1, 0.5, 'dog', DOG), prediction(2, 0.2, 'other'), prediction(3, 0.15, 'other')],
    [concept(DOG, 0.5)],
  );

  expect(listRows(image, THRESHOLD)).toEqual([DOG, 'other']);
});

test('only tagged images are found', () => {
  for (const state of ['rejected', 'failed'] as const) {
    expect(listRows({ ...tagged([prediction(1, 0.9)]), state }, THRESHOLD)).toEqual([]);
  }
});

test('a label that fits no index key is not listed', () => {
  const image = tagged([prediction(1, 0.5, 'é'.repeat(1024)), prediction(2, 0.3, 'é'.repeat(1023))]);

  expect(listRows(image, THRESHOLD)).toEqual(['é'.repeat(1023)]);
});

describe('what a record lists', () => {
  test('labels and probabilities come from its predictions and concepts', () => {
    const record = validRecord({
      predictions: [prediction(1, 0.6, 'whippet', 'n02091134'), prediction(2, 0.2, 'mine')],
      concepts: [concept('n02091134', 0.6 + 1e-12), { id: DOG, label: 'dog', probability: 0.7 }],
    });

    expect(listedRows(record)).toEqual([
      { id: DOG, label: 'dog', probability: 0.7 },
      { id: 'n02091134', label: 'whippet', probability: 0.6 },
      { id: 'mine', label: 'mine', probability: 0.2 },
    ]);
  });

  test('a class that stands above others counts with them', () => {
    const record = validRecord({
      predictions: [prediction(1, 0.3, 'dog', DOG), prediction(2, 0.25, 'pug', 'n02110958')],
      concepts: [{ id: DOG, label: 'dog', probability: 0.55 }],
    });

    expect(listedRows(record).map(({ id, probability }) => [id, probability])).toEqual([
      [DOG, 0.55],
      ['n02110958', 0.25],
    ]);
  });

  test('a record of an earlier version has its five best labels, under the labels themselves', () => {
    const predictions = [1, 2, 3, 4, 5, 6].map((rank) => prediction(rank, 0.15, `label ${rank}`, 'n02123045'));
    const record = validRecord({ predictions, rows: null });

    expect(listedRows(record).map(({ id }) => id)).toEqual(['label 1', 'label 2', 'label 3', 'label 4', 'label 5']);
    expect(rowListOf(record)).toBeNull();
    expect(rowListOf({ ...record, state: 'rejected' })).toEqual([]);
    expect(rowListOf(validTombstone())).toEqual([]);
  });
});

describe('the list that a record would get now', () => {
  test('is its own list, and then it is the same record', () => {
    const record = validRecord();
    const rejected = validRecord({ state: 'rejected', rows: null });

    expect(withRowList(record, THRESHOLD)).toBe(record);
    expect(withRowList(rejected, THRESHOLD)).toBe(rejected);
    expect(withRowList(validTombstone(), THRESHOLD)).toEqual(validTombstone());
  });

  test.each([
    ['of an earlier version', { rows: null }],
    ['of another threshold', { rows: ['n02123045', 'n02123159', 'n02127052'] }],
    ['in another order', { rows: ['n02123159', 'n02123045'] }],
  ])('replaces a list %s', (_name, changes) => {
    const record = validRecord(changes);

    expect(withRowList(record, THRESHOLD)).toEqual({ ...record, rows: ['n02123045', 'n02123159'] });
  });
});

describe('the search concepts', () => {
  const nodes: readonly HierarchyNode[] = JSON.parse(readFileSync(IMAGENET_HIERARCHY, 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const above = (id: string): string[] => (byId.get(id)?.parents ?? []).flatMap((parent) => [parent, ...above(parent)]);

  test('are about sixty of ImageNet, and none stands above another', () => {
    expect(SEARCH_CONCEPTS.size).toBeGreaterThan(55);
    expect(SEARCH_CONCEPTS.size).toBeLessThan(70);
    expect([...SEARCH_CONCEPTS].filter((id) => !byId.has(id))).toEqual([]);
    expect([...SEARCH_CONCEPTS].filter((id) => above(id).some((other) => SEARCH_CONCEPTS.has(other)))).toEqual([]);
  });

  test('each stands above two classes or more, and says something', () => {
    const labels = JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8'));
    const { classesBelow } = parseHierarchy(JSON.stringify(nodes), labels, 'ImageNet');
    const small = nodes.filter(({ id }, index) => SEARCH_CONCEPTS.has(id) && (classesBelow[index] ?? 0) < 2);

    expect(small).toEqual([]);
    expect([...SEARCH_CONCEPTS].filter((id) => SILENT_CONCEPTS.has(id))).toEqual([]);
  });
});
