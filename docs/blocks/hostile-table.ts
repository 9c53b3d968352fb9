import { readdirSync, readFileSync } from 'node:fs';
import { VALID } from '../../test/hostile/kind.ts';
import { markdownTable } from './markdown-table.ts';

interface Run {
  readonly date: string;
  readonly inputs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: { readonly value: number };
  readonly greatestMb: { readonly value: number };
  readonly faults: readonly unknown[];
}

const RESULTS = new URL('../../bench/results/', import.meta.url);
const RESULT_NAME = /^hostile-(.+)\.json$/;

/** Makes the table of the last run of each kind of hostile input. */
export function hostileTable(): string {
  const kinds = readdirSync(RESULTS).flatMap((name) => RESULT_NAME.exec(name)?.[1] ?? []);
  return markdownTable(
    ['kind', 'day', 'inputs', 'answered', 'refused by name', 'faults', 'most processor time', 'most memory'],
    kinds.sort().map((kind) => {
      const text = readFileSync(new URL(`hostile-${kind}.json`, RESULTS), 'utf8');
      const { date, inputs, outcomes, slowestMs, greatestMb, faults } = JSON.parse(text) as Run;
      const answered = outcomes[VALID] ?? 0;
      const refused = inputs - answered - faults.length;
      return [
        `[\`${kind}\`](bench/results/hostile-${kind}.json)`,
        date.slice(0, 10),
        ...[inputs, answered, refused, faults.length].map((count) => count.toLocaleString('en-US')),
        `${(slowestMs.value / 1000).toFixed(1)} s`,
        `${greatestMb.value.toLocaleString('en-US')} MB`,
      ];
    }),
  );
}
