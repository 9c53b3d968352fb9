import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as uploadsQueue from '../../functions/tag-upload/queue.ts';
import { localSns } from '../../local/clients.ts';
import { type Closers, startAll } from '../../local/closers.ts';
import { startEventSource } from '../../local/event-source.ts';
import { functionEnvironment } from '../../local/function-environment.ts';
import { startFunctionInstance } from '../../local/function-host.ts';
import { moduleUrl } from '../../local/module-url.ts';
import {
  CREDENTIALS,
  DEAD_LETTERS_SUFFIX,
  queueArn,
  REGION,
  TABLE,
  UPLOADS_BUCKET,
  UPLOADS_QUEUE,
} from '../../local/names.ts';
import { startServices, uploadsQueueUrl } from '../../local/services.ts';
import type { FaultPlan } from './fault-plan.ts';
import { type Found, findEverything } from './found.ts';
import { type Proxies, startProxies } from './proxies.ts';

/** The tagging function on the embedded services, with proxies in between. */
export interface FaultWorld {
  /** A user's client, which talks to S3 without a proxy. */
  readonly s3: S3Client;
  readonly proxies: Proxies;
  /** What the function has written, line by line, and the faults of its event source. */
  readonly printed: readonly string[];
  /** Waits until the uploads queue is empty, and returns what the services hold then. */
  findWhenQuiet(): Promise<Found>;
  close(): Promise<void>;
}

export interface FaultWorldOptions {
  readonly packageDir: string;
  readonly plan: FaultPlan;
}

const RESULTS_QUEUE = 'audit-results';
/** How often in a row the queue must be empty. */
const QUIET_LOOKS = 3;
const LOOK_INTERVAL_MS = 100;

export async function openFaultWorld({ packageDir, plan }: FaultWorldOptions): Promise<FaultWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-faults-'));
  return startAll((closers) => {
    closers.push(() => rm(dataDir, { recursive: true, force: true }));
    return bringUp(dataDir, packageDir, plan, closers);
  });
}

async function bringUp(
  dataDir: string,
  packageDir: string,
  plan: FaultPlan,
  closers: Closers,
): Promise<Omit<FaultWorld, 'close'>> {
  const printed: string[] = [];
  const onReport = (report: object) => printed.push(JSON.stringify(report));
  const services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport }, closers);
  const { messaging, endpoints, dynamodb } = services;
  const proxies = await startProxies(endpoints, plan);
  closers.push(proxies.close);
  const s3 = new S3Client({ endpoint: endpoints.s3, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
  closers.push(async () => s3.destroy());
  const { sqs, queueUrls, resultsTopicArn } = messaging;
  const { QueueUrl: resultsQueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: RESULTS_QUEUE }));
  await subscribe(endpoints.sns, resultsTopicArn);

  const instance = startFunctionInstance({
    name: 'tag-upload',
    handler: moduleUrl('../functions/tag-upload/handler'),
    environment: functionEnvironment({
      variables: process.env,
      packageDir,
      endpoints: proxies.endpoints,
      resultsTopicArn,
      heavy: null,
    }),
    timeoutMs: uploadsQueue.FUNCTION_TIMEOUT_SECONDS * 1000,
    onLine: (line) => printed.push(line),
  });
  closers.push(() => instance.close(0));
  await instance.ready();
  const queueUrl = uploadsQueueUrl(messaging);
  const source = startEventSource({
    sqs,
    queueUrl,
    queueArn: queueArn(UPLOADS_QUEUE),
    instances: [instance],
    batchSize: uploadsQueue.DEFAULT_BATCH_SIZE,
    retryDelaySeconds: 0,
    onError: (error) => printed.push(String(error)),
  });
  closers.push(() => source.stop());

  const audited = {
    s3,
    bucket: UPLOADS_BUCKET,
    table: DynamoDBDocumentClient.from(dynamodb.client),
    tableName: TABLE,
    sqs,
    resultsQueueUrl,
    queueUrls: pick(queueUrls, [UPLOADS_QUEUE, `${UPLOADS_QUEUE}${DEAD_LETTERS_SUFFIX}`]),
  };
  return {
    s3,
    proxies,
    printed,
    async findWhenQuiet() {
      for (let quiet = 0; quiet < QUIET_LOOKS; ) {
        await delay(LOOK_INTERVAL_MS);
        quiet = (await countIn(queueUrl)) === 0 ? quiet + 1 : 0;
      }
      return findEverything(audited);
    },
  };

  async function countIn(QueueUrl: string): Promise<number> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  }
}

async function subscribe(endpoint: string, topicArn: string): Promise<void> {
  const sns = localSns(endpoint);
  await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'sqs',
      Endpoint: queueArn(RESULTS_QUEUE),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  sns.destroy();
}

function pick(urls: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, urls[name] ?? '']));
}
