import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorCode } from '../error-code.ts';
import { queueArn, UPLOADS_QUEUE } from '../names.ts';
import { S3Endpoint } from './endpoint.ts';
import { PortInUseError } from './errors.ts';
import type { ListedObject, LocalS3, StartS3Options } from './local-s3.ts';
import { Store } from './store/store.ts';

export type { BucketOptions, ListedObject, LocalS3, StartS3Options } from './local-s3.ts';

const MAX_HEADER_BYTES = 32 * 1024;
/**
 * Longer than the SDKs keep an idle connection, so that the client closes it and not the server.
 */
const KEEP_ALIVE_MS = 75_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Time that requests in progress get when the server closes. */
const CLOSE_GRACE_MS = 2000;

/**
 * Starts the S3 endpoint on a data folder. No other process may use that folder at the same time.
 *
 * @throws DamagedStoreError when a file of the data folder cannot be read
 * @throws PortInUseError
 * @example
 * const s3 = await startS3({ dataDir: '.autoswiftnet/s3', onEvent: (event) => queue(event) });
 * await s3.createBucket('autoswiftnet-uploads', { notifications: true });
 */
export async function startS3({
  dataDir,
  host = '127.0.0.1',
  port = 0,
  onEvent = () => {},
  eventsQueueArn = queueArn(UPLOADS_QUEUE),
  onError = (error) => console.error(error),
  allowedOrigins = [],
  clock = Date.now,
}: StartS3Options): Promise<LocalS3> {
  const store = await Store.open({ dataDir, clock });
  const endpoint = new S3Endpoint({ store, onEvent, eventsQueueArn, onError, allowedOrigins, clock });
  const server = createHttpServer(endpoint);
  const boundPort = await listen(server, host, port);
  let closing: Promise<void> | undefined;
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    createBucket: async (name, options) => {
      await store.createBucket(name, options);
      store.keep(name);
    },
    listObjects: (bucket) => listCurrent(store, bucket),
    expireVersions: (bucket, noncurrentDays) =>
      store.bucket(bucket).expireVersions(Math.trunc(clock()) - noncurrentDays * DAY_MS),
    close: () => {
      closing ??= closeServer(server).then(() => endpoint.settled());
      return closing;
    },
  };
}

function createHttpServer(endpoint: S3Endpoint): Server {
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => endpoint.handle(incoming, outgoing, false);
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS }, answer);
  server.requestTimeout = 0; // an upload may take any time
  server.on('checkContinue', (incoming, outgoing) => endpoint.handle(incoming, outgoing, true));
  return server;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') throw new PortInUseError(host, port, error);
    throw error;
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(deadline);
}

async function* listCurrent(store: Store, bucketName: string): AsyncGenerator<ListedObject> {
  const bucket = store.bucket(bucketName);
  for (const key of bucket.keys.snapshot()) {
    const [current] = bucket.versions(key);
    if (current === undefined) continue; // the key was deleted after the snapshot
    yield {
      key,
      versionId: current.versionId === 'null' ? null : current.versionId,
      sequencer: current.sequencer,
      eTag: current.eTag,
      size: current.size,
      lastModified: new Date(current.lastModified),
      deleted: current.deleteMarker,
    };
  }
}
