import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../error-code.ts';
import { authorize } from './authorization.ts';
import { S3Error } from './errors.ts';
import { buildNotification, newRequestId } from './events.ts';
import { answerPreflight, corsHeaders, guard } from './guard.ts';
import type { StartS3Options } from './local-s3.ts';
import type { S3Call } from './operations/call.ts';
import { readRequest, type S3Request } from './request.ts';
import type { S3Response } from './response.ts';
import { findRoute, isSignedByForm } from './routes.ts';
import { NULL_VERSION } from './store/object-version.ts';
import type { Store } from './store/store.ts';
import { buildErrorXml } from './xml.ts';

export interface EndpointParts
  extends Required<Pick<StartS3Options, 'onEvent' | 'eventsQueueArn' | 'onError' | 'allowedOrigins' | 'clock'>> {
  readonly store: Store;
}

/**
 * Access key of a form upload. Its policy, which names the signer, is read later than the request.
 */
const FORM_ACCESS_KEY = 'form';

/** Answers HTTP requests from a store: guard, read, authorize, run the operation, send. */
export class S3Endpoint {
  readonly #parts: EndpointParts;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: EndpointParts) {
    this.#parts = parts;
  }

  /**
   * @param isWaiting whether the client waits with the body until it is asked for (Expect:
   * 100-continue)
   */
  handle(incoming: IncomingMessage, outgoing: ServerResponse, isWaiting: boolean): void {
    this.#track(this.#answer(incoming, outgoing, isWaiting));
  }

  /** Resolves once all requests are answered and all notifications are delivered. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse, isWaiting: boolean): Promise<void> {
    const requestId = newRequestId();
    let isHeldBack = isWaiting;
    const onBody = () => {
      if (isHeldBack) outgoing.writeContinue();
      isHeldBack = false;
    };
    const response = await this.#respond(incoming, requestId, onBody).catch((error: unknown) => {
      if (!(error instanceof S3Error) && !isHangUp(error)) this.#parts.onError(error);
      return errorResponse(error, incoming, requestId);
    });
    outgoing.on('finish', () => incoming.resume()); // a body left unread would hold the connection
    outgoing.writeHead(response.status, {
      'x-amz-request-id': requestId,
      'x-amz-id-2': requestId,
      ...corsHeaders(incoming.headers.origin, this.#parts.allowedOrigins),
      ...response.headers,
      ...(isHeldBack && { connection: 'close' }), // the body will not come, so what comes next is unknown
    });
    await this.#send(response, incoming, outgoing);
  }

  async #respond(incoming: IncomingMessage, requestId: string, onBody: () => void): Promise<S3Response> {
    const { store, allowedOrigins, eventsQueueArn, clock } = this.#parts;
    guard(incoming, allowedOrigins);
    const request = readRequest(incoming, requestId, onBody);
    if (request.method === 'OPTIONS') return { status: 200, headers: answerPreflight(request.headers, allowedOrigins) };
    const now = Math.trunc(clock());
    const route = findRoute(request);
    const accessKey = isSignedByForm(route, request) ? FORM_ACCESS_KEY : authorize(request, now);
    return route.run({ request, store, now, announce: this.#announcer(request, accessKey), eventsQueueArn });
  }

  #announcer(request: S3Request, accessKey: string): S3Call['announce'] {
    const { onEvent, onError, clock } = this.#parts;
    const { sourceIp, requestId } = request;
    return ({ bucket, key, eventName, version }) => {
      if (!bucket.settings.notifications) return;
      const object = { ...version, key, versionId: version.versionId === NULL_VERSION ? null : version.versionId };
      const origin = { accessKey, sourceIp, requestId, hostId: requestId };
      const notification = buildNotification(bucket.name, eventName, object, new Date(clock()), origin);
      const deliver = async () => onEvent(notification);
      this.#track(deliver().catch(onError));
    };
  }

  async #send({ body }: S3Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method === 'HEAD' || !(body instanceof Readable)) {
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
      return;
    }
    try {
      await pipeline(body, outgoing);
    } catch (error) {
      if (!isHangUp(error)) this.#parts.onError(error);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }
}

function errorResponse(error: unknown, incoming: IncomingMessage, requestId: string): S3Response {
  const refusal =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', 'We encountered an internal error. Please try again.', {}, error);
  const resource = incoming.url?.split('?')[0] ?? '';
  return {
    status: refusal.status,
    headers: { 'content-type': 'application/xml', ...refusal.headers },
    body: buildErrorXml(refusal, resource, requestId),
  };
}

/** Tells whether the client disconnected while it was sending or receiving. */
function isHangUp(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
