import { readFileSync } from 'node:fs';
import {
  costBlocks,
  costsAtIdle,
  costsOfLooking,
  costsOfSearches,
  costsPerMillionImages,
} from '../../bench/costs/cost-table.ts';
import { readTaggingRows, type TimesRow } from '../../bench/tagging-rows.ts';
import { COLLECTED, LIST_PRICES, REGION } from '../../cli/estimates/list-prices.ts';
import { MEASURED } from '../../cli/estimates/measured.ts';
import { tagImage } from '../../functions/tagging/tag-image.ts';
import { TaggingWorld } from '../functions/tagging/tagging-world.ts';

test('the costs page names the day and region of its prices', () => {
  const page = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');

  expect(page).toContain(`list prices of ${COLLECTED}, ${REGION}`);
});

test('the summary compares tags with computing, and an hour of GPU with tagged images', () => {
  const summary = new Map(costBlocks()).get('cost-summary');

  expect(summary).toMatch(
    /writing tags costs \$5\.4\d and keeping them\n {2}\$1\.95 a month\. Computing the answers of a full queue costs \$\d\.\d\d/,
  );
  expect(summary).toMatch(/costs \$0\.57, as much as tagging about \d\d,000 images/);
});

/**
 * How often each call is made for one upload with two labels that are worth a row, in a bucket with
 * versions.
 */
async function callsOfAnUpload(labels: number): Promise<Record<string, number>> {
  const world = new TaggingWorld({ versioned: true });
  await tagImage(world.upload('cat dog'), world.dependencies({ tags: { labels, threshold: 0.1, concept: false } }));
  const names = world.steps.map((step) => step.replace(/ \d$/, ''));
  return Object.fromEntries(names.map((name) => [name, names.filter((other) => other === name).length]));
}

test('the calls of one upload are those that are counted', async () => {
  expect(await callsOfAnUpload(1)).toEqual({
    read: 2,
    GetObject: 1,
    write: 1,
    'put row': 2,
    GetObjectTagging: 1,
    PutObjectTagging: 1,
    publish: 1,
  });
  expect(await callsOfAnUpload(0)).toEqual({
    read: 2,
    GetObject: 1,
    write: 1,
    'put row': 2,
    HeadObject: 1,
    publish: 1,
  });
});

test.each([
  ['full queue', 1],
  ['lone uploads', 0],
] as const)('%s: the figures are those that were measured, and compute is time x memory x price', (load, row) => {
  const times = readTaggingRows().filter((one): one is TimesRow => 'wallMs' in one && one.version === 'after');

  const [compute] = costsPerMillionImages(load);

  const { imagesPerCall, ...figures } = MEASURED[load];
  expect(times[row]).toMatchObject(figures);
  expect(imagesPerCall).toBe(Number(/batch of (\d+)$/.exec(times[row]?.what ?? '')?.[1] ?? 1));
  // A second of 1.7275 GB costs 23.03 millionths of a dollar.
  expect(compute?.usd).toBeCloseTo(figures.wallMs * 0.023034, 2);
});

test.each(['full queue', 'lone uploads'] as const)('%s: the measured calls are all priced', (load) => {
  const [, , , read, , rows, publish] = costsPerMillionImages(load).map(({ usd }) => usd);

  // Three rows of two write units each, at $0.625 a million.
  expect([read, rows, publish]).toEqual([expect.closeTo(0.4), expect.closeTo(3.75), expect.closeTo(0.5)]);
});

test('a search reads a record for each image, and four shards for each list that it merges', () => {
  const searches = costsOfSearches().map(({ what, usd }) => [what, usd]);

  // Two lists: the concept's own, and the text itself as a label. 13 queries at half a unit.
  expect(searches[0]).toEqual(['`dog`', expect.closeTo((50 + 13 / 2) * 0.125)]);
  expect(searches.map(([what]) => what)).toEqual(['`dog`', '`canine`', '`animal`', '`device`']);
  expect(searches.map(([, usd]) => usd)).toEqual(searches.map(([, usd]) => usd).sort((a, b) => Number(a) - Number(b)));
});

test('a thumbnail is cheaper once it is kept, and cheapest while the browser has it', () => {
  const [, made = 0, kept = 0, known = 0, month = 0] = costsOfLooking().map(({ usd }) => usd);

  expect(made - kept).toBeCloseTo(5 + 0.8 + 0.125 + (40 - 5) * 0.023034, 1);
  expect(kept - known).toBeCloseTo(0.4, 6);
  // To make one again costs as much as to keep it for more than a year
  // (infra/storage/service-bucket.ts).
  expect(made / month).toBeGreaterThan(12);
});

test('a private network costs only its endpoints more', () => {
  const [, open, closed] = costsAtIdle().map(({ usd }) => usd);

  expect((closed ?? 0) - (open ?? 0)).toBeCloseTo(8 * 2 * 730 * 0.01, 6);
});

test('every price names its source', () => {
  for (const { usd, of, source } of Object.values(LIST_PRICES)) {
    expect(usd).toBeGreaterThan(0);
    expect(of.length).toBeGreaterThan(5);
    expect(source.length).toBeGreaterThan(5);
  }
});
