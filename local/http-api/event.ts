import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT } from '../names.ts';
import { parseTarget } from './target.ts';

/** The parts of a request that an event needs, apart from the body. */
export type HttpRequest = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'> & {
  /** Address of the client. */
  readonly sourceIp: string;
  /** Port of the gateway. */
  readonly port: number;
};

const API_ID = 'local';
const STAGE = '$default';
/** One function receives every request and does its own routing. */
const ROUTE_KEY = '$default';

/** Headers of the client's connection. API Gateway uses its own connection. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/**
 * Bodies of these types arrive as text. All others arrive in base64, also bodies without a media
 * type and HTML forms. This was observed on AWS and is not documented:
 * https://github.com/ministackorg/ministack/pull/766
 */
const TEXT_TYPE = /^(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Makes the event that API Gateway's HTTP API makes of a request, payload format 2.0:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toHttpEvent(request: HttpRequest, body: Uint8Array, now: Date): APIGatewayProxyEventV2 {
  const { path, query } = parseTarget(request.url);
  const { cookie, ...headers } = joinHeaders(request, body.length, now);
  const parameters = joinParameters(query);
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '');
  const host = headers['host'] ?? '';
  return {
    version: '2.0',
    routeKey: ROUTE_KEY,
    rawPath: path,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(parameters === null ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API_ID,
      domainName: host,
      domainPrefix: host.split('.')[0] ?? '',
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomBytes(11).toString('base64'),
      routeKey: ROUTE_KEY,
      stage: STAGE,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: Buffer.from(body).toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/**
 * Collects the headers as API Gateway does: lower-case names, repeated values joined by commas, its
 * own headers added, and its own length of the body.
 */
function joinHeaders(
  { rawHeaders, sourceIp, port }: HttpRequest,
  bodyLength: number,
  now: Date,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = [rawHeaders[index]?.toLowerCase(), rawHeaders[index + 1]];
    if (HOP_BY_HOP.has(name)) continue;
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    // Cookies use a separator of their own.
    const separator = name === 'cookie' ? '; ' : ',';
    Object.defineProperty(headers, name, {
      value: before === undefined ? value : `${before}${separator}${value}`,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const forwarded = headers['x-forwarded-for'];
  return {
    ...headers,
    'content-length': String(bodyLength),
    'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`,
    'x-forwarded-for': forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`,
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  };
}

/**
 * Decodes the query, with repeated values joined by commas. Returns null if there are no
 * parameters, because API Gateway then leaves the field out.
 */
function joinParameters(query: string): Record<string, string> | null {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return parameters.size === 0 ? null : Object.fromEntries(parameters);
}

/**
 * Formats a time as the Common Log Format does.
 * @example 17/Jun/2024:15:52:39 +0000
 */
function commonLogTime(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
