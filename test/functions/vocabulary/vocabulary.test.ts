import { parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { toVocabulary } from '../../../functions/vocabulary/vocabulary.ts';
import { smallVocabulary } from './small-vocabulary.ts';

const vocabulary = smallVocabulary(
  [
    ['n00000001', 'thing', [], []],
    ['n00000002', 'bird', ['feathered friend'], ['n00000001']],
    ['n00000003', 'machine', [], ['n00000001']],
    ['n00000004', 'crane', [], ['n00000002']],
    ['n00000005', 'crane', ['derrick'], ['n00000003']],
    ['n00000006', 'unseen', [], ['n00000001']],
  ],
  ['n00000004', 'n00000005'],
);
const idsOf = (text: string) => vocabulary.find(text).map(({ id }) => id);

test.each([
  'bird',
  'BIRD',
  ' Bird ',
  'feathered friend',
  'Feathered_Friend',
  'feathered-\u00A0friend',
  'n00000002',
  'N00000002',
])('%j names the bird', (text) => {
  expect(idsOf(text)).toEqual(['n00000002']);
});

test('a text names all that have it as a label or synonym', () => {
  expect(idsOf('Crane')).toEqual(['n00000004', 'n00000005']);
  expect(idsOf('nothing known')).toEqual([]);
});

test('a word knows what stands above and below it, and whether it is a class; nodes without a class are no words', () => {
  const words = vocabulary.words.map(({ label, isClass, classes, isSilent, parents, children }) => ({
    label,
    isClass,
    classes,
    isSilent,
    parents: parents.map(({ id }) => id),
    children: children.map(({ id }) => id),
  }));

  expect(words).toEqual([
    { label: 'thing', isClass: false, classes: 2, isSilent: true, parents: [], children: ['n00000002', 'n00000003'] },
    { label: 'bird', isClass: false, classes: 1, isSilent: false, parents: ['n00000001'], children: ['n00000004'] },
    { label: 'machine', isClass: false, classes: 1, isSilent: false, parents: ['n00000001'], children: ['n00000005'] },
    { label: 'crane', isClass: true, classes: 1, isSilent: false, parents: ['n00000002'], children: [] },
    { label: 'crane', isClass: true, classes: 1, isSilent: false, parents: ['n00000003'], children: [] },
  ]);
});

test("a class is called what the model calls it, and the hierarchy's label is a synonym", () => {
  const text = JSON.stringify([{ id: 'n02012849', label: 'crane', synonyms: ['wader'], parents: [] }]);
  const labels = [{ label: 'Kranich', wnid: 'n02012849' }];
  const { words, find } = toVocabulary(labels, parseHierarchy(text, labels, 'the test'));

  expect(words).toMatchObject([{ id: 'n02012849', label: 'Kranich', synonyms: ['crane', 'wader'] }]);
  expect(['kranich', 'Crane', 'wader'].map((one) => find(one).length)).toEqual([1, 1, 1]);
});

test('without a hierarchy each class is a word; equal labels without an id are one', () => {
  const { words, find } = toVocabulary(
    [
      { label: 'tabby', wnid: 'n02123045' },
      { label: 'Other', wnid: null },
      { label: 'Other', wnid: null },
    ],
    null,
  );

  expect(words.map(({ id, label, isClass }) => [id, label, isClass])).toEqual([
    ['n02123045', 'tabby', true],
    ['Other', 'Other', true],
  ]);
  expect(find('other')).toEqual([words[1]]);
});
