import { randomBytes } from 'node:crypto';

export type S3EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated';

/** One entry of S3's event notification, version 2.1, field for field. */
export interface S3EventRecord {
  readonly eventVersion: '2.1';
  readonly eventSource: 'aws:s3';
  readonly awsRegion: string;
  /** ISO 8601, milliseconds, UTC. */
  readonly eventTime: string;
  readonly eventName: S3EventName;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: { readonly 'x-amz-request-id': string; readonly 'x-amz-id-2': string };
  readonly s3: {
    readonly s3SchemaVersion: '1.0';
    readonly configurationId: string;
    readonly bucket: {
      readonly name: string;
      readonly ownerIdentity: { readonly principalId: string };
      readonly arn: string;
    };
    readonly object: {
      /** Form-url-encoded: a space is `+`, everything else percent-encoded UTF-8. */
      readonly key: string;
      /** Bytes. Absent when the object was removed. */
      readonly size?: number;
      /** Without quotes. Absent when the object was removed. */
      readonly eTag?: string;
      /** Only of a bucket that has (or had) versioning. */
      readonly versionId?: string;
      /** 16 hexadecimal digits; a later write has the greater one. */
      readonly sequencer: string;
    };
  };
}

export interface S3Notification {
  readonly Records: readonly S3EventRecord[];
}

/** What an event tells of an object; `listObjects` yields the same fields. */
export interface EventObject {
  readonly key: string;
  readonly versionId: string | null;
  readonly sequencer: string;
  /** Both are left out of the event when the object was removed. */
  readonly eTag?: string;
  readonly size?: number;
}

/** Who asked, as far as the event tells it. */
export interface EventOrigin {
  readonly accessKey: string;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly hostId: string;
}

/** The one region this endpoint is in. */
export const REGION = 'us-east-1';
const CONFIGURATION_ID = 'autoswiftnet';
const OWNER = 'autoswiftnet';

/**
 * The notification S3 would send about an object: `{ Records: [one] }`.
 *
 * @param origin the request behind it; left out for an event made up later, as when lost work is queued again
 * @example buildNotification('autoswiftnet-uploads', 'ObjectCreated:Put', listed, new Date())
 */
export function buildNotification(
  bucket: string,
  eventName: S3EventName,
  object: EventObject,
  time: Date,
  origin: EventOrigin = internalOrigin(),
): S3Notification {
  const isRemoval = eventName.startsWith('ObjectRemoved:');
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: time.toISOString(),
        eventName,
        userIdentity: { principalId: `AWS:${origin.accessKey}` },
        requestParameters: { sourceIPAddress: origin.sourceIp },
        responseElements: { 'x-amz-request-id': origin.requestId, 'x-amz-id-2': origin.hostId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: CONFIGURATION_ID,
          bucket: { name: bucket, ownerIdentity: { principalId: OWNER }, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: formEncode(object.key),
            ...(isRemoval || object.size === undefined ? {} : { size: object.size }),
            ...(isRemoval || object.eTag === undefined ? {} : { eTag: object.eTag }),
            ...(object.versionId === null ? {} : { versionId: object.versionId }),
            sequencer: object.sequencer,
          },
        },
      },
    ],
  };
}

/** S3's encoding of a key in an event: as `encodeURIComponent`, `/` kept, a space as `+`. */
export function formEncode(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function internalOrigin(): EventOrigin {
  const requestId = newRequestId();
  return { accessKey: OWNER, sourceIp: '127.0.0.1', requestId, hostId: requestId };
}

/** S3's request ids are 16 capital letters and digits. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
