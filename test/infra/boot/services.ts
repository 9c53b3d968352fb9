import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { openRecordStore, type RecordStore } from '../../../functions/records/store.ts';
import { startDynamoDb } from '../../../local/dynamodb.ts';
import { startMessaging } from '../../../local/messaging.ts';
import {
  HEAVY_QUEUE,
  queueArn,
  REGION,
  SERVICE_BUCKET,
  TABLE,
  UPLOADS_BUCKET,
  UPLOADS_QUEUE,
} from '../../../local/names.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { toSqsEvent } from '../../../local/sqs-event.ts';
import type { FaultPlan } from '../../faults/fault-plan.ts';
import { type Proxies, startProxies } from '../../faults/proxies.ts';
import type { Template } from '../assemblies.ts';

/** The embedded services, without functions. */
export interface BootServices {
  readonly s3: S3Client;
  readonly records: RecordStore;
  readonly table: DynamoDBDocumentClient;
  /** How often each function called each operation, by the function's name. */
  readonly calls: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly resultsTopicArn: string;
  readonly queueUrls: Readonly<Record<string, string>>;
  /** URLs of the services themselves. */
  readonly endpoints: { readonly s3: string; readonly dynamodb: string; readonly sqs: string; readonly sns: string };
  /**
   * Starts proxies for one function, whose calls are counted.
   * @param plan what happens to the calls; if left out, they are only counted
   */
  proxiesFor(name: string, plan?: FaultPlan): Promise<Pick<Proxies, 'endpoints' | 'variables'>>;
  /** Creates one more watched bucket, which has no versions yet. */
  createBucket(name: string): Promise<void>;
  /** Returns what was uploaded since the last call, as one batch of the uploads queue. */
  takeEvent(): SQSEvent;
  /** Replaces a reference in a function's variables by its value here. */
  resolve(template: Template, reference: string | { readonly Ref: string }): string;
  close(): Promise<void>;
}

export async function startServices(folder: string): Promise<BootServices> {
  const dynamodb = await startDynamoDb({ dataDir: join(folder, 'dynamodb') });
  const messaging = await startMessaging();
  let bodies: string[] = [];
  const local = await startS3({
    dataDir: join(folder, 's3'),
    port: 0,
    allowedOrigins: [],
    onEvent: async (notification) => {
      bodies.push(JSON.stringify(notification));
    },
    onError: (error) => {
      throw error;
    },
  });
  await local.createBucket(UPLOADS_BUCKET, { notifications: true });
  await local.createBucket(SERVICE_BUCKET, { notifications: false });
  const s3 = new S3Client({
    endpoint: local.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
    forcePathStyle: true,
  });
  const table = DynamoDBDocumentClient.from(dynamodb.client);
  const calls = new Map<string, ReadonlyMap<string, number>>();
  const proxies: Proxies[] = [];
  const { endpoint: queues } = messaging;
  const targets = { s3: local.endpoint, dynamodb: dynamodb.endpoint, sqs: queues, sns: queues };
  return {
    s3,
    records: openRecordStore(table, TABLE),
    table,
    calls,
    resultsTopicArn: messaging.resultsTopicArn,
    queueUrls: messaging.queueUrls,
    endpoints: targets,
    async proxiesFor(name, plan) {
      const started = await startProxies(targets, plan);
      proxies.push(started);
      calls.set(name, started.calls);
      return started;
    },
    createBucket: (name) => local.createBucket(name, { notifications: true }),
    takeEvent() {
      const messages = bodies.map((Body) => ({ MessageId: randomUUID(), ReceiptHandle: randomUUID(), Body }));
      bodies = [];
      return toSqsEvent(messages, queueArn(UPLOADS_QUEUE));
    },
    resolve({ Resources }, reference) {
      if (typeof reference === 'string') return reference;
      const resource = Resources[reference.Ref];
      const isOfJobs = resource?.Metadata?.['aws:cdk:path']?.includes('/Service/') ?? false;
      const standIns: Record<string, string | undefined> = {
        'AWS::DynamoDB::Table': TABLE,
        'AWS::SNS::Topic': messaging.resultsTopicArn,
        'AWS::S3::Bucket': isOfJobs ? SERVICE_BUCKET : UPLOADS_BUCKET,
        'AWS::SQS::Queue': messaging.queueUrls[HEAVY_QUEUE],
      };
      const standIn = standIns[resource?.Type ?? ''];
      if (standIn === undefined) throw new Error(`expected a resource that has a stand-in, found ${reference.Ref}`);
      return standIn;
    },
    async close() {
      s3.destroy();
      await Promise.all(proxies.map((recorded) => recorded.close()));
      await local.close();
      await messaging.close();
      await dynamodb.close();
    },
  };
}
