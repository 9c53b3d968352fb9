import type { BackfillItem } from '../../../functions/backfill/batch.ts';
import { chooseItem } from '../../../functions/backfill/choose-item.ts';
import { InvalidItemError } from '../../../functions/backfill/errors.ts';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';

const BUCKET = 'pictures';
const LISTED = { key: 'a.jpg', eTag: 'e1', size: 9, storageClass: 'STANDARD' };
const INVENTORIED = { bucket: BUCKET, encodedKey: 'a.jpg', eTag: 'e1', size: '9', storageClass: 'STANDARD' };

const choose = (item: BackfillItem, request: object = {}) =>
  chooseItem(item, BUCKET, readRunRequest(request, 'run', 1));
const chosenKey = (item: BackfillItem) => {
  const choice = choose(item);
  return choice.kind === 'tag' ? choice.event.name.key : choice.outcome;
};

test.each([
  ['a listing', LISTED],
  ['an inventory', INVENTORIED],
])('an item of %s becomes the event of an upload without a sequencer', (_source, item) => {
  expect(choose(item)).toEqual({
    kind: 'tag',
    event: {
      kind: 'created',
      name: { bucket: BUCKET, key: 'a.jpg' },
      versionId: null,
      eTag: 'e1',
      size: 9,
      sequencer: null,
      time: null,
    },
  });
});

test.each([
  ['a+b%2Bc%20d.jpg', 'a b+c d.jpg'],
  ['100%25/%2F%F0%9F%8C%BC.jpg', '100%//🌼.jpg'],
])('a key of an inventory is form-encoded: %s', (encodedKey, key) => {
  expect(chosenKey({ ...INVENTORIED, encodedKey })).toBe(key);
});

test('a key of a listing is taken as it is', () => {
  expect(chosenKey({ ...LISTED, key: 'a+b%20c.jpg' })).toBe('a+b%20c.jpg');
});

test.each<[string, BackfillItem, object, string]>([
  ['of another prefix', LISTED, { prefix: 'b' }, 'filtered'],
  ['of another suffix', LISTED, { suffix: '.png' }, 'filtered'],
  ['that is too small', LISTED, { minBytes: 10 }, 'filtered'],
  ['that is too large', LISTED, { maxBytes: 8 }, 'filtered'],
  ['that stands for a folder', { ...LISTED, key: 'a/', size: 0 }, {}, 'folder-marker'],
  ['in Glacier', { ...LISTED, storageClass: 'GLACIER' }, {}, 'archived'],
  ['in Deep Archive', { ...INVENTORIED, storageClass: 'DEEP_ARCHIVE' }, {}, 'archived'],
  ['in the archive tier of Intelligent-Tiering', { ...INVENTORIED, accessTier: 'ARCHIVE_ACCESS' }, {}, 'archived'],
  ['that is an older version', { ...INVENTORIED, isLatest: 'false' }, {}, 'not-latest'],
  ['that is a delete marker', { ...INVENTORIED, isLatest: 'true', isDeleteMarker: 'true' }, {}, 'not-latest'],
])('an item %s is left, without a request', (_title, item, request, outcome) => {
  expect(choose(item, request)).toEqual({ kind: 'leave', key: 'key' in item ? item.key : item.encodedKey, outcome });
});

test.each<[string, BackfillItem, object]>([
  ['at the bounds', LISTED, { prefix: 'a', suffix: '.jpg', minBytes: 9, maxBytes: 9 }],
  ['in Glacier Instant Retrieval', { ...LISTED, storageClass: 'GLACIER_IR' }, {}],
  ['of unknown size', { ...INVENTORIED, size: '' }, { minBytes: 10 }],
  ['that is the latest version', { ...INVENTORIED, isLatest: 'true', isDeleteMarker: 'false' }, {}],
  ['without an ETag', { bucket: BUCKET, encodedKey: 'a.jpg' }, {}],
])('an item %s is tagged', (_title, item, request) => {
  expect(choose(item, request).kind).toBe('tag');
});

test.each<[string, BackfillItem, RegExp]>([
  ['of another bucket', { ...INVENTORIED, bucket: 'others' }, /bucket others.*about pictures/],
  ['whose key is not encoded', { ...INVENTORIED, encodedKey: '100%.jpg' }, /form-encoded/],
  ['with an empty key', { ...LISTED, key: '' }, /1 to 1024/],
  ['with a key that is too long', { ...LISTED, key: 'a'.repeat(1025) }, /1025 bytes/],
  ['whose size is not a number', { ...INVENTORIED, size: 'big' }, /"big"/],
])('an item %s is refused', (_title, item, message) => {
  expect(() => choose(item)).toThrow(InvalidItemError);
  expect(() => choose(item)).toThrow(message);
});
