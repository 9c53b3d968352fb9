import { galleryHash, parseHash } from '../../web/view.ts';

test.each([
  ['', { name: 'classify' }],
  ['#classify', { name: 'classify' }],
  ['#anything', { name: 'classify' }],
  ['#gallery', { name: 'gallery', label: '', minProbability: 0, imageId: null }],
  ['#gallery?label=golf+ball&min=0.5', { name: 'gallery', label: 'golf ball', minProbability: 0.5, imageId: null }],
  ['#gallery/a-B_9?label=a', { name: 'gallery', label: 'a', minProbability: 0, imageId: 'a-B_9' }],
  ['#gallery/a/b', { name: 'classify' }],
  ['#gallery?label=a&min=x', { name: 'gallery', label: 'a', minProbability: 0, imageId: null }],
  ['#gallery?label=a&min=-1', { name: 'gallery', label: 'a', minProbability: 0, imageId: null }],
  ['#gallery?label=a&min=7', { name: 'gallery', label: 'a', minProbability: 1, imageId: null }],
])('%s shows %j', (hash, view) => {
  expect(parseHash(hash)).toEqual(view);
});

test.each(['', 'daisy', "jack-o'-lantern", 'a?b#c&d=e %', 'ünïcode 🐦'])(
  'the address of a picture among those with the label %j leads back to both',
  (label) => {
    const place = { label, minProbability: 0, imageId: 'aWQ' };

    expect(parseHash(galleryHash(place, place.imageId))).toEqual({ name: 'gallery', ...place });
  },
);

test('a minimum probability without a label is ignored', () => {
  expect(galleryHash({ label: '', minProbability: 0.5 })).toBe('#gallery');
});
