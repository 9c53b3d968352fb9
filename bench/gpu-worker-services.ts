/**
 * The embedded services, each in a process of its own: they are single-threaded, and together they
 * need more processor time than one core has while a GPU is kept busy.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { localDynamoDb, localSqs } from '../local/clients.ts';
import { startDynamoDb } from '../local/dynamodb.ts';
import { startMessaging } from '../local/messaging.ts';
import { SERVICE_BUCKET, UPLOADS_BUCKET } from '../local/names.ts';
import { startS3 } from '../local/s3/server.ts';
import type { StartWorldServices } from '../test/functions/gpu-worker/heavy-world.ts';

/** The first argument of a process that is one service. */
export const SERVICE = '--service';

const SERVICES = ['s3', 'dynamodb', 'messaging'] as const;

export type ServiceName = (typeof SERVICES)[number];

/** How a service is reached. The queues and the topic are those of `messaging`. */
interface Started {
  readonly endpoint: string;
  readonly queueUrls?: Readonly<Record<string, string>>;
  readonly resultsTopicArn?: string;
}

/** Runs one service until the process that started it is gone. */
export async function serve(name: string, dataDir: string): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  process.send?.(await start(name, dataDir));
}

async function start(name: string, dataDir: string): Promise<Started> {
  switch (name) {
    case 's3': {
      const s3 = await startS3({ dataDir });
      await s3.createBucket(UPLOADS_BUCKET, { versioned: true, notifications: false });
      await s3.createBucket(SERVICE_BUCKET, { notifications: false });
      return { endpoint: s3.endpoint };
    }
    case 'dynamodb': {
      const { endpoint } = await startDynamoDb({ dataDir });
      return { endpoint };
    }
    case 'messaging': {
      const { endpoint, queueUrls, resultsTopicArn } = await startMessaging();
      return { endpoint, queueUrls, resultsTopicArn };
    }
    default:
      throw new TypeError(`expected one of ${SERVICES.join(', ')}, got ${name}`);
  }
}

/**
 * Makes the function that starts the services for a world.
 * @param program starts {@link serve} when its first argument is {@link SERVICE}
 * @param pids gets the id of each process
 */
export function serviceProcesses(program: string, pids: Map<ServiceName, number>): StartWorldServices {
  return async (dataDir, closers) => {
    const one = async (name: ServiceName): Promise<Started> => {
      // dynalite calls url.parse().
      const child = fork(program, [SERVICE, name, join(dataDir, name)], { execArgv: ['--no-deprecation'] });
      closers.push(async () => {
        child.kill('SIGKILL');
      });
      pids.set(name, child.pid ?? 0);
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`the service ${name} ended with exit code ${code} before it was ready`);
      });
      ended.catch(() => {});
      const [started] = await Promise.race([once(child, 'message'), ended]);
      return started;
    };
    const [s3, dynamodb, messaging] = await Promise.all([one('s3'), one('dynamodb'), one('messaging')]);
    const { endpoint, queueUrls = {}, resultsTopicArn = '' } = messaging;
    const [client, sqs] = [localDynamoDb(dynamodb.endpoint), localSqs(endpoint)];
    closers.push(async () => {
      client.destroy();
      sqs.destroy();
    });
    return {
      endpoints: { s3: s3.endpoint, dynamodb: dynamodb.endpoint, sqs: endpoint, sns: endpoint },
      messaging: { sqs, queueUrls, resultsTopicArn },
      dynamodb: { client },
    };
  };
}
