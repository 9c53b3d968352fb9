import { once } from 'node:events';
import { type Agent, createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { listen } from '../../local/listen.ts';

/** Bytes that are announced, of which only the first 3 arrive. */
export const ANNOUNCED_BYTES = 1_000;

/**
 * S3 on a port of its own. It sends the head of a checksummed object and its first bytes, and then
 * nothing more.
 */
export async function startStallingS3() {
  const connections = new Set<Socket>();
  const server = createServer((request, response) => {
    connections.add(request.socket);
    response.writeHead(200, {
      'content-length': ANNOUNCED_BYTES,
      // The SDK checks the body against it, and wraps the body for that.
      'x-amz-checksum-crc32': 'AAAAAA==',
    });
    response.write('abc');
  });
  const port = await listen(server, 0);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    /** Resets every connection, as a network does that fails. */
    reset() {
      for (const connection of connections) connection.resetAndDestroy();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Returns the connection of the client's one request. */
export function socketOf(client: S3Client): Socket {
  const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): { httpAgent?: Agent } };
  const [socket, ...others] = Object.values(handler.httpHandlerConfigs().httpAgent?.sockets ?? {}).flat();
  if (socket === undefined || others.length > 0) throw new TypeError('the client has not exactly one connection');
  return socket;
}
