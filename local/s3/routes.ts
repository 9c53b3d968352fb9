import { S3Error } from './errors.ts';
import { getBucketAcl, getObjectAcl } from './operations/acl.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketNotification,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './operations/buckets.ts';
import type { Operation } from './operations/call.ts';
import { completeMultipartUpload } from './operations/complete-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteObject, deleteObjects } from './operations/delete-object.ts';
import { getObject, OVERRIDES } from './operations/get-object.ts';
import { getObjectAttributes } from './operations/get-object-attributes.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjectVersions } from './operations/list-object-versions.ts';
import { listObjectsV1 } from './operations/list-objects-v1.ts';
import { listObjectsV2 } from './operations/list-objects-v2.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.ts';
import { postObject } from './operations/post-object.ts';
import { putObject } from './operations/put-object.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './operations/upload-parts.ts';
import type { S3Request } from './request.ts';

export interface Route {
  readonly method: string;
  readonly level: 'service' | 'bucket' | 'object';
  /** Query parameters that select this operation; all must be present. */
  readonly needs: readonly string[];
  /** Other query parameters that the operation reads. */
  readonly takes?: readonly string[];
  /** A header that selects this operation. */
  readonly header?: string;
  readonly run: Operation;
}

const LISTING = ['prefix', 'delimiter', 'max-keys', 'encoding-type'];
const LISTING_V1 = [...LISTING, 'marker'];
const LISTING_UPLOADS = ['prefix', 'delimiter', 'max-uploads', 'encoding-type', 'key-marker', 'upload-id-marker'];

/** The form upload. Its media type selects it, and its body carries the signature. */
const FORM_POST: Route = { method: 'POST', level: 'bucket', needs: [], run: postObject };

/** The first matching route is used. */
const ROUTES: readonly Route[] = [
  { method: 'GET', level: 'service', needs: [], run: listBuckets },
  { method: 'PUT', level: 'bucket', needs: [], run: createBucket },
  { method: 'HEAD', level: 'bucket', needs: [], run: headBucket },
  { method: 'DELETE', level: 'bucket', needs: [], run: deleteBucket },
  {
    method: 'GET',
    level: 'bucket',
    needs: ['list-type'],
    takes: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
    run: listObjectsV2,
  },
  {
    method: 'GET',
    level: 'bucket',
    needs: ['versions'],
    takes: [...LISTING, 'key-marker', 'version-id-marker'],
    run: listObjectVersions,
  },
  { method: 'GET', level: 'bucket', needs: ['uploads'], takes: LISTING_UPLOADS, run: listMultipartUploads },
  { method: 'GET', level: 'bucket', needs: ['location'], run: getBucketLocation },
  { method: 'GET', level: 'bucket', needs: ['acl'], run: getBucketAcl },
  { method: 'GET', level: 'bucket', needs: ['notification'], run: getBucketNotification },
  { method: 'GET', level: 'bucket', needs: ['versioning'], run: getBucketVersioning },
  { method: 'PUT', level: 'bucket', needs: ['versioning'], run: putBucketVersioning },
  { method: 'GET', level: 'bucket', needs: [], takes: LISTING_V1, run: listObjectsV1 },
  { method: 'POST', level: 'bucket', needs: ['delete'], run: deleteObjects },
  FORM_POST,
  { method: 'GET', level: 'object', needs: ['acl'], takes: ['versionId'], run: getObjectAcl },
  { method: 'GET', level: 'object', needs: ['attributes'], takes: ['versionId'], run: getObjectAttributes },
  { method: 'GET', level: 'object', needs: ['tagging'], takes: ['versionId'], run: getObjectTagging },
  { method: 'PUT', level: 'object', needs: ['tagging'], takes: ['versionId'], run: putObjectTagging },
  { method: 'DELETE', level: 'object', needs: ['tagging'], takes: ['versionId'], run: deleteObjectTagging },
  { method: 'POST', level: 'object', needs: ['uploads'], run: createMultipartUpload },
  {
    method: 'PUT',
    level: 'object',
    needs: ['uploadId', 'partNumber'],
    header: 'x-amz-copy-source',
    run: uploadPartCopy,
  },
  { method: 'PUT', level: 'object', needs: ['uploadId', 'partNumber'], run: uploadPart },
  { method: 'POST', level: 'object', needs: ['uploadId'], run: completeMultipartUpload },
  { method: 'DELETE', level: 'object', needs: ['uploadId'], run: abortMultipartUpload },
  {
    method: 'GET',
    level: 'object',
    needs: ['uploadId'],
    takes: ['max-parts', 'part-number-marker'],
    run: listParts,
  },
  { method: 'GET', level: 'object', needs: [], takes: ['versionId', ...OVERRIDES], run: getObject },
  { method: 'HEAD', level: 'object', needs: [], takes: ['versionId', ...OVERRIDES], run: getObject },
  { method: 'PUT', level: 'object', needs: [], header: 'x-amz-copy-source', run: copyObject },
  { method: 'PUT', level: 'object', needs: [], run: putObject },
  { method: 'DELETE', level: 'object', needs: [], takes: ['versionId'], run: deleteObject },
];

/**
 * Parameters of signature version 2, which sign a request as those starting with `x-` do in version
 * 4.
 */
const SIGNING = ['AWSAccessKeyId', 'Signature', 'Expires', 'content-type', 'content-md5'];

/**
 * Finds the operation. An unknown query parameter is an error: `PUT /bucket/key?acl` must not
 * replace the object.
 *
 * @throws S3Error NotImplemented, MethodNotAllowed
 */
export function findRoute({ method, bucket, key, query, headers }: S3Request): Route {
  const level = bucket === undefined ? 'service' : key === undefined ? 'bucket' : 'object';
  const given = [...new Set(query.keys())].filter((name) => !/^x-/i.test(name) && !SIGNING.includes(name));
  const candidates = ROUTES.filter((route) => route.method === method && route.level === level);
  const found = candidates.find(
    ({ needs, takes = [], header }) =>
      needs.every((name) => given.includes(name)) &&
      given.every((name) => needs.includes(name) || takes.includes(name)) &&
      (header === undefined || headers.has(header)),
  );
  if (found !== undefined) return found;
  if (candidates.length === 0 && !['GET', 'HEAD', 'PUT', 'POST', 'DELETE'].includes(method)) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  const what = given.length === 0 ? '' : ` with ${given.join(', ').slice(0, 200)}`;
  throw new S3Error(
    'NotImplemented',
    `This request implies functionality that is not implemented: ${method} on ${level} level${what}.`,
  );
}

/** Tells whether the request is a form upload, whose body carries the signature. */
export function isSignedByForm(route: Route, { headers }: S3Request): boolean {
  if (route !== FORM_POST) return false;
  if (/^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')) return true;
  throw new S3Error('AccessDenied', 'Access Denied: a POST to a bucket must be a signed multipart/form-data form.');
}
