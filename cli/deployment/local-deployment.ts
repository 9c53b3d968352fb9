import { S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../../classifier/message-of.ts';
import { healthSchema } from '../../functions/wire.ts';
import { localDynamoDb, localSns, localSqs } from '../../local/clients.ts';
import { CREDENTIALS, DEAD_LETTERS_SUFFIX, DEFAULT_PORT, REGION, RESULTS_TOPIC, topicArn } from '../../local/names.ts';
import { join } from '../remote-api.ts';
import type { Deployment, WorkQueue } from './deployment.ts';
import { DeploymentNotFoundError } from './errors.ts';

/** Where `autoswiftnet start` answers if nothing else is said. */
export const DEFAULT_LOCAL_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

const NAME_PREFIX = 'autoswiftnet-';
const PARKED_SUFFIX = '-parked';

/** What `GET /health` of a local stack adds. */
interface LocalParts {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly bucket: string;
  readonly queues: Readonly<Record<string, string>>;
  readonly table: string;
}

/**
 * Finds a local stack by what its `GET /health` says.
 * @throws {DeploymentNotFoundError} when nothing answers there, or something else does
 */
export async function openLocalDeployment(url: URL, signal?: AbortSignal): Promise<Deployment> {
  const health = await readParts(url, signal);
  const endpoint = (service: string): string => {
    const found = health.endpoints[service];
    if (found === undefined) throw notLocal(url, `it names no endpoint of ${service}`);
    return found;
  };
  return {
    name: `the local stack at ${url.origin}`,
    option: url.origin === DEFAULT_LOCAL_URL ? '' : ` --url ${url.origin}`,
    apiUrl: url,
    bucket: health.bucket,
    table: health.table,
    resultsTopicArn: topicArn(RESULTS_TOPIC),
    ...queuesOf(health.queues),
    clients: {
      s3: new S3Client({
        endpoint: endpoint('s3'),
        region: REGION,
        credentials: CREDENTIALS,
        forcePathStyle: true,
        useFipsEndpoint: false,
        useDualstackEndpoint: false,
      }),
      sqs: localSqs(endpoint('sqs')),
      sns: localSns(endpoint('sns')),
      dynamodb: localDynamoDb(endpoint('dynamodb')),
    },
    aws: null,
    endpoints: health.endpoints,
  };
}

/** Pairs each queue with its dead letters. */
export function queuesOf(urls: Readonly<Record<string, string>>): Pick<Deployment, 'queues' | 'parkedUrl'> {
  const queues: WorkQueue[] = [];
  let parkedUrl: string | null = null;
  for (const [name, url] of Object.entries(urls)) {
    const deadLettersUrl = urls[`${name}${DEAD_LETTERS_SUFFIX}`];
    if (deadLettersUrl !== undefined) queues.push({ name: name.replace(NAME_PREFIX, ''), url, deadLettersUrl });
    if (name.endsWith(PARKED_SUFFIX)) parkedUrl = url;
  }
  return { queues, parkedUrl };
}

async function readParts(url: URL, signal?: AbortSignal): Promise<LocalParts> {
  const address = join(url, 'health');
  let body: unknown;
  try {
    const answer = await fetch(address, { redirect: 'error', ...(signal === undefined ? {} : { signal }) });
    body = await answer.json();
  } catch (cause) {
    signal?.throwIfAborted();
    const told = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new DeploymentNotFoundError(
      `no local stack answers at ${address.href}: ${messageOf(told)}`,
      'Start it with: npx autoswiftnet start. If it runs on another port, add --url http://127.0.0.1:PORT. For a stack on AWS, add --stack NAME.',
      cause,
    );
  }
  const { data } = healthSchema.safeParse(body);
  if (data === undefined) throw notLocal(url, 'its GET /health answers something else');
  const { endpoints, bucket, queues, table } = data;
  if (endpoints === undefined || bucket === undefined || queues === undefined || table === undefined) {
    throw notLocal(url, 'its GET /health names no services');
  }
  return { endpoints, bucket, queues, table };
}

function notLocal(url: URL, why: string): DeploymentNotFoundError {
  return new DeploymentNotFoundError(
    `${url.origin} is not a local stack that is ready: ${why}`,
    'If it has just been started, try again. For a stack on AWS, use --stack NAME in place of --url.',
  );
}
