import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3EventRecord } from '../../../local/s3/events.ts';
import { type LocalS3, type StartS3Options, startS3 } from '../../../local/s3/server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  /** Sent unchanged, after the host of the endpoint. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface TestServer {
  readonly s3: LocalS3;
  readonly client: S3Client;
  readonly dataDir: string;
  /** The records of all notifications so far. */
  readonly events: S3EventRecord[];
  /** The causes of all answers with a 500. A test expects none. */
  readonly errors: unknown[];
  /** Sends a request with a well-formed signature, unless its headers say otherwise. */
  send(request: RawRequest): Promise<Answer>;
  /** Stops the server, keeps its data, and starts another one on it. */
  restart(options?: Partial<StartS3Options>): Promise<TestServer>;
  close(): Promise<void>;
}

/** A signature by an unknown key, which is as good as any. */
export const SIGNED = {
  authorization: `AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
};

/** Starts an S3 in its own folder, with the bucket `bucket` and notifications on. */
export async function startTestServer(options: Partial<StartS3Options> = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'autoswiftnet-s3-')));
  const events: S3EventRecord[] = [];
  const errors: unknown[] = [];
  const s3 = await startS3({
    onEvent: ({ Records }) => {
      events.push(...Records);
    },
    onError: (error) => errors.push(error),
    ...options,
    dataDir,
  });
  await s3.createBucket('bucket', { notifications: true });
  const client = newClient(s3.endpoint);
  const stop = async () => {
    client.destroy();
    await s3.close();
  };
  return {
    s3,
    client,
    dataDir,
    events,
    errors,
    send: (request) => send(s3.endpoint, request),
    restart: async (changed = {}) => {
      await stop();
      return startTestServer({ ...options, ...changed, dataDir });
    },
    close: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function newClient(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}

function send(endpoint: string, { method = 'GET', path, headers = SIGNED, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const isMeasured = body === undefined || headers['transfer-encoding'] !== undefined;
  const length = isMeasured ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: hostname, port, method, path, headers: { ...length, ...headers }, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Returns the code of S3's error document. */
export function codeOf({ body }: Answer): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(body)?.[1];
}
