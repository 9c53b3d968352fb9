import { readFileSync } from 'node:fs';
import { type Hierarchy, type HierarchyNode, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { SILENT_CONCEPTS } from '../../../classifier/concepts/silent-concepts.ts';
import { hedge, LEAST_CONCEPT_PROBABILITY, sumConcepts } from '../../../classifier/concepts/sum-concepts.ts';
import { softmax } from '../../../classifier/predict.ts';
import { IMAGENET_HIERARCHY } from '../../../models/hierarchy/choose-hierarchy.ts';
import { readLabels } from '../../../models/labels/labels.ts';
import { seeded } from '../../../models/sample/drawing/brush.ts';
import { SMALL_LABELS, SMALL_NODES } from './small-hierarchy.ts';

const small = parseHierarchy(JSON.stringify(SMALL_NODES), SMALL_LABELS, 'it');

let imageNet: Hierarchy;

beforeAll(async () => {
  const labels = await readLabels(undefined, 1000, () => {});
  imageNet = parseHierarchy(readFileSync(IMAGENET_HIERARCHY, 'utf8'), labels, 'it');
});

/** Follows every path up from a class, also those that meet again, and collects what it passes. */
function followPaths(id: string, byId: ReadonlyMap<string, HierarchyNode>, passed: Set<string>): void {
  passed.add(id);
  for (const parent of byId.get(id)?.parents ?? []) followPaths(parent, byId, passed);
}

test('on 50 random vectors the sums are those of following all paths, each class once, and none exceeds 1', async () => {
  const labels = await readLabels(undefined, 1000, () => {});
  const byId = new Map(imageNet.allNodes().map((node) => [node.id, node]));
  const passed = labels.map(({ wnid }) => {
    const ids = new Set<string>();
    followPaths(wnid ?? '', byId, ids);
    return ids;
  });
  const random = seeded(15);
  let compared = 0;
  for (let vector = 0; vector < 50; vector += 1) {
    // From one clear class to a thousand that are nearly alike.
    const logits = Float32Array.from({ length: 1000 }, () => random() * (1 + vector));
    const probabilities = softmax(logits);

    const concepts = sumConcepts(imageNet, probabilities);

    const expected = new Map<string, number>();
    for (const [index, ids] of passed.entries())
      for (const id of ids) expected.set(id, (expected.get(id) ?? 0) + (probabilities[index] ?? 0));
    const told = [...expected].filter(([id, sum]) => sum >= LEAST_CONCEPT_PROBABILITY && !SILENT_CONCEPTS.has(id));
    expect(concepts.map(({ id }) => id).sort()).toEqual(told.map(([id]) => id).sort());
    for (const { id, probability } of concepts) {
      expect(probability).toBeCloseTo(expected.get(id) ?? Number.NaN, 12);
      expect(probability).toBeLessThanOrEqual(1);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(300);
});

test('a class below two parents counts once for what is above both', () => {
  // `thing` stands above all four classes, so it says nothing.
  const concepts = sumConcepts(small, Float64Array.of(0.5, 0.25, 0.125, 0.125));

  expect(concepts.map(({ label, probability }) => [label, probability])).toEqual([
    ['cat', 0.5],
    ['wolf', 0.25],
    ['goldfish', 0.125],
    ['cup', 0.125],
    ['mammal', 0.75],
    ['pet', 0.625],
    ['animal', 0.875],
  ]);
});

test('a sum of rounded numbers never exceeds 1', () => {
  const [animal] = sumConcepts(small, Float64Array.of(0.5, 0.3, 0.2 + 1e-15, 0)).filter(({ id }) => id === 'animal');

  expect(animal?.probability).toBe(1);
});

test('of concepts with the same classes the lowest comes first, and what says nothing is left out', () => {
  const daisies = Float64Array.from({ length: 1000 }, (_, index) => (index === 985 ? 1 : 0));

  const found = sumConcepts(imageNet, daisies).map(({ label }) => label);

  // Above them are organism, living thing, whole, object, physical entity and entity.
  expect(found).toEqual(['daisy', 'flower', 'angiosperm', 'spermatophyte', 'vascular plant', 'plant']);
});

test('every concept of the list is one above ImageNet’s classes', () => {
  const ids = new Set(imageNet.allNodes().map(({ id }) => id));

  expect([...SILENT_CONCEPTS].filter((id) => !ids.has(id))).toEqual([]);
});

test('the hedged concept is the most specific one that reaches the threshold', () => {
  const concepts = sumConcepts(small, Float64Array.of(0.5, 0.25, 0.125, 0.125));

  expect([0.5, 0.500001, 0.8, 0.9].map((threshold) => hedge(concepts, threshold)?.label)).toEqual([
    'cat',
    'mammal',
    'animal',
    undefined,
  ]);
  expect(hedge([], 0)).toBeNull();
});
