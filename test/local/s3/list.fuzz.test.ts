import fc from 'fast-check';
import { indexAfterMarker, itemName, type ListItem, walk } from '../../../local/s3/list.ts';
import { SortedKeys } from '../../../local/s3/store/sorted-keys.ts';

const SEED = { seed: 20261126, numRuns: 1000 };
const text = fc.stringMatching(/^[ab/]{0,5}$/);
const listing = fc.record({
  keys: fc.uniqueArray(fc.stringMatching(/^[ab/]{1,6}$/), { maxLength: 12 }),
  prefix: text,
  delimiter: fc.constantFrom('', '/', 'a', '//', 'ab'),
});
const all = { start: 0, isShown: () => true };

test('pages after each other, by the marker of the last item, are the whole listing', () => {
  fc.assert(
    fc.property(listing, fc.integer({ min: 1, max: 4 }), ({ keys, prefix, delimiter }, size) => {
      const sorted = new SortedKeys(keys);
      const paged: ListItem[] = [];
      for (let marker = ''; ; ) {
        const start = indexAfterMarker(sorted, marker, { prefix, delimiter });
        const page = [...walk(sorted, { ...all, prefix, delimiter, start })].slice(0, size);
        paged.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < size) break;
        marker = itemName(last);
      }

      expect(paged).toEqual([...walk(sorted, { ...all, prefix, delimiter })]);
    }),
    SEED,
  );
});

test('a listing after any marker holds every key after it, itself or in a common prefix', () => {
  fc.assert(
    fc.property(listing, text, ({ keys, prefix, delimiter }, marker) => {
      const sorted = new SortedKeys(keys);
      const start = indexAfterMarker(sorted, marker, { prefix, delimiter });
      const names = [...walk(sorted, { ...all, prefix, delimiter, start })].map(itemName);
      const isPageEnd = [...walk(sorted, { ...all, prefix, delimiter })].some(
        (item) => 'commonPrefix' in item && item.commonPrefix === marker,
      );
      const later = keys.filter((key) => key.startsWith(prefix) && key > marker);

      for (const key of later) {
        const isListed = names.some((name) => name === key || (delimiter !== '' && key.startsWith(name)));
        expect(isListed || (isPageEnd && key.startsWith(marker))).toBe(true);
      }
    }),
    SEED,
  );
});
