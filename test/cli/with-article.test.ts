import { withArticle } from '../../cli/with-article.ts';

test.each([
  ['dog', 'a dog'],
  ['ape', 'an ape'],
  ['English toy spaniel', 'an English toy spaniel'],
  ['ungulate', 'an ungulate'],
  ['uniform', 'a uniform'],
  ['musical instrument', 'a musical instrument'],
  ['food', 'food'],
  ['food fish', 'a food fish'],
  ['sports equipment', 'sports equipment'],
  ['outerwear', 'outerwear'],
])('%s is %s', (name, expected) => {
  expect(withArticle(name)).toBe(expected);
});
