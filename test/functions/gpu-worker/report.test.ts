import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { ExecutionProviderError, SelfTestError } from '../../../classifier/errors.ts';
import { createWorkerReport } from '../../../functions/gpu-worker/report.ts';
import { METRICS_NAMESPACE } from '../../../functions/metric-names.ts';
import { toDone, toRefused } from '../../../functions/records/job.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { JOB_RESULT, JOB_TIME, validJob } from '../records/valid-job.ts';
import { validRecord } from '../records/valid-record.ts';
import { validRequest } from '../routing/valid-request.ts';

const JOB_REQUEST = validRequest({ jobId: validJob().id });
const TIMES = { read: 1, decode: 2, run: 3, tag: 4, record: 5 };

/** A report whose lines and metrics are kept, at a time that a test sets. */
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
  const published: object[] = [];
  class KeepingMetrics extends Metrics {
    override publishStoredMetrics(): this {
      published.push(this.serializeMetrics());
      this.clearMetrics();
      return this;
    }
  }
  const metrics = new KeepingMetrics({ namespace: METRICS_NAMESPACE, serviceName: 'test' });
  const clock = { now: 1_000_000 };
  return {
    clock,
    published,
    report: createWorkerReport(logger, metrics, () => clock.now),
    line: () => JSON.parse(lines.at(-1) ?? '{}'),
    metrics: () => {
      const { _aws: _unused, service: _service, ...values } = metrics.serializeMetrics();
      return values;
    },
  };
}

const OPENED = {
  name: 'big.int8',
  packageDir: '/models/big',
  manifest: validManifest(),
  hierarchy: null,
  graph: 'model.onnx',
  provider: 'cpu',
  refusals: [],
  sizes: null,
} as const;

test('an opened model: its provider, and a warning if a fallback is used', () => {
  const { report, line, metrics } = keepingReport();
  report.onOpened({ ...OPENED, fallback: null }, 5, 32);
  expect(line()).toMatchObject({ message: 'model opened', packageDir: '/models/big', graph: 'model.onnx', ms: 5 });
  expect(metrics()).toEqual({ ModelsOpened: 1, OpenedOnCpu: 1 });
  report.onOpened({ ...OPENED, fallback: { kind: 'fp32', reason: 'wrong here' } }, 5, 32);

  expect(line()).toMatchObject({ level: 'WARN', model: 'big.int8', fallback: 'fp32', reason: 'wrong here' });
  expect(metrics()).toMatchObject({ ModelFallback: 1 });
});

test('a graph for CUDA that does not work is a warning that says what runs instead', () => {
  const { report, line, metrics } = keepingReport();
  report.onOpened({ ...OPENED, provider: 'cuda', fallback: { kind: 'plain-graph', reason: 'no kernel' } }, 5, 32);

  const message = 'model.cuda.onnx does not work on this GPU; model.onnx is used instead, at half the speed';
  expect(line()).toMatchObject({ level: 'WARN', message, fallback: 'plain-graph', reason: 'no kernel' });
  expect(metrics()).toMatchObject({ ModelFallback: 1 });
});

test('an opened model: a warning if the largest batches do not fit in memory', () => {
  const { report, line, metrics } = keepingReport();
  const gpu = { ...OPENED, provider: 'cuda', fallback: null } as const;
  report.onOpened({ ...gpu, sizes: [1, 2, 4] }, 5, 4);
  expect(line()).toMatchObject({ level: 'INFO', sizes: [1, 2, 4] });
  expect(metrics()).toEqual({ ModelsOpened: 1, OpenedOnGpu: 1 });
  report.onOpened({ ...gpu, sizes: [1, 2] }, 5, 4);

  expect(line()).toMatchObject({ level: 'WARN', model: 'big.int8', largest: 2 });
  expect(metrics()).toMatchObject({ OutOfMemory: 1 });
});

test('a model that cannot be opened is counted, and apart if it computes wrongly', () => {
  const { report, metrics } = keepingReport();
  report.onNotOpened(new ExecutionProviderError('no GPU'));
  expect(metrics()).toEqual({ ModelNotOpened: 1 });
  report.onNotOpened(new SelfTestError('wrong here'));

  expect(metrics()).toEqual({ ModelNotOpened: [1, 1], SelfTestFailed: 1 });
});

test('batches: how many images, how much padding, how long, and how long messages had waited', () => {
  const { report, metrics } = keepingReport();
  report.onReceived(1_000_000 - 250);
  report.onBatch({ model: 'big', images: 5, size: 8, milliseconds: 40 });
  report.onBatch({ model: 'big', images: 8, size: 8, milliseconds: 60 });

  expect(metrics()).toEqual({ QueueAge: 250, BatchSize: [5, 8], BatchPadding: [3, 0], RunTime: [40, 60] });
});

test('a flush adds the images per second since the last one, and writes nothing if nothing happened', () => {
  const { report, clock, published } = keepingReport();
  report.flush();
  expect(published).toEqual([]);
  report.onBatch({ model: 'big', images: 30, size: 32, milliseconds: 40 });
  clock.now += 10_000;
  report.flush();
  report.flush();

  expect(published).toMatchObject([{ BatchSize: 30, ImagesPerSecond: 3 }]);
});

test('an image: where, what, how long; of the run the batch has told', () => {
  const { report, line, metrics } = keepingReport();
  report.onImage(validRequest(), { kind: 'recorded', record: validRecord(), milliseconds: TIMES }, 15);

  expect(line()).toMatchObject({ level: 'INFO', message: 'image tagged', label: 'tabby', confidence: 0.7, ms: 15 });
  expect(metrics()).toEqual({ ImagesTagged: 1, ReadTime: 1, DecodeTime: 2, TagTime: 4, RecordTime: 5 });
});

test('an image that was answered before', () => {
  const { report, line, metrics } = keepingReport();
  report.onImage(validRequest(), { kind: 'skipped', why: 'answered-before' }, 15);

  expect(line()).toMatchObject({ message: 'event skipped', why: 'answered-before' });
  expect(metrics()).toEqual({ EventsSkipped: 1 });
});

test('a job that is done, one that is rejected, and one that was settled before', () => {
  const { report, line, metrics } = keepingReport();
  const milliseconds = { read: 1, decode: 2, run: 3, record: 4 };
  report.onJob(JOB_REQUEST, { kind: 'answered', job: toDone(validJob(), JOB_RESULT, JOB_TIME), milliseconds }, 9);
  expect(line()).toMatchObject({ message: 'job done', jobId: JOB_REQUEST.jobId, label: 'tabby', ms: 9 });
  const reason = { code: 'not-an-image', message: 'no picture' };
  const rejected = toRefused(validJob(), 'rejected', reason, JOB_TIME);
  report.onJob(JOB_REQUEST, { kind: 'answered', job: rejected, milliseconds }, 9);
  expect(line()).toMatchObject({ message: 'job rejected', reason });
  report.onJob(JOB_REQUEST, { kind: 'settled' }, 9);

  expect(line()).toMatchObject({ message: 'event skipped' });
  expect(metrics()).toEqual({
    JobsDone: 1,
    JobsRejected: 1,
    EventsSkipped: 1,
    ReadTime: 1,
    DecodeTime: 2,
    RecordTime: 4,
  });
});

test('a failed attempt says about what, as far as that is known', () => {
  const { report, line } = keepingReport();
  report.onFailure(validRequest(), new Error('no table'), false);
  expect(line()).toMatchObject({
    level: 'ERROR',
    message: 'attempt failed',
    key: validRequest().source.key,
    lastAttempt: false,
    error: { message: 'no table' },
  });
  report.onFailure(null, 'odd', true);

  expect(line()).toMatchObject({ message: 'attempt failed', lastAttempt: true, error: 'odd' });
});

test('a handler process that is there, and one that ended', () => {
  const { report, line, metrics } = keepingReport();
  report.onHandlerReady({ pid: 12 });
  expect(line()).toMatchObject({ level: 'INFO', message: 'a process handles messages', pid: 12 });
  report.onHandlerEnded({ pid: 12 }, 'SIGKILL', 1000);

  expect(line()).toMatchObject({ level: 'ERROR', pid: 12, how: 'SIGKILL', againInMs: 1000 });
  expect(metrics()).toEqual({ HandlersEnded: 1 });
});
