import * as z from 'zod';
import { MalformedBodyError } from './errors.ts';

/** A request, independent of API Gateway's event format. */
export interface ApiRequest {
  /** In capitals. */
  readonly method: string;
  /** Percent-decoded; API Gateway does that. */
  readonly path: string;
  /** The path's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The watched bucket that the query names. Not set: the first one. */
  readonly bucket?: string;
  /** Headers by lower-case name. Several headers of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The media type in lower case, without parameters. Null if the request names none. */
  readonly contentType: string | null;
  readonly body: RequestBody;
  /**
   * The signed-in user, as an id that is unique among all users. Null if the API needs no login.
   */
  readonly principal: string | null;
  readonly requestId: string;
}

/** A body as the client sent it. It is decoded from base64 only after its size was checked. */
export interface RequestBody {
  /** Bytes that the client sent. */
  readonly size: number;
  /** API Gateway handed the body over as text, so bytes that are not UTF-8 are lost. */
  readonly isText: boolean;
  /** @throws {MalformedBodyError} when the body is not valid base64 */
  bytes(): Buffer;
}

/** The part of an event (payload format 2.0) that is read. */
export const eventSchema = z.looseObject({
  version: z.literal('2.0'),
  rawPath: z.string(),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  pathParameters: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean(),
  requestContext: z.looseObject({
    requestId: z.string(),
    http: z.looseObject({ method: z.string() }),
    authorizer: z
      .looseObject({
        jwt: z
          .looseObject({ claims: z.looseObject({ iss: z.string().optional(), sub: z.string().optional() }) })
          .nullish(),
        iam: z.looseObject({ userArn: z.string().nullish() }).nullish(),
      })
      .nullish(),
  }),
});

/**
 * Reads an event of API Gateway's HTTP API (payload format 2.0). Any other event is an error: it
 * comes from a wrong trigger, or it shows a bug.
 */
export function readRequest(event: unknown): ApiRequest {
  const { rawPath, rawQueryString, headers, pathParameters, body, isBase64Encoded, requestContext } =
    eventSchema.parse(event);
  const lowerCase = lowerCaseNames(headers);
  return {
    method: requestContext.http.method.toUpperCase(),
    path: rawPath,
    parameters: pathParameters ?? {},
    query: new URLSearchParams(rawQueryString),
    headers: lowerCase,
    contentType: lowerCase['content-type']?.split(';')[0]?.trim().toLowerCase() || null,
    body: readBody(body ?? '', isBase64Encoded),
    principal: principalOf(requestContext.authorizer),
    requestId: requestContext.requestId,
  };
}

/** Returns headers by lower-case name, as API Gateway sends them. */
export function lowerCaseNames<Value>(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function readBody(text: string, isBase64: boolean): RequestBody {
  const encoding = isBase64 ? 'base64' : 'utf8';
  const size = Buffer.byteLength(text, encoding);
  return {
    size,
    isText: !isBase64,
    bytes() {
      const bytes = Buffer.from(text, encoding);
      // Node skips characters that are not base64, so fewer bytes come out than the length says.
      if (bytes.length === size && (!isBase64 || text.length % 4 === 0)) return bytes;
      throw new MalformedBodyError(
        `the body has characters that are not base64: only ${bytes.length} of ${size} bytes could be decoded`,
      );
    },
  };
}

function principalOf(authorizer: z.output<typeof eventSchema>['requestContext']['authorizer']): string | null {
  const { iss, sub } = authorizer?.jwt?.claims ?? {};
  if (sub !== undefined) return `jwt ${iss ?? ''} ${sub}`;
  const arn = authorizer?.iam?.userArn;
  return arn ? `iam ${arn}` : null;
}
