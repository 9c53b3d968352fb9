import type { Tag } from '../../../local/s3/store/object-version.ts';
import {
  buildTaggingXml,
  MAX_TAG_KEY_LENGTH,
  MAX_TAG_VALUE_LENGTH,
  MAX_TAGS,
  parseTaggingHeader,
  parseTaggingXml,
} from '../../../local/s3/tagging.ts';

function tags(count: number): Tag[] {
  return Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }));
}

test('tags of every allowed kind survive a round trip through XML', () => {
  const set = [
    { key: 'autoswiftnet:label', value: 'tiger cat' },
    { key: 'Größe _.:/=+-@', value: '' },
    { key: 'k'.repeat(MAX_TAG_KEY_LENGTH), value: 'v'.repeat(MAX_TAG_VALUE_LENGTH) },
  ];

  expect(parseTaggingXml(buildTaggingXml(set))).toEqual(set);
  expect(parseTaggingXml(buildTaggingXml(tags(MAX_TAGS)))).toHaveLength(MAX_TAGS);
  expect(parseTaggingXml(buildTaggingXml([]))).toEqual([]);
  expect(parseTaggingXml('<Tagging><TagSet>\n</TagSet></Tagging>')).toEqual([]);
});

test.each<[string, Tag[], string]>([
  ['an eleventh tag', tags(MAX_TAGS + 1), 'BadRequest'],
  ['an empty key', [{ key: '', value: 'v' }], 'InvalidTag'],
  ['a long key', [{ key: 'k'.repeat(MAX_TAG_KEY_LENGTH + 1), value: '' }], 'InvalidTag'],
  ['a long value', [{ key: 'k', value: 'v'.repeat(MAX_TAG_VALUE_LENGTH + 1) }], 'InvalidTag'],
  ['a comma', [{ key: 'k', value: 'a, b' }], 'InvalidTag'],
  ['an apostrophe', [{ key: "k'", value: '' }], 'InvalidTag'],
  ['a reserved prefix', [{ key: 'aws:k', value: '' }], 'InvalidTag'],
  ['a key twice', [...tags(1), ...tags(1)], 'InvalidTag'],
])('%s is refused', (_what, set, code) => {
  expect(() => parseTaggingXml(buildTaggingXml(set))).toThrow(expect.objectContaining({ code }));
});

test.each([
  '',
  '<Tagging>',
  '<Other/>',
  '<Tagging/>',
  '<Tagging><TagSet>text</TagSet></Tagging>',
  '<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>',
  '<!DOCTYPE x [<!ENTITY e "v">]><Tagging><TagSet><Tag><Key>k</Key><Value>&e;</Value></Tag></TagSet></Tagging>',
])('%j is malformed', (text) => {
  expect(() => parseTaggingXml(text)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
});

test('the header is form-url-encoded', () => {
  expect(parseTaggingHeader('a=1&b=x%20y+z&c')).toEqual([
    { key: 'a', value: '1' },
    { key: 'b', value: 'x y z' },
    { key: 'c', value: '' },
  ]);
  expect(parseTaggingHeader(undefined)).toEqual([]);
  expect(() => parseTaggingHeader('a=1&a=2')).toThrow(expect.objectContaining({ code: 'InvalidArgument' }));
  expect(() => parseTaggingHeader('a=%2C')).toThrow(expect.objectContaining({ code: 'InvalidTag' }));
});
