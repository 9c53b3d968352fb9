import { mergeFirstPage, updateShown } from '../../../web/gallery/merge-page.ts';
import { idsOf, image, images } from './images.ts';

test.each([
  ['a new image comes first', 'abcd', 'xab', 'more', 'xabcd', 'behind d'],
  ['an image that was deleted disappears', 'abcd', 'acd', 'more', 'acd', 'behind d'],
  ['an image that was uploaded again moves to the front', 'abcd', 'cab', 'more', 'cabd', 'behind d'],
  ['a first page that is the whole list replaces it', 'abcd', 'xa', null, 'xa', null],
  ['with more than a page of new images, the list begins anew', 'abcd', 'xyz', 'more', 'xyz', 'more'],
  ['a page without images says nothing about those shown', 'abcd', '', 'more', 'abcd', 'behind d'],
  ['a bucket that was emptied leaves nothing', 'abcd', '', null, '', null],
])('%s', (_what, shown, first, cursor, ids, newCursor) => {
  const merged = mergeFirstPage({ images: images(shown), cursor: 'behind d' }, { images: images(first), cursor });

  expect([idsOf(merged.images), merged.cursor]).toEqual([ids, newCursor]);
});

test('what became of images that are shown is taken over where they are', () => {
  const tagged = image('b', { state: 'failed' });

  expect(updateShown(images('abc'), [image('x'), tagged])).toEqual([image('a'), tagged, image('c')]);
});
