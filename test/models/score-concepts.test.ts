import { parseHierarchy } from '../../classifier/concepts/hierarchy.ts';
import { ConceptScorer } from '../../models/score-concepts.ts';
import { SMALL_LABELS, SMALL_NODES } from '../classifier/concepts/small-hierarchy.ts';

const hierarchy = parseHierarchy(JSON.stringify(SMALL_NODES), SMALL_LABELS, 'it');
const [CAT, WOLF, GOLDFISH] = [0, 1, 2];

const concept = (id: string, probability: number) => ({ id, label: id, probability });

test('a concept is right above the right class; coverage and specificity are told for each threshold', () => {
  const scorer = new ConceptScorer(hierarchy);
  const concepts = [concept('n02121808', 0.6), concept('mammal', 0.85), concept('animal', 0.97)];

  scorer.add(concepts, [CAT]);
  scorer.add(concepts, [WOLF]);
  scorer.add(concepts, [GOLDFISH]);
  scorer.add([], [CAT]);

  // One, two and three of four classes: 1 - log(classes below) / log(4).
  expect(scorer.scores()).toEqual([
    { threshold: 0.5, coverage: 75, right: 33.3, specificity: 1 },
    { threshold: 0.8, coverage: 75, right: 66.7, specificity: 0.5 },
    { threshold: 0.95, coverage: 75, right: 100, specificity: 0.208 },
  ]);
});

test('either of two right classes will do, and no concept at all gives no share', () => {
  const scorer = new ConceptScorer(hierarchy);
  scorer.add([concept('wolf', 0.7)], [CAT, WOLF]);

  expect(scorer.scores()).toEqual([
    { threshold: 0.5, coverage: 100, right: 100, specificity: 1 },
    { threshold: 0.8, coverage: 0, right: null, specificity: null },
    { threshold: 0.95, coverage: 0, right: null, specificity: null },
  ]);
});
