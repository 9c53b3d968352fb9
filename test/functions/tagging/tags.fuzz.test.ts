import fc from 'fast-check';
import { isSameTagSet, mergeTags, ownTags, type Tag, toTagValue } from '../../../functions/tagging/tags.ts';
import { validRecord } from '../records/valid-record.ts';

const SEED = { seed: 20261124, numRuns: 500 };

/** What S3 takes, in the words of its API. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const anyText = fc.string({ unit: 'binary', maxLength: 400 });
const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20 }),
  fc.constantFrom('autoswiftnet:label', 'autoswiftnet:confidence', 'autoswiftnet:label-3', 'autoswiftnet:old', 'team'),
);
/** An object's tags: unique keys, ten at most. */
const existing: fc.Arbitrary<Tag[]> = fc.uniqueArray(fc.record({ key, value: fc.string({ maxLength: 20 }) }), {
  selector: (tag) => tag.key,
  maxLength: 10,
});
const predictions = fc.array(fc.record({ label: anyText, probability: fc.double({ min: 0, max: 1, noNaN: true }) }), {
  minLength: 1,
  maxLength: 10,
});
const settings = fc.record({
  labels: fc.integer({ min: 0, max: 3 }),
  threshold: fc.double({ min: 0, max: 1, noNaN: true }),
  concept: fc.boolean(),
});
const ours = fc.tuple(predictions, settings, anyText).map(([list, chosen, label]) => {
  const record = validRecord({
    predictions: list.map((one, index) => ({ ...one, rank: index + 1, wnid: null, index })),
    concept: { id: 'x', label, probability: 0.9 },
  });
  return ownTags(record, chosen) ?? [];
});
const isOurs = (tag: Tag) => tag.key.startsWith('autoswiftnet:');

test('the result is within S3’s limits', () => {
  fc.assert(
    fc.property(existing, ours, (before, mine) => {
      const merged = mergeTags(before, mine);
      expect(merged.length).toBeLessThanOrEqual(10);
      expect(new Set(merged.map((tag) => tag.key)).size).toBe(merged.length);
      for (const tag of merged.filter(isOurs)) {
        expect(tag.key.length).toBeLessThanOrEqual(128);
        expect(tag.value.length).toBeLessThanOrEqual(256);
        expect(tag.value).toMatch(ALLOWED);
      }
    }),
    SEED,
  );
});

test('others’ tags are never lost or changed', () => {
  fc.assert(
    fc.property(existing, ours, (before, mine) => {
      expect(mergeTags(before, mine).filter((tag) => !isOurs(tag))).toEqual(before.filter((tag) => !isOurs(tag)));
    }),
    SEED,
  );
});

test('merging twice changes nothing', () => {
  fc.assert(
    fc.property(existing, ours, (before, mine) => {
      const once = mergeTags(before, mine);
      expect(mergeTags(once, mine)).toEqual(once);
      expect(isSameTagSet(once, mergeTags(once, mine))).toBe(true);
    }),
    SEED,
  );
});

test('the existing tags are not touched', () => {
  fc.assert(
    fc.property(existing, ours, (before, mine) => {
      const copy = structuredClone(before);
      mergeTags(before, mine);
      expect(before).toEqual(copy);
    }),
    SEED,
  );
});

test('any text becomes an allowed value, and an allowed one stays', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const value = toTagValue(text);
      expect(value).toMatch(ALLOWED);
      expect(Buffer.from(value).toString()).toBe(value);
      expect(value.length).toBeLessThanOrEqual(256);
      expect(toTagValue(value)).toBe(value);
    }),
    SEED,
  );
});
