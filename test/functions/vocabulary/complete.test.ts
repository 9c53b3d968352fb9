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

test('the whole name first, then labels by where they have the text, then synonyms', () => {
  expect(labelsOf('dog')).toEqual(['dog', 'pug', 'dogsled', 'hot dog', 'cat', 'wolfhound']);
  expect(labelsOf('DOG', 2)).toEqual(['dog', 'pug']);
  expect(labelsOf('dog h')).toEqual(['cat']);
});

test('letters inside a label count before synonyms, and two are too few', () => {
  const fish = smallVocabulary(
    [
      ['merganser', 'merganser', ['fish duck'], []],
      ['goldfish', 'goldfish', [], []],
      ['fisherman', 'fisherman', [], []],
    ],
    ['merganser', 'goldfish', 'fisherman'],
  );
  const found = (query: string) => completeWords([fish], query, 50).map(({ label }) => label);

  expect(found('fish')).toEqual(['fisherman', 'goldfish', 'merganser']);
  expect(found('ldf')).toEqual(['goldfish']);
  expect(found('ld')).toEqual([]);
});

test('among equals the shorter name comes first, then the word above more classes, then the alphabet', () => {
  const hounds = smallVocabulary(
    [
      ['hound', 'hound kind', [], []],
      ['hounds of old', 'hounds of old', [], ['hound']],
      ['hound beta', 'hound beta', [], ['hound']],
      ['hound alfa', 'hound alfa', [], ['hound']],
      ['basset', 'basset', ['houndish one', 'houndish'], ['hound']],
      ['beagle', 'beagle', ['houndish a'], ['hound']],
      ['stone', 'stone', [], []],
    ],
    ['hounds of old', 'hound beta', 'hound alfa', 'basset', 'beagle', 'stone'],
  );

  expect(completeWords([hounds], 'houn', 50).map(({ label }) => label)).toEqual([
    'hound kind',
    'hound alfa',
    'hound beta',
    'hounds of old',
    'basset',
    'beagle',
  ]);
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
