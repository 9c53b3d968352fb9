import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCode } from '../error-code.ts';
import { sendAnswer, sendGatewayMessage } from './answer.ts';
import { toHttpEvent } from './event.ts';

/** Hands an event to a function. Several events may be under way at the same time. */
export type Invoke = (event: unknown) => Promise<unknown>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/**
 * A body that is refused is still read up to this size, so that the client gets to read the answer.
 */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** Answers a request through a function, as API Gateway's HTTP API does. */
export async function serveHttpApi(request: IncomingMessage, response: ServerResponse, invoke: Invoke): Promise<void> {
  const body = await readBody(request).catch(() => undefined);
  // The client disconnected while it was sending.
  if (body === undefined) return;
  if (body === 'too-large') {
    sendGatewayMessage(response, 'Request Entity Too Large', { connection: 'close' });
    discard(request);
    return;
  }
  const sourceIp = request.socket.remoteAddress ?? '';
  const port = request.socket.localPort ?? 0;
  const { method, url, httpVersion, rawHeaders } = request;
  const event = toHttpEvent({ method, url, httpVersion, rawHeaders, sourceIp, port }, body, new Date());
  try {
    sendAnswer(response, await invoke(event), event.requestContext.requestId);
  } catch (error) {
    // The function has already logged this error.
    const isLate = errorCode(error) === 'function-timeout';
    if (!response.headersSent) sendGatewayMessage(response, isLate ? 'Service Unavailable' : 'Internal Server Error');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | 'too-large'> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return 'too-large';
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) {
        request.removeAllListeners('data');
        resolve('too-large');
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client went away')));
  });
}

/**
 * Reads on, and drops what arrives: closing the connection while the client still sends would lose
 * the answer.
 */
function discard(request: IncomingMessage): void {
  let left = MAX_DISCARDED_BYTES;
  request.on('error', () => {});
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
