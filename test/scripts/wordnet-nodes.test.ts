import { wordNetNodes } from '../../scripts/wordnet-nodes.ts';

/** Lines of WordNet 3.0's data.noun, with glosses and some pointers left out. */
const NOUNS = `  1 This software and database is being provided to you, the LICENSEE, by
00015388 03 n 06 animal 0 animate_being 0 beast 0 brute 1 creature 0 fauna 0 001 ~ 02084071 n 0000 | a living organism
01317541 05 n 02 domestic_animal 0 domesticated_animal 0 002 @ 00015388 n 0000 ~ 02084071 n 0000 | any of various animals
02083346 05 n 02 canine 0 canid 0 002 @ 00015388 n 0000 #m 02083672 n 0000 | any of various fissiped mammals
02084071 05 n 03 dog 0 domestic_dog 0 Canis_familiaris 0 003 @ 02083346 n 0000 @ 01317541 n 0000 ~ 02084732 n 0000 | a member of the genus Canis
02084732 05 n 0a pooch 0 doggie 0 doggy 0 barker 0 bow-wow 0 a 0 b 0 c 0 d 0 e 0 001 @i 02084071 n 0000 | informal terms for dogs | with a bar
`;

test('classes come with all that is above them, parents first, and with their own labels', () => {
  const nodes = wordNetNodes(NOUNS, [{ wnid: 'n02084732', label: 'doggie' }]);

  expect(nodes.map(({ id, label }) => [id, label])).toEqual([
    ['n00015388', 'animal'],
    ['n02083346', 'canine'],
    ['n01317541', 'domestic animal'],
    ['n02084071', 'dog'],
    ['n02084732', 'doggie'],
  ]);
  expect(nodes[3]).toEqual({
    id: 'n02084071',
    label: 'dog',
    synonyms: ['domestic dog', 'Canis familiaris'],
    parents: ['n02083346', 'n01317541'],
  });
  // The count of words is hexadecimal, and an instance has a parent as well.
  expect(nodes[4]?.synonyms).toEqual(['pooch', 'doggy', 'barker', 'bow-wow', 'a', 'b', 'c', 'd', 'e']);
  expect(nodes[4]?.parents).toEqual(['n02084071']);
});

test('a class of another version of WordNet is named', () => {
  expect(() => wordNetNodes(NOUNS, [{ wnid: 'n02123045', label: 'tabby' }])).toThrow('n02123045 is not in data.noun');
});
