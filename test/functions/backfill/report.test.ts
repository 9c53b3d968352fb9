import { countItems } from '../../../functions/backfill/item-result.ts';
import { createBackfillReport } from '../../../functions/backfill/report.ts';
import { readRunRequest } from '../../../functions/backfill/run-request.ts';
import { ObjectAccessError } from '../../../functions/tagging/errors.ts';

test('a run, a batch and a failure have a line each, and images count as those of uploads do', () => {
  const lines: unknown[] = [];
  const counted: Record<string, number> = {};
  const logger = {
    info: (text: string, more: object) => void lines.push([text, more]),
    error: (text: string, more: object) => void lines.push([text, more]),
  };
  const metrics = {
    addMetric: (name: string, _unit: string, value: number) => void Object.assign(counted, { [name]: value }),
  };
  const report = createBackfillReport(logger as never, metrics as never);
  const run = readRunRequest({}, 'run-1', 1);
  const error = new ObjectAccessError('denied');
  const event = { kind: 'created', name: { bucket: 'b', key: 'k' }, versionId: null, eTag: null } as const;
  const counts = countItems([
    { key: 'a', outcome: 'tagged', reason: null },
    { key: 'b', outcome: 'rejected', reason: { code: 'not-an-image', message: 'text' } },
    { key: 'c', outcome: 'already-answered', reason: null },
  ]);

  report.onRun('run-1');
  report.onBatch({ run, batch: 'batch', call: 1 }, counts, 2);
  report.onFailure({ event: { ...event, size: null, sequencer: null, time: null }, error });

  expect(lines).toEqual([
    ['run asked for', { runId: 'run-1' }],
    ['batch tagged', { runId: 'run-1', batch: 'batch', call: 1, ...counts, unfinished: 2 }],
    ['attempt failed', { bucket: 'b', key: 'k', error }],
  ]);
  expect(counted).toEqual({
    BackfillRuns: 1,
    ImagesTagged: 1,
    ImagesRejected: 1,
    ImagesFailed: 0,
    ImagesForwarded: 0,
    EventsSkipped: 1,
    BackfillAttemptsFailed: 1,
    ObjectAccessDenied: 1,
  });
});
