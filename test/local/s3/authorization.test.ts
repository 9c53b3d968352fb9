import { authorize } from '../../../local/s3/authorization.ts';
import type { S3Request } from '../../../local/s3/request.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const SIGNATURE = 'ab'.repeat(32);
const CREDENTIAL = 'AKID/20260131/eu-west-1/s3/aws4_request';

function request(query: Record<string, string>, authorization?: string): S3Request {
  return {
    method: 'GET',
    resource: '/bucket/key',
    bucket: 'bucket',
    key: 'key',
    query: new URLSearchParams(query),
    headers: new Map(authorization === undefined ? [] : [['authorization', authorization]]),
    sourceIp: '127.0.0.1',
    requestId: 'id',
    body: () => {
      throw new Error('the body is not read');
    },
  };
}

function presigned(changes: Record<string, string> = {}): Record<string, string> {
  return {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': CREDENTIAL,
    'X-Amz-Date': '20260131T115000Z',
    'X-Amz-Expires': '900',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': SIGNATURE,
    ...changes,
  };
}

test('any access key of a signed request is accepted', () => {
  const header = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`;

  expect(authorize(request({}, header), NOW)).toBe('AKID');
  expect(authorize(request({}, header.replaceAll(', ', ',')), NOW)).toBe('AKID');
});

test.each(['us-east-1', 'US', 'eu-west-1', '', 'a-1'])('a signature for the region %j is accepted', (region) => {
  const scope = `AKID/20260131/${region}/s3/aws4_request`;
  const header = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${SIGNATURE}`;

  expect(authorize(request({}, header), NOW)).toBe('AKID');
  expect(authorize(request(presigned({ 'X-Amz-Credential': scope })), NOW)).toBe('AKID');
});

test('an unsigned request is refused', () => {
  expect(() => authorize(request({}), NOW)).toThrow(expect.objectContaining({ code: 'AccessDenied', status: 403 }));
});

test.each([
  ['AWS AKID:signature', 'InvalidRequest'],
  ['Basic dXNlcjpwYXNz', 'InvalidRequest'],
  ['AWS4-HMAC-SHA256 ', 'AuthorizationHeaderMalformed'],
  [`AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=${SIGNATURE}`, 'AuthorizationHeaderMalformed'],
  [`AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host`, 'AuthorizationHeaderMalformed'],
  [`AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host, Signature=short`, 'AuthorizationHeaderMalformed'],
])('the header %s is refused', (header, code) => {
  expect(() => authorize(request({}, header), NOW)).toThrow(expect.objectContaining({ code }));
});

test('a presigned URL is valid until it expires', () => {
  expect(authorize(request(presigned()), NOW)).toBe('AKID');
  expect(authorize(request(presigned()), Date.parse('2026-01-31T12:05:00Z'))).toBe('AKID');
  expect(() => authorize(request(presigned()), Date.parse('2026-01-31T12:05:00.001Z'))).toThrow('Request has expired');
  expect(() => authorize(request(presigned()), Date.parse('2026-01-31T11:34:59Z'))).toThrow('not yet valid');
});

test.each([
  { 'X-Amz-Expires': '0' },
  { 'X-Amz-Expires': '604801' },
  { 'X-Amz-Expires': '-1' },
  { 'X-Amz-Expires': '1e3' },
  { 'X-Amz-Date': 'yesterday' },
  { 'X-Amz-Signature': '' },
  { 'X-Amz-Algorithm': 'AWS4-ECDSA-P256-SHA256' },
  { 'X-Amz-Credential': 'AKID' },
])('a presigned URL with %j is refused', (changes) => {
  expect(() => authorize(request(presigned(changes)), NOW)).toThrow(
    expect.objectContaining({ code: 'AuthorizationQueryParametersError' }),
  );
});

test('the older presigned URLs of aws s3 presign are valid until they expire', () => {
  const query = { AWSAccessKeyId: 'AKID', Signature: 'x=', Expires: String(NOW / 1000) };

  expect(authorize(request(query), NOW)).toBe('AKID');
  expect(() => authorize(request(query), NOW + 1)).toThrow('Request has expired');
  expect(() => authorize(request({ ...query, Signature: '' }), NOW)).toThrow(
    expect.objectContaining({ code: 'AccessDenied' }),
  );
});

test('two signatures in one request are refused', () => {
  expect(() => authorize(request(presigned(), 'AWS4-HMAC-SHA256 x'), NOW)).toThrow('Only one auth mechanism allowed');
});
