import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { DEFAULT_NONCURRENT_DAYS } from '../functions/tag-upload/bucket.ts';
import type { Closers } from './closers.ts';
import { startDynamoDb } from './dynamodb.ts';
import { type FunctionReport, toFault } from './function-log.ts';
import { preferPort } from './listen.ts';
import { type Messaging, startMessaging } from './messaging.ts';
import { HEAVY_QUEUE, SERVICE_BUCKET, UPLOADS_BUCKET, UPLOADS_QUEUE } from './names.ts';
import { type LocalS3, startS3 } from './s3/server.ts';
import type { LocalDynamoDb } from './serve-dynamodb.ts';

/** The local stand-ins for AWS services. */
export interface Services {
  readonly dynamodb: LocalDynamoDb;
  readonly messaging: Messaging;
  readonly s3: LocalS3;
  readonly endpoints: { readonly s3: string; readonly sqs: string; readonly sns: string; readonly dynamodb: string };
}

export interface ServiceOptions {
  readonly dataDir: string;
  readonly gatewayPort: number;
  /** Whether the services use any free ports instead of those after the port of the gateway. */
  readonly anyPorts: boolean;
  /** Origins whose pages may upload, besides the page of the gateway. Default: none. */
  readonly allowedOrigins?: readonly string[];
  readonly onReport: (report: FunctionReport) => void;
}

const MAX_PORT = 65_535;

/**
 * Starts S3, SQS, SNS and DynamoDB, with the buckets, queues, topic and table that the functions
 * use. The events of the watched bucket go to the uploads queue.
 */
export async function startServices(
  { dataDir, gatewayPort, anyPorts, allowedOrigins = [], onReport }: ServiceOptions,
  closers: Closers,
): Promise<Services> {
  const beside = (offset: number) => (anyPorts || gatewayPort + offset > MAX_PORT ? 0 : gatewayPort + offset);

  const dynamodb = await preferPort(beside(3), (port) =>
    startDynamoDb({
      dataDir: join(dataDir, 'dynamodb'),
      port,
      onRebuild: () => onReport({ kind: 'notice', text: 'copying the records once, into a table with another index' }),
    }),
  );
  closers.push(dynamodb.close);
  const messaging = await preferPort(beside(2), startMessaging);
  closers.push(messaging.close);

  const s3 = await preferPort(beside(1), (port) =>
    startS3({
      dataDir: join(dataDir, 's3'),
      port,
      allowedOrigins: [...['127.0.0.1', 'localhost'].map((host) => `http://${host}:${gatewayPort}`), ...allowedOrigins],
      onEvent: async (notification) => {
        const message = { QueueUrl: uploadsQueueUrl(messaging), MessageBody: JSON.stringify(notification) };
        await messaging.sqs.send(new SendMessageCommand(message));
      },
      onError: (error) => onReport(toFault(error)),
    }),
  );
  closers.push(() => s3.close());
  await s3.createBucket(UPLOADS_BUCKET, { versioned: true, notifications: true });
  await s3.expireVersions(UPLOADS_BUCKET, DEFAULT_NONCURRENT_DAYS);
  await s3.createBucket(SERVICE_BUCKET, { notifications: false });
  const endpoints = {
    s3: s3.endpoint,
    sqs: messaging.endpoint,
    sns: messaging.endpoint,
    dynamodb: dynamodb.endpoint,
  };
  return { dynamodb, messaging, s3, endpoints };
}

export function uploadsQueueUrl({ queueUrls }: Messaging): string {
  return queueUrls[UPLOADS_QUEUE] ?? '';
}

export function heavyQueueUrl({ queueUrls }: Messaging): string {
  return queueUrls[HEAVY_QUEUE] ?? '';
}
