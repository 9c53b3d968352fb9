import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE } from '../../../functions/metric-names.ts';
import { createReport } from '../../../functions/tag-upload/report.ts';
import { ObjectAccessError } from '../../../functions/tagging/errors.ts';
import { validRecord } from '../records/valid-record.ts';

const RECORD = validRecord({ versionId: 'v1' });
const EVENT = {
  kind: 'created',
  name: { bucket: RECORD.bucket, key: RECORD.key },
  versionId: 'v1',
  eTag: null,
  size: null,
  sequencer: null,
  time: null,
} as const;
const TIMES = { read: 1, decode: 2, run: 3, tag: 4, record: 5 };

/** A report whose lines and metrics are kept. */
function keepingReport() {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = new Logger({ serviceName: 'test', logLevel: 'INFO' });
  Object.defineProperty(logger, 'console', { value: new Console(sink) });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: 'test' });
  const report = createReport(logger, metrics);
  return {
    report,
    line: () => JSON.parse(lines.join('')),
    metrics: () => {
      const { _aws: _unused, service: _service, ...values } = metrics.serializeMetrics();
      return values;
    },
  };
}

test('an image that was left to the heavy model', () => {
  const { report, line, metrics } = keepingReport();
  report.onOutcome(EVENT, { kind: 'forwarded', model: 'heavy' }, 15);

  expect(line()).toMatchObject({ level: 'INFO', message: 'image forwarded', key: RECORD.key, model: 'heavy', ms: 15 });
  expect(metrics()).toEqual({ ImagesForwarded: 1 });
});

test('a tagged image that the heavy model must answer as well', () => {
  const { report, line, metrics } = keepingReport();
  const record = { ...RECORD, escalatedTo: 'heavy' };
  report.onOutcome(EVENT, { kind: 'recorded', record, milliseconds: TIMES }, 15);

  expect(line()).toMatchObject({ message: 'image tagged', escalatedTo: 'heavy' });
  expect(metrics()).toMatchObject({ ImagesTagged: 1, ImagesEscalated: 1 });
});

test('a tagged image: where, what, how long', () => {
  const { report, line, metrics } = keepingReport();
  report.onOutcome(EVENT, { kind: 'recorded', record: RECORD, milliseconds: TIMES }, 15);

  expect(line()).toMatchObject({
    level: 'INFO',
    message: 'image tagged',
    bucket: RECORD.bucket,
    key: RECORD.key,
    versionId: 'v1',
    state: 'tagged',
    label: 'tabby',
    confidence: 0.7,
    model: 'resnet50_swsl',
    ms: 15,
  });
  expect(metrics()).toEqual({ ImagesTagged: 1, ReadTime: 1, DecodeTime: 2, RunTime: 3, TagTime: 4, RecordTime: 5 });
});

test.each([
  ['rejected', 'ImagesRejected'],
  ['failed', 'ImagesFailed'],
] as const)('a %s image: why', (state, metric) => {
  const { report, line, metrics } = keepingReport();
  const reason = { code: 'not-an-image', message: 'expected a picture' };
  const record = { ...RECORD, state, reason, predictions: [] };
  report.onOutcome(EVENT, { kind: 'recorded', record, milliseconds: TIMES }, 15);

  expect(line()).toMatchObject({ message: `image ${state}`, state, reason, key: RECORD.key });
  expect(metrics()).toEqual({ [metric]: 1 });
});

test('a skipped event: why; a deleted image', () => {
  const skipped = keepingReport();
  skipped.report.onOutcome(EVENT, { kind: 'skipped', why: 'superseded' }, 1);
  const deleted = keepingReport();
  deleted.report.onOutcome({ ...EVENT, kind: 'removed', marker: false }, { kind: 'deleted' }, 1);

  expect(skipped.line()).toMatchObject({ message: 'event skipped', why: 'superseded', key: RECORD.key });
  expect(skipped.metrics()).toEqual({ EventsSkipped: 1 });
  expect(deleted.line()).toMatchObject({ message: 'image deleted', key: RECORD.key });
  expect(deleted.metrics()).toEqual({ ImagesDeleted: 1 });
});

test('a failed attempt: the error, and a metric of its own where access was denied', () => {
  const denied = keepingReport();
  denied.report.onFailure(EVENT, new ObjectAccessError('found 403'), true);
  const defect = keepingReport();
  defect.report.onFailure(null, 'thrown text', false);

  expect(denied.line()).toMatchObject({
    level: 'ERROR',
    message: 'attempt failed',
    key: RECORD.key,
    lastAttempt: true,
    error: { name: 'ObjectAccessError', message: 'found 403' },
  });
  expect(denied.metrics()).toEqual({ AttemptsFailed: 1, ObjectAccessDenied: 1 });
  expect(defect.line()).toMatchObject({ message: 'attempt failed', lastAttempt: false, error: 'thrown text' });
  expect(defect.metrics()).toEqual({ AttemptsFailed: 1 });
});
