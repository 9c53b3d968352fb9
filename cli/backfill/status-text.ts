import { InvalidRunRequestError } from '../../functions/backfill/errors.ts';
import { resultsPrefix } from '../../functions/backfill/result-keys.ts';
import { duration } from '../duration.ts';
import { dollars } from '../estimates/cost.ts';
import { COLLECTED, REGION } from '../estimates/list-prices.ts';
import { numberText } from '../number-text.ts';
import { oneLine } from '../report-error.ts';
import { type Execution, GIVEN_UP } from './executions.ts';
import type { Backfill } from './open-backfill.ts';
import type { RunStatus } from './run-status.ts';

const IN_WORDS: Readonly<Record<string, string>> = {
  RUNNING: 'under way',
  SUCCEEDED: 'finished',
  FAILED: 'failed',
  TIMED_OUT: 'failed: it took too long',
  ABORTED: 'stopped',
};

/** Says how far a run is, in a few lines. */
export function statusText(
  { option, serviceBucket, deployment }: Pick<Backfill, 'option' | 'serviceBucket' | 'deployment'>,
  status: RunStatus,
  now: Date = new Date(),
): string {
  const { execution, usd } = status;
  const seconds = ((execution.stoppedAt ?? now).getTime() - execution.startedAt.getTime()) / 1000;
  const state = IN_WORDS[execution.status] ?? execution.status;
  return [
    `backfill ${execution.name} of ${deployment.name}: ${state}, started ${execution.startedAt.toISOString()}, ${duration(seconds)}`,
    ...(execution.failure === null ? [] : [`why: ${oneLine(execution.failure)}`]),
    paceText(status, seconds),
    ...countLines(status),
    `cost so far: about $${dollars(usd)}, by list prices of ${COLLECTED}, ${REGION}`,
    `results: s3://${serviceBucket}/${resultsPrefix(execution.name)}`,
    ...(canBeRedriven(execution)
      ? [
          `repair the cause, then go on with what failed: aws stepfunctions redrive-execution --execution-arn ${execution.arn}`,
        ]
      : []),
    ...(execution.status === 'RUNNING' ? [`stop it: npx autoswiftnet backfill stop${option}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** A request that cannot be met fails again, however often it is redriven. */
function canBeRedriven({ status, failure }: Execution): boolean {
  return GIVEN_UP.includes(status) && failure?.startsWith(InvalidRunRequestError.name) !== true;
}

/** What goes wrong, in a word: `3 failed, $0.12`. */
export function noteText({ counts: { items }, usd }: RunStatus): string {
  return [...(items.failed > 0 ? [`${numberText(items.failed)} failed`] : []), `$${dollars(usd)}`].join(', ');
}

function paceText({ done, total, execution }: RunStatus, seconds: number): string {
  const rate = done / Math.max(1, seconds);
  const progress = `${numberText(done)} of ${numberText(total)} objects, ${rate.toFixed(1)} per second`;
  if (execution.status !== 'RUNNING' || rate === 0) return progress;
  return `${progress}, ${duration((total - done) / rate)} left of those that are listed so far`;
}

function countLines({ counts: { items, failures, rejections } }: RunStatus): string[] {
  const outcomes = namedCounts(items);
  return [
    ...(outcomes === '' ? [] : [`results by kind: ${outcomes}`]),
    ...(items.failed > 0 ? [`failed: ${namedCounts(failures)}`] : []),
    ...(items.rejected > 0 ? [`rejected: ${namedCounts(rejections)}`] : []),
  ];
}

/** @example namedCounts({ tagged: 7_900, failed: 10, gone: 0 }) // 'tagged 7,900, failed 10' */
function namedCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${oneLine(name)} ${numberText(count)}`)
    .join(', ');
}
