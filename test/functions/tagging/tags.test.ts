import {
  isSameTagSet,
  MAX_TAG_VALUE_LENGTH,
  mergeTags,
  ownTags,
  type Tag,
  toTagSettings,
  toTagValue,
} from '../../../functions/tagging/tags.ts';
import { validRecord, validTombstone } from '../records/valid-record.ts';

const tag = (key: string, value = 'x'): Tag => ({ key, value });
const others = (count: number) => Array.from({ length: count }, (_, index) => tag(`other-${index}`));
const PLAIN = { concept: false };
const ALL_OURS = ['label', 'confidence', 'concept', 'model', 'label-2', 'label-3'].map((name) =>
  tag(`autoswiftnet:${name}`),
);

describe('our tags', () => {
  const record = validRecord({
    predictions: [0.4449, 0.3, 0.2].map((probability, index) => ({
      rank: index + 1,
      label: `label ${index + 1}`,
      wnid: null,
      index,
      probability,
    })),
  });

  test('label, confidence with three digits, and model', () => {
    expect(ownTags(record, { ...PLAIN, labels: 1, threshold: 0.1 })).toEqual([
      tag('autoswiftnet:label', 'label 1'),
      tag('autoswiftnet:confidence', '0.445'),
      tag('autoswiftnet:model', 'resnet50_swsl'),
    ]);
  });

  test.each([
    [2, 0.1, ['label-2']],
    [3, 0.1, ['label-2', 'label-3']],
    [3, 0.2, ['label-2']],
    [3, 0.3, []],
  ])('%d labels above %d: also %j', (labels, threshold, more) => {
    const keys = ownTags(record, { ...PLAIN, labels, threshold })?.map(({ key }) => key.replace('autoswiftnet:', ''));

    expect(keys).toEqual(['label', 'confidence', 'model', ...more]);
  });

  test('the concept, if it is configured and there is one', () => {
    const settings = { labels: 1, threshold: 0, concept: true };
    const keys = ['label', 'confidence', 'concept', 'model'].map((name) => `autoswiftnet:${name}`);

    const tags = ownTags(record, settings);

    expect(tags?.map(({ key }) => key)).toEqual(keys);
    expect(tags).toContainEqual(tag('autoswiftnet:concept', 'domestic cat'));
    expect(ownTags({ ...record, concept: null }, settings)).toEqual(ownTags(record, { ...settings, concept: false }));
    expect(ownTags(record, { ...settings, labels: 0 })).toEqual([]);
  });

  test('settings come from the environment', () => {
    const settings = {
      AUTOSWIFTNET_TAG_LABELS: 2,
      AUTOSWIFTNET_TAG_THRESHOLD: 0.3,
      AUTOSWIFTNET_TAG_CONCEPT: true,
    };
    expect(toTagSettings(settings)).toEqual({ labels: 2, threshold: 0.3, concept: true });
  });

  test('the first label is a tag however improbable', () => {
    expect(ownTags(record, { ...PLAIN, labels: 1, threshold: 1 })).toHaveLength(3);
  });

  test('none for an image that was rejected or failed, or if none are configured', () => {
    expect(ownTags(validRecord({ state: 'rejected', predictions: [] }), { ...PLAIN, labels: 3, threshold: 0 })).toEqual(
      [],
    );
    expect(ownTags(validRecord({ state: 'failed', predictions: [] }), { ...PLAIN, labels: 3, threshold: 0 })).toEqual(
      [],
    );
    expect(ownTags(record, { ...PLAIN, labels: 0, threshold: 0 })).toEqual([]);
  });

  test('a deleted image’s tags are left alone', () => {
    expect(ownTags(validTombstone(), { ...PLAIN, labels: 1, threshold: 0 })).toBeNull();
  });
});

describe('merging', () => {
  test('others’ tags stay, ours are replaced', () => {
    const existing = [tag('team', 'red'), tag('autoswiftnet:label', 'old'), tag('autoswiftnet:gone', 'old')];

    expect(mergeTags(existing, ALL_OURS.slice(0, 3))).toEqual([tag('team', 'red'), ...ALL_OURS.slice(0, 3)]);
  });

  test('without new ones of ours the old ones go', () => {
    expect(mergeTags([tag('team', 'red'), tag('autoswiftnet:label', 'old')], [])).toEqual([tag('team', 'red')]);
  });

  test.each([
    [4, ['label', 'confidence', 'concept', 'model', 'label-2', 'label-3']],
    [5, ['label', 'confidence', 'concept', 'model', 'label-2']],
    [6, ['label', 'confidence', 'concept', 'model']],
    [7, ['label', 'confidence', 'concept']],
    [8, ['label', 'confidence']],
    [9, ['label']],
    [10, []],
  ])('beside %d tags of others there is room for %j', (count, kept) => {
    const merged = mergeTags(others(count), ALL_OURS);

    expect(merged.slice(0, count)).toEqual(others(count));
    expect(merged.slice(count).map(({ key }) => key.replace('autoswiftnet:', ''))).toEqual(kept);
  });

  test('only our very prefix makes a tag ours', () => {
    const foreign = [tag('autoswiftnet'), tag('Autoswiftnet:label'), tag('x:autoswiftnet:label')];

    expect(mergeTags(foreign, [])).toEqual(foreign);
  });
});

test('tag sets are compared by key, in any order', () => {
  expect(isSameTagSet([tag('a', '1'), tag('b', '2')], [tag('b', '2'), tag('a', '1')])).toBe(true);
  expect(isSameTagSet([tag('a', '1')], [tag('a', '2')])).toBe(false);
  expect(isSameTagSet([tag('a', '1')], [tag('a', '1'), tag('b', '2')])).toBe(false);
  expect(isSameTagSet([tag('a', '1'), tag('b', '2')], [tag('a', '1')])).toBe(false);
});

describe('values', () => {
  test.each([
    ['tabby', 'tabby'],
    ["carpenter's kit, tool kit", 'carpenter s kit  tool kit'],
    ['black-and-tan (coonhound)', 'black-and-tan  coonhound '],
    ['a_b.c:d/e=f+g-h@i', 'a_b.c:d/e=f+g-h@i'],
    ['Käse 乳酪 ٣', 'Käse 乳酪 ٣'],
    ['tab\tnew\nline\u0000', 'tab new line '],
    ['cat 🐈!', 'cat   '],
    ['half \ud83d pair', 'half   pair'],
  ])('%j becomes %j', (label, value) => {
    expect(toTagValue(label)).toBe(value);
  });

  test('at most 256 UTF-16 units, and no half of a pair', () => {
    expect(toTagValue('a'.repeat(257))).toHaveLength(MAX_TAG_VALUE_LENGTH);
    expect(toTagValue('a'.repeat(256))).toBe('a'.repeat(256));
    // U+20000 is a letter of two units.
    expect(toTagValue(`${'a'.repeat(255)}𠀀`)).toBe('a'.repeat(255));
    expect(toTagValue(`${'a'.repeat(254)}𠀀`)).toBe(`${'a'.repeat(254)}𠀀`);
  });
});
