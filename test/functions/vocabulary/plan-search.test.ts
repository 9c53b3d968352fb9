import { readFileSync } from 'node:fs';
import { parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { SEARCH_CONCEPTS } from '../../../functions/records/search-concepts.ts';
import { planSearch } from '../../../functions/vocabulary/plan-search.ts';
import { toVocabulary } from '../../../functions/vocabulary/vocabulary.ts';
import { IMAGENET_HIERARCHY } from '../../../models/hierarchy/choose-hierarchy.ts';
import { IMAGENET_LABELS } from '../../../models/labels/labels.ts';
import { smallVocabulary } from './small-vocabulary.ts';

const labels = JSON.parse(readFileSync(IMAGENET_LABELS, 'utf8'));
const hierarchy = parseHierarchy(readFileSync(IMAGENET_HIERARCHY, 'utf8'), labels, 'ImageNet');
const imagenet = toVocabulary(labels, hierarchy);

const DOG = { id: 'n02084071', within: null };

/** Without the source for the text itself, in words. */
function planOf(text: string): string[] {
  const nameOf = (id: string) => imagenet.find(id)[0]?.label ?? id;
  return planSearch([imagenet], text)
    .filter(({ id }) => id !== text)
    .map(({ id, within }) => (within === null ? nameOf(id) : `${nameOf(id)} within ${within.map(nameOf)}`))
    .sort();
}

test.each(['dog', 'Dog', 'domestic dog', 'Canis familiaris', 'n02084071'])('%s is one search concept', (text) => {
  expect(planSearch([imagenet], text)).toEqual([DOG, ...(text === DOG.id ? [] : [{ id: text, within: null }])]);
});

test('a broader word is the union of the search concepts below it, and of the labels below none', () => {
  expect(planOf('canine')).toEqual(['African hunting dog', 'dhole', 'dingo', 'dog', 'fox', 'hyena', 'wolf']);
  expect(planOf('n02083346')).toEqual(planOf('Canine').filter((name) => name !== 'Canine'));
});

test('a narrower word is looked for within its search concept, and a label has rows of its own', () => {
  expect(planOf('terrier')).toEqual(['dog within terrier']);
  expect(planOf('Whippet')).toEqual(['whippet']);
});

test('a word with classes below a search concept and others is both', () => {
  // A strawberry is an edible fruit; an acorn is a fruit that nobody eats.
  expect(planOf('fruit')).toEqual(['fruit']);
  expect(planOf('toy')).toEqual(['dog within toy dog', 'plaything']);
});

test('a text that names several finds all of them', () => {
  expect(planOf('Crane')).toEqual(['crane', 'crane bird']);
  expect(planOf('cat')).toEqual(['big cat', 'cat']);
});

test('a text that nobody knows is looked for as it is', () => {
  expect(planSearch([imagenet], 'Zamboni')).toEqual([{ id: 'Zamboni', within: null }]);
});

test('what several models know is one plan; two narrower words of one search concept are one source', () => {
  const mine = smallVocabulary(
    [
      ['all', 'all', [], []],
      ['n02084071', 'dog', ['spot'], ['all']],
      ['small', 'small dog', ['toy dog'], ['n02084071']],
      ['pug', 'pug', [], ['small']],
      ['other', 'other', [], ['all']],
    ],
    ['pug', 'other'],
  );

  expect(planSearch([imagenet, mine], 'dog')).toEqual([DOG, { id: 'dog', within: null }]);
  expect(planSearch([imagenet, mine], 'toy dog')[0]).toEqual({ id: DOG.id, within: ['n02085374', 'small'] });
  expect(planSearch([mine], 'all')).toEqual([DOG, { id: 'other', within: null }, { id: 'all', within: null }]);
});

test('a class that stands above others is found with them', () => {
  const mine = smallVocabulary(
    [
      ['vehicle', 'vehicle', [], []],
      ['van', 'van', [], ['vehicle']],
      ['boat', 'boat', [], []],
    ],
    ['vehicle', 'van', 'boat'],
  );

  expect(planSearch([mine], 'Vehicle').map(({ id }) => id)).toEqual(['vehicle', 'van', 'Vehicle']);
});

test('each of ImageNet’s words finds every class below it, by a row of its own or of a search concept', () => {
  const above = (id: string): string[] => {
    const parents = imagenet.words.find((word) => word.id === id)?.parents ?? [];
    return [id, ...parents.flatMap((parent) => above(parent.id))];
  };
  const lineages = new Map(imagenet.words.filter(({ isClass }) => isClass).map(({ id }) => [id, new Set(above(id))]));
  const isFound = (lineage: ReadonlySet<string>, sources: ReturnType<typeof planSearch>) =>
    sources.some(({ id, within }) => lineage.has(id) && (within === null || within.some((one) => lineage.has(one))));

  const faults = imagenet.words.flatMap((word) => {
    const sources = planSearch([imagenet], word.id);
    return [...lineages]
      .filter(([, lineage]) => lineage.has(word.id) !== isFound(lineage, sources))
      .map(([id]) => `${word.label} ${id}`);
  });

  expect(faults).toEqual([]);
});

test('every word that says something can be searched for', () => {
  const most = Math.max(
    ...imagenet.words.filter(({ isSilent }) => !isSilent).map(({ id }) => planSearch([imagenet], id).length),
  );

  expect(most).toBeLessThanOrEqual(85);
  expect(planOf('animal').length).toBeLessThan(60);
  expect(SEARCH_CONCEPTS.size).toBe(63);
});
