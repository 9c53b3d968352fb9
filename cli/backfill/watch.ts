import { setTimeout as delay } from 'node:timers/promises';
import { RateBar } from '../progress-bar.ts';
import { CountsReader } from './counts-reader.ts';
import type { Execution } from './executions.ts';
import type { Backfill } from './open-backfill.ts';
import type { FunctionFacts } from './read-function.ts';
import { type RunStatus, readStatus } from './run-status.ts';
import { noteText } from './status-text.ts';

/** The first look comes soon, for a small bucket; the later ones rarely, for a large one. */
const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 10_000;
const WAIT_GROWTH = 1.5;

/** A look at a large run lists many results. It may take up to a tenth of the time. */
const WAIT_OF_A_LOOK = 9;

/**
 * Shows the progress of a run until it ends.
 * @param expected how many objects were counted before; Step Functions lists while it works
 */
export async function watch(
  backfill: Backfill,
  { arn, name }: Execution,
  facts: FunctionFacts,
  expected: number,
): Promise<RunStatus> {
  const reader = new CountsReader(backfill, name);
  const bar = new RateBar(`backfill ${name}`, 'objects');
  let before: number | undefined;
  try {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * WAIT_GROWTH, MOST_WAIT_MS)) {
      const lookedAt = performance.now();
      const status = await readStatus(backfill, arn, facts, reader);
      if (status.execution.status !== 'RUNNING') return status;
      before ??= status.done;
      bar.update({
        done: status.done - before,
        before,
        total: Math.max(expected, status.total),
        note: noteText(status),
      });
      await delay(Math.max(wait, WAIT_OF_A_LOOK * (performance.now() - lookedAt)));
    }
  } finally {
    bar.stop();
  }
}
