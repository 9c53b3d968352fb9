import type { ServerResponse } from 'node:http';
import * as z from 'zod';

/** An answer with which a function sets status and headers itself (payload format 2.0). */
const structuredSchema = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** What API Gateway itself answers. */
export type GatewayMessage =
  | 'Request Entity Too Large'
  | 'Too Many Requests'
  | 'Internal Server Error'
  | 'Service Unavailable';

const STATUS: Readonly<Record<GatewayMessage, number>> = {
  'Request Entity Too Large': 413,
  'Too Many Requests': 429,
  'Internal Server Error': 500,
  'Service Unavailable': 503,
};

/** Headers that belong to the connection. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

/**
 * Sends a function's answer as API Gateway's HTTP API does. An answer without `statusCode` becomes
 * the JSON body of a 200. An invalid answer becomes a 500.
 */
export function sendAnswer(response: ServerResponse, answer: unknown, requestId: string): void {
  const parsed = structuredSchema.safeParse(answer);
  if (!parsed.success) {
    if (hasStatusCode(answer)) sendGatewayMessage(response, 'Internal Server Error');
    else
      send(
        response,
        { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) },
        requestId,
      );
    return;
  }
  send(response, parsed.data, requestId);
}

/** Sends what API Gateway says when no function answers. */
export function sendGatewayMessage(
  response: ServerResponse,
  message: GatewayMessage,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ message });
  response.writeHead(STATUS[message], {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

function send(
  response: ServerResponse,
  { statusCode, headers, cookies, body, isBase64Encoded }: z.output<typeof structuredSchema>,
  requestId: string,
): void {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  try {
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (!OWN_HEADERS.has(name.toLowerCase())) response.setHeader(name.toLowerCase(), String(value));
    }
    if (cookies?.length) response.setHeader('set-cookie', cookies);
  } catch {
    // The answer has a header that HTTP does not allow.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    sendGatewayMessage(response, 'Internal Server Error');
    return;
  }
  response.setHeader('apigw-requestid', requestId);
  // RFC 9110, 8.6: a 204 has no length, and that of a 304 would be the length of the whole content.
  if (statusCode !== 204 && statusCode !== 304) response.setHeader('content-length', bytes.length);
  response.writeHead(statusCode);
  response.end(bytes);
}

function hasStatusCode(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'statusCode' in answer;
}
