import { completeWords } from '../../../functions/vocabulary/complete.ts';
import { smallVocabulary } from './small-vocabulary.ts';

const vocabulary = smallVocabulary(
  [
    ['n00001740', 'entity', [], []],
    ['all', 'thing', [], ['n00001740']],
    ['dog', 'dog', ['domestic dog'], ['all']],
    ['cat', 'cat', ['dog hater'], ['all']],
    ['dogsled', 'dogsled', ['dog sleigh'], ['all']],
    ['n00000001', 'hot dog', [], ['all']],
    ['Whippet', 'Whippet', [], ['dog']],
    ['wolfhound', 'wolfhound', ['Irish dog'], ['dog']],
    ['pug', 'pug', ['dog'], ['dog']],
    ['tabby', 'tabby', [], ['cat']],
  ],
  ['Whippet', 'wolfhound', 'pug', 'tabby', 'dogsled', 'n00000001'],
);
const labelsOf = (query: string, limit = 50) => completeWords([vocabulary], query, limit).map(({ label }) => label);

test('whole before beginning before word inside, and each time labels before synonyms', () => {
  expect(labelsOf('dog')).toEqual(['dog', 'pug', 'dogsled', 'cat', 'hot dog', 'wolfhound']);
  expect(labelsOf('DOG', 2)).toEqual(['dog', 'pug']);
  expect(labelsOf('dog h')).toEqual(['cat']);
  expect(labelsOf('og')).toEqual([]);
});

test('a whole id fits, and half an id does not', () => {
  expect(labelsOf('N00000001')).toEqual(['hot dog']);
  expect(labelsOf('n0000')).toEqual([]);
});

test('without a query the broadest words come first, then the alphabet, and never what says nothing', () => {
  expect(labelsOf('')).toEqual(['dog', 'Whippet', 'cat', 'dogsled', 'hot dog', 'pug', 'tabby', 'wolfhound']);
});

test('a word that several models share comes once; the same id with another label is another word', () => {
  const other = smallVocabulary(
    [
      ['pug', 'pug', [], []],
      ['n00000001', 'frankfurter', ['hot dog'], []],
    ],
    ['pug', 'n00000001'],
  );

  expect(completeWords([vocabulary, other], 'pug', 50)).toHaveLength(1);
  expect(completeWords([vocabulary, other], 'hot dog', 50).map(({ label }) => label)).toEqual([
    'hot dog',
    'frankfurter',
  ]);
});
