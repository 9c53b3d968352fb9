import { createServer, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from '../../local/listen.ts';

const SERVICES = ['s3', 'dynamodb', 'sqs', 'sns'] as const;

/** Proxies in front of the services that record every call. */
export interface Recorders {
  /**
   * Each operation that was called, such as `s3:GetObject` or `dynamodb:PutItem`, with `+version`
   * added for one version of an object.
   */
  readonly calls: ReadonlySet<string>;
  /** Variables that lead the clients of an SDK to these proxies. */
  readonly variables: Readonly<Record<EndpointVariable, string>>;
  close(): Promise<void>;
}

export type EndpointVariable = `AWS_ENDPOINT_URL_${Uppercase<(typeof SERVICES)[number]>}`;

interface Recorder {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Operations of S3 that the SDK does not name in the URL (`x-id`), by method and sub-resource. */
const S3_OPERATIONS: Readonly<Record<string, string>> = {
  'GET ?tagging': 'GetObjectTagging',
  'PUT ?tagging': 'PutObjectTagging',
  HEAD: 'HeadObject',
  'GET ?list-type': 'ListObjectsV2',
};

/** @param targets endpoints of the services */
export async function startRecorders(targets: Readonly<Record<(typeof SERVICES)[number], string>>): Promise<Recorders> {
  const calls = new Set<string>();
  const recorders = await Promise.all(
    SERVICES.map(async (service) => [service, await startRecorder(service, targets[service], calls)] as const),
  );
  const variables = recorders.map(([service, { endpoint }]) => [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, endpoint]);
  return {
    calls,
    variables: Object.fromEntries(variables),
    async close() {
      await Promise.all(recorders.map(([, recorder]) => recorder.close()));
    },
  };
}

/** Passes requests to a service and records the operation of each. */
async function startRecorder(service: string, target: string, calls: Set<string>): Promise<Recorder> {
  const server = createServer((incoming, outgoing) => {
    void pass(incoming).catch(() => outgoing.destroy());

    async function pass(incoming: IncomingMessage): Promise<void> {
      const body = await buffer(incoming);
      calls.add(`${service}:${operationOf(incoming, body)}`);
      const { method, url, headers } = incoming;
      const passed = request(new URL(url ?? '/', target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      passed.end(body);
    }
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function operationOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.indexOf('.') + 1);
  const { searchParams } = new URL(url, 'http://any');
  const action = new URLSearchParams(body.toString('latin1')).get('Action');
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') && action !== null) return action;
  const resource = ['tagging', 'list-type'].find((name) => searchParams.has(name));
  const operation = searchParams.get('x-id') ?? S3_OPERATIONS[resource ? `${method} ?${resource}` : method];
  return `${operation ?? `${method} ${url}`}${searchParams.has('versionId') ? '+version' : ''}`;
}
