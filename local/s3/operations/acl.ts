import { OWNER } from '../owner.ts';
import { type S3Response, xmlResponse } from '../response.ts';
import type { XmlContent } from '../xml.ts';
import { type S3Call, target, versionHeader } from './call.ts';

/** What S3 answers where access lists are off, as they are in a new bucket: all is the owner's. */
const OWNERS_ONLY: XmlContent = {
  Owner: OWNER,
  AccessControlList: {
    Grant: {
      Grantee: {
        '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        '@xsi:type': 'CanonicalUser',
        ...OWNER,
      },
      Permission: 'FULL_CONTROL',
    },
  },
};

export function getBucketAcl(call: S3Call): S3Response {
  target(call);
  return xmlResponse('AccessControlPolicy', OWNERS_ONLY);
}

export function getObjectAcl(call: S3Call): S3Response {
  const { bucket, key } = target(call);
  const version = bucket.find(key, call.request.query.get('versionId') ?? undefined);
  return xmlResponse('AccessControlPolicy', OWNERS_ONLY, versionHeader(bucket, version));
}
