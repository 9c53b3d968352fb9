import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { SelfTestError } from '../../../classifier/errors.ts';
import { MAX_RECEIVE_COUNT as HEAVY_RECEIVES } from '../../../functions/gpu-worker/queue.ts';
import { createWorkerReport } from '../../../functions/gpu-worker/report.ts';
import { createLimitReport } from '../../../functions/limit-gpu-hours/report.ts';
import { METRICS_NAMESPACE, SERVICE } from '../../../functions/metric-names.ts';
import { openAtInit } from '../../../functions/open-at-init.ts';
import { MAX_RECEIVE_COUNT as UPLOAD_RECEIVES } from '../../../functions/tag-upload/queue.ts';
import { startMessaging } from '../../../local/messaging.ts';
import { HEAVY_QUEUE, UPLOADS_DEAD_LETTERS, UPLOADS_PARKED, UPLOADS_QUEUE } from '../../../local/names.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { resourcesOf, useAssemblies } from '../assemblies.ts';
import { type Alarm, isRaised, type Point } from './evaluate-alarm.ts';

const assembly = useAssemblies();
const STACK = 'AutoSwiftNet';
const silent = new Logger({ logLevel: 'SILENT' });

/** Runs something that counts, and returns what CloudWatch makes of its lines. */
async function counted(act: (metrics: Metrics) => unknown): Promise<Point[]> {
  const points: Point[] = [];
  class Kept extends Metrics {
    override publishStoredMetrics(): this {
      const { _aws, ...fields } = this.serializeMetrics();
      for (const { Namespace: namespace, Dimensions, Metrics: names } of _aws.CloudWatchMetrics) {
        const dimensions = Object.fromEntries(Dimensions[0].map((name) => [name, String(fields[name])]));
        for (const { Name } of names) points.push({ namespace, name: Name, dimensions, value: Number(fields[Name]) });
      }
      this.clearMetrics();
      return this;
    }
  }
  const metrics = new Kept({
    namespace: METRICS_NAMESPACE,
    serviceName: SERVICE,
    defaultDimensions: { stack: STACK },
  });
  await act(metrics);
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  return points;
}

const MODEL = {
  name: 'big',
  packageDir: '/big',
  manifest: validManifest(),
  hierarchy: null,
  graph: 'model.onnx',
  provider: 'cuda',
  refusals: [],
  sizes: null,
  fallback: null,
} as const;

const USAGE = { day: '2026-11-27', minutes: 480, countedAt: '2026-11-27T08:00:00Z', stopped: false };

const FALLBACK = { kind: 'fp32', reason: new SelfTestError('wrong') } as const;

/** The logical names of the queues in the template begin so. */
const LOGICAL = {
  uploads: { name: UPLOADS_QUEUE, logical: /^UploadsQueue/ },
  uploadsDead: { name: UPLOADS_DEAD_LETTERS, logical: /^UploadsDeadLetters/ },
  parked: { name: UPLOADS_PARKED, logical: /^UploadsParked/ },
  heavy: { name: HEAVY_QUEUE, logical: /^HeavyQueue[0-9A-F]{8}$/ },
  heavyDead: { name: `${HEAVY_QUEUE}-dead-letters`, logical: /^HeavyQueueDeadLetters/ },
} as const;

type QueueKey = keyof typeof LOGICAL;

/**
 * Sends one message to a real SQS and receives it so often. Returns what SQS reports of all queues
 * after that many minutes.
 */
async function queued(to: QueueKey, receives: number, minutes: number): Promise<Point[]> {
  const messaging = await startMessaging();
  try {
    const { sqs, queueUrls } = messaging;
    const url = (key: QueueKey) => queueUrls[LOGICAL[key].name];
    await sqs.send(new SendMessageCommand({ QueueUrl: url(to), MessageBody: '{}' }));
    for (let count = 0; count < receives; count += 1) {
      await sqs.send(new ReceiveMessageCommand({ QueueUrl: url(to), VisibilityTimeout: 0 }));
    }
    const points: Point[] = [];
    for (const key of Object.keys(LOGICAL) as QueueKey[]) {
      const names: QueueAttributeName[] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url(key), AttributeNames: names }),
      );
      const [visible, hidden] = names.map((name) => Number(Attributes[name]));
      const at = { namespace: 'AWS/SQS', dimensions: { QueueName: LOGICAL[key].logical } };
      points.push(
        { ...at, name: 'ApproximateNumberOfMessagesVisible', value: visible ?? 0 },
        { ...at, name: 'ApproximateNumberOfMessagesNotVisible', value: hidden ?? 0 },
        { ...at, name: 'ApproximateAgeOfOldestMessage', value: (visible ?? 0) + (hidden ?? 0) > 0 ? minutes * 60 : 0 },
        { ...at, name: 'NumberOfMessagesDeleted', value: 0 },
      );
    }
    return points;
  } finally {
    await messaging.close();
  }
}

function lambda(functionName: RegExp, values: Readonly<Record<string, number>>): Point[] {
  const dimensions = { FunctionName: functionName, Resource: /./ };
  return Object.entries(values).map(([name, value]) => ({ namespace: 'AWS/Lambda', name, dimensions, value }));
}

function api(values: Readonly<Record<string, number>>): Point[] {
  return Object.entries(values).map(([name, value]) => {
    return { namespace: 'AWS/ApiGateway', name, dimensions: { ApiId: /./ }, value };
  });
}

function backfillRuns(values: Readonly<Record<string, number>>): Point[] {
  return Object.entries(values).map(([name, value]) => {
    return { namespace: 'AWS/States', name, dimensions: { StateMachineArn: /^Backfill/ }, value };
  });
}

const TASKS: Point = {
  namespace: 'AWS/ECS',
  name: 'CPUUtilization',
  dimensions: { ClusterName: /./, ServiceName: /./ },
  value: 5,
};

interface Happening {
  /** What moves the alarm's metric. */
  readonly happens: () => Promise<Point[]> | Point[];
  /** Something near it that must not raise the alarm. */
  readonly almost: () => Promise<Point[]> | Point[];
}

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  ApiErrors: { happens: () => api({ '5xx': 6, Count: 100 }), almost: () => api({ '5xx': 5, Count: 100 }) },
  ApiSlow: { happens: () => api({ Latency: 10_001 }), almost: () => api({ Latency: 10_000 }) },
  BackfillFailed: {
    happens: () => backfillRuns({ ExecutionsFailed: 1, ExecutionsTimedOut: 0 }),
    almost: () => backfillRuns({ ExecutionsFailed: 0, ExecutionsTimedOut: 0, ExecutionsAborted: 1 }),
  },
  GpuHoursUsedUp: {
    happens: () => counted((metrics) => createLimitReport(silent, metrics, 8).onUsedUp(USAGE)),
    almost: () => counted((metrics) => createLimitReport(silent, metrics, 8).onResumed(USAGE)),
  },
  GpuIdle: { happens: async () => [TASKS], almost: async () => [TASKS, ...(await queued('heavy', 1, 0))] },
  GpuLimitFails: {
    happens: () => lambda(/^HeavyLimit/, { Errors: 1 }),
    almost: () => lambda(/^HeavyLimit/, { Errors: 0 }),
  },
  HeavyDead: {
    happens: () => queued('heavy', HEAVY_RECEIVES + 1, 1),
    almost: () => queued('heavy', HEAVY_RECEIVES, 1),
  },
  HeavyOld: { happens: () => queued('heavy', 0, 61), almost: () => queued('heavy', 0, 60) },
  HeavyStuck: {
    happens: () => queued('heavy', 0, 1),
    almost: async () =>
      (await queued('heavy', 0, 1)).map((point) =>
        point.name === 'NumberOfMessagesDeleted' ? { ...point, value: 1 } : point,
      ),
  },
  ModelFallback: {
    happens: () =>
      counted((metrics) =>
        openAtInit(async () => ({ manifest: validManifest(), fallback: FALLBACK }), silent, metrics),
      ),
    almost: () =>
      counted((metrics) => openAtInit(async () => ({ manifest: validManifest(), fallback: null }), silent, metrics)),
  },
  ModelNotOpened: {
    happens: () => counted((metrics) => createWorkerReport(silent, metrics).onNotOpened(new Error('no file'))),
    almost: () => counted((metrics) => createWorkerReport(silent, metrics).onOpened(MODEL, 1, 32)),
  },
  OpenedOnCpu: {
    happens: () =>
      counted((metrics) => createWorkerReport(silent, metrics).onOpened({ ...MODEL, provider: 'cpu' }, 1, 32)),
    almost: () => counted((metrics) => createWorkerReport(silent, metrics).onOpened(MODEL, 1, 32)),
  },
  SelfTestFailed: {
    happens: () =>
      counted((metrics) =>
        openAtInit(() => Promise.reject(new SelfTestError('wrong')), silent, metrics).catch(() => {}),
      ),
    almost: () => counted((metrics) => openAtInit(() => Promise.reject(new Error('no file')), silent, metrics)),
  },
  TaggingErrors: {
    happens: () => lambda(/^TaggingTagUpload/, { Errors: 6, Invocations: 100 }),
    almost: () => lambda(/^TaggingTagUpload/, { Errors: 5, Invocations: 100 }),
  },
  TaggingSlow: {
    happens: () => lambda(/^TaggingTagUpload/, { Duration: 60_001 }),
    almost: () => lambda(/^TaggingTagUpload/, { Duration: 60_000 }),
  },
  UploadsDead: {
    happens: () => queued('uploads', UPLOAD_RECEIVES + 1, 1),
    almost: () => queued('uploads', UPLOAD_RECEIVES, 1),
  },
  UploadsOld: { happens: () => queued('uploads', 0, 16), almost: () => queued('uploads', 0, 15) },
  UploadsParked: { happens: () => queued('parked', 0, 1), almost: () => queued('uploads', 0, 1) },
};

function alarms(): Map<string, Alarm> {
  const found = resourcesOf(assembly().template, 'AWS::CloudWatch::Alarm', 'Monitoring');
  return new Map(
    found.map(({ Properties, Metadata }) => [
      (Metadata?.['aws:cdk:path'] ?? '').split('/')[2] ?? '',
      Properties as unknown as Alarm,
    ]),
  );
}

test('there is something that moves each alarm', () => {
  expect([...alarms().keys()].sort()).toEqual(Object.keys(HAPPENINGS).sort());
});

test.each(Object.entries(HAPPENINGS))('%s is raised by what it is about, and by nothing less', async (name, given) => {
  const alarm = alarms().get(name);
  if (alarm === undefined) throw new Error(`there is no alarm ${name}`);

  expect([isRaised(alarm, await given.almost()), isRaised(alarm, await given.happens())]).toEqual([false, true]);
});
