import { readFileSync } from 'node:fs';
import { ASSUMPTIONS, allTables, costsAtIdle, costsPerMillionImages } from '../../bench/costs/cost-table.ts';
import { COLLECTED, LIST_PRICES, REGION } from '../../bench/costs/list-prices.ts';

test('the costs page has the tables as they are computed', () => {
  const page = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');

  for (const table of allTables()) expect(page).toContain(table);
  expect(page).toContain(`list prices of ${COLLECTED}, ${REGION}`);
});

test('compute is time, memory and price', () => {
  const compute = costsPerMillionImages().find(({ what }) => what === 'Lambda, compute');

  // 100,000 s of 1.7275 GB at 13.3334 millionths of a dollar.
  expect(compute?.usd).toBeCloseTo(2.3035, 3);
});

test('the private network costs its endpoints, and nothing else more', () => {
  const [, open, closed] = costsAtIdle().map(({ usd }) => usd);

  expect((closed ?? 0) - (open ?? 0)).toBeCloseTo(8 * 2 * 730 * 0.01, 6);
});

test('every price says where it is from', () => {
  for (const { usd, of, source } of Object.values(LIST_PRICES)) {
    expect(usd).toBeGreaterThan(0);
    expect(of.length).toBeGreaterThan(5);
    expect(source.length).toBeGreaterThan(5);
  }
  expect(ASSUMPTIONS.secondsPerImage).toBeLessThan(1);
});
