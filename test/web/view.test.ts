import { galleryHash, parseHash } from '../../web/view.ts';

test.each([
  ['', { name: 'classify' }],
  ['#classify', { name: 'classify' }],
  ['#anything', { name: 'classify' }],
  ['#gallery', { name: 'gallery', label: '', minProbability: 0 }],
  ['#gallery?label=golf+ball&min=0.5', { name: 'gallery', label: 'golf ball', minProbability: 0.5 }],
  ['#gallery?label=a&min=x', { name: 'gallery', label: 'a', minProbability: 0 }],
  ['#gallery?label=a&min=-1', { name: 'gallery', label: 'a', minProbability: 0 }],
  ['#gallery?label=a&min=7', { name: 'gallery', label: 'a', minProbability: 1 }],
])('%s shows %j', (hash, view) => {
  expect(parseHash(hash)).toEqual(view);
});

test.each(['', 'daisy', "jack-o'-lantern", 'a?b#c&d=e %', 'ünïcode 🐦'])(
  'the address of the label %j leads back to it',
  (label) => {
    expect(parseHash(galleryHash({ label, minProbability: 0 }))).toEqual({ name: 'gallery', label, minProbability: 0 });
  },
);

test('a minimum probability without a label is ignored', () => {
  expect(galleryHash({ label: '', minProbability: 0.5 })).toBe('#gallery');
});
