import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

/**
 * Any region is accepted: clients that were not told one sign for `US` (s3cmd) or an empty name,
 * and this endpoint is in one place.
 */
const CREDENTIAL = /^([^/\s]{1,128})\/\d{8}\/[a-z0-9-]{0,64}\/s3\/aws4_request$/i;
const SIGNATURE = /^[0-9a-f]{64}$/i;
const BASIC_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** A presigned URL is valid for at most one week. */
const MAX_EXPIRES_SECONDS = 604_800;
/** The difference that S3 allows between the clocks of client and server. */
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Finds the access key of a signed request. The signature may be version 4, in the header or the
 * query, or version 2 in the query, as `aws s3 presign` makes it. Every key is accepted: without
 * its secret the signature cannot be checked.
 *
 * @throws S3Error AccessDenied (not signed, expired), AuthorizationHeaderMalformed,
 * AuthorizationQueryParametersError, InvalidArgument
 */
export function authorize(request: S3Request, now: number): string {
  const header = request.headers.get('authorization');
  const isPresigned = request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Signature');
  const isPresignedV2 = request.query.has('AWSAccessKeyId');
  if ([header !== undefined, isPresigned, isPresignedV2].filter(Boolean).length > 1) {
    throw new S3Error('InvalidArgument', 'Only one auth mechanism allowed.');
  }
  if (header !== undefined) return readHeader(header);
  if (isPresigned) return readPresigned(request.query, now);
  if (isPresignedV2) return readPresignedV2(request.query, now);
  throw new S3Error(
    'AccessDenied',
    'Access Denied: the request is not signed. Sign it with any access key and any secret.',
  );
}

/**
 * Reads the access key from `KEY/20260131/us-east-1/s3/aws4_request`. Returns undefined for any
 * other form.
 */
export function accessKeyOf(credential: string): string | undefined {
  return CREDENTIAL.exec(credential)?.[1];
}

/** Converts `20260131T235959Z` to milliseconds since 1970. Returns NaN for any other form. */
export function parseBasicDate(text: string): number {
  return Date.parse(text.replace(BASIC_DATE, '$1-$2-$3T$4:$5:$6Z'));
}

function readHeader(header: string): string {
  const [, fields] = /^AWS4-HMAC-SHA256\s+(.*)$/s.exec(header) ?? [];
  if (fields === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  const parameters = new Map(
    fields.split(',').map((field): [string, string] => {
      const [name = '', ...value] = field.trim().split('=');
      return [name, value.join('=')];
    }),
  );
  const accessKey = accessKeyOf(parameters.get('Credential') ?? '');
  if (
    accessKey === undefined ||
    !parameters.get('SignedHeaders') ||
    !SIGNATURE.test(parameters.get('Signature') ?? '')
  ) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed; it must have Credential=KEY/DATE/REGION/s3/aws4_request, SignedHeaders and Signature.',
    );
  }
  return accessKey;
}

function readPresigned(query: URLSearchParams, now: number): string {
  const accessKey = accessKeyOf(query.get('X-Amz-Credential') ?? '');
  const date = parseBasicDate(query.get('X-Amz-Date') ?? '');
  const expires = Number(/^\d{1,9}$/.exec(query.get('X-Amz-Expires') ?? '')?.[0] ?? Number.NaN);
  const isWhole =
    query.get('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' &&
    SIGNATURE.test(query.get('X-Amz-Signature') ?? '') &&
    Boolean(query.get('X-Amz-SignedHeaders'));
  if (accessKey === undefined || Number.isNaN(date) || !isWhole || !(expires >= 1 && expires <= MAX_EXPIRES_SECONDS)) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      `X-Amz-Algorithm (AWS4-HMAC-SHA256), X-Amz-Credential, X-Amz-Date, X-Amz-Expires (1 to ${MAX_EXPIRES_SECONDS}), X-Amz-SignedHeaders and X-Amz-Signature must all be present and valid.`,
    );
  }
  if (now < date - MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not yet valid');
  if (now > date + expires * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  return accessKey;
}

function readPresignedV2(query: URLSearchParams, now: number): string {
  const expires = Number(/^\d{1,12}$/.exec(query.get('Expires') ?? '')?.[0] ?? Number.NaN);
  const accessKey = query.get('AWSAccessKeyId');
  if (!accessKey || Number.isNaN(expires) || !query.get('Signature')) {
    throw new S3Error(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    );
  }
  if (now > expires * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  return accessKey;
}
