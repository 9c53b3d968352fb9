import { CreateTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import * as deadLetterQueue from '../functions/dead-letters/queue.ts';
import * as heavyQueue from '../functions/gpu-worker/queue.ts';
import * as uploadsQueue from '../functions/tag-upload/queue.ts';
import { localSns, localSqs } from './clients.ts';
import { guardServer, replaceListeners, sendProblem } from './guard.ts';
import { asPortFault, portOf } from './listen.ts';
import {
  DEAD_LETTERS_SUFFIX,
  HEAVY_QUEUE,
  HOST,
  queueArn,
  REGION,
  RESULTS_TOPIC,
  UPLOADS_DEAD_LETTERS,
  UPLOADS_PARKED,
  UPLOADS_QUEUE,
} from './names.ts';

/** SQS and SNS, which share one port. */
export interface Messaging {
  readonly endpoint: string;
  /** URLs by queue name, including the dead-letter queues and the parked messages. */
  readonly queueUrls: Readonly<Record<string, string>>;
  readonly resultsTopicArn: string;
  readonly sqs: SQSClient;
  close(): Promise<void>;
}

const SECONDS_PER_DAY = 86_400;

/**
 * Each queue that something reads, with the settings that its reader needs, and where messages go
 * after the last attempt. A queue comes after the one where its dead letters go.
 */
const QUEUES = [
  { name: UPLOADS_DEAD_LETTERS, reader: deadLetterQueue, deadLetters: UPLOADS_PARKED },
  { name: UPLOADS_QUEUE, reader: uploadsQueue, deadLetters: UPLOADS_DEAD_LETTERS },
  { name: HEAVY_QUEUE, reader: heavyQueue, deadLetters: `${HEAVY_QUEUE}${DEAD_LETTERS_SUFFIX}` },
];

/**
 * Starts SQS and SNS with our queues and our topic, in memory. Queued messages are lost when the
 * process ends; at the next start `reconcile` finds the unfinished work again.
 * @param port 0 means any free port
 * @throws {PortTakenError}
 */
export async function startMessaging(port = 0): Promise<Messaging> {
  const app = buildApp({ logger: false, defaultRegion: REGION });
  onlySignedActions(app.server);
  guardServer(app.server);
  await app.listen({ host: HOST, port }).catch((error: unknown) => {
    throw asPortFault(error, port);
  });
  const endpoint = `http://${HOST}:${portOf(app.server)}`;
  const sqs = localSqs(endpoint);
  const sns = localSns(endpoint);
  return {
    endpoint,
    queueUrls: await createQueues(sqs),
    resultsTopicArn: await createTopic(sns),
    sqs,
    async close() {
      sqs.destroy();
      sns.destroy();
      await app.close();
    },
  };
}

/**
 * Lets only signed SQS and SNS actions through. fauxqs also has an S3 of its own, and shows its
 * queues to everyone.
 */
function onlySignedActions(server: Parameters<typeof replaceListeners>[0]): void {
  replaceListeners(server, (request, response, proceed) => {
    if (request.method !== 'POST' || request.url !== '/') {
      sendProblem(
        response,
        404,
        'not-found',
        'SQS and SNS accept only POST requests to /; in the AWS SDK, set useQueueUrlAsEndpoint: false',
      );
    } else if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
      sendProblem(
        response,
        403,
        'missing-authentication-token',
        'the request is not signed; sign it with any access key',
      );
    } else {
      proceed();
    }
  });
}

async function createQueues(sqs: SQSClient): Promise<Record<string, string>> {
  const urls: Record<string, string> = {};
  for (const { name, reader, deadLetters } of QUEUES) {
    urls[deadLetters] ??= await createQueue(sqs, deadLetters, {
      MessageRetentionPeriod: String(uploadsQueue.DEAD_LETTER_RETENTION_DAYS * SECONDS_PER_DAY),
    });
    urls[name] = await createQueue(sqs, name, {
      VisibilityTimeout: String(reader.VISIBILITY_TIMEOUT_SECONDS),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn(deadLetters),
        maxReceiveCount: reader.MAX_RECEIVE_COUNT,
      }),
    });
  }
  return urls;
}

async function createQueue(sqs: SQSClient, name: string, attributes: Record<string, string>): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  if (QueueUrl === undefined) throw new TypeError(`CreateQueue ${name} returned no URL`);
  return QueueUrl;
}

async function createTopic(sns: SNSClient): Promise<string> {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: RESULTS_TOPIC }));
  if (TopicArn === undefined) throw new TypeError(`CreateTopic ${RESULTS_TOPIC} returned no ARN`);
  return TopicArn;
}
