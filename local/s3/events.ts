import { randomBytes } from 'node:crypto';
import { OWNER } from './owner.ts';

export type S3EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated';

/** One record of S3's event notification, version 2.1, with the same fields. */
export interface S3EventRecord {
  readonly eventVersion: '2.1';
  readonly eventSource: 'aws:s3';
  readonly awsRegion: string;
  /** ISO 8601 with milliseconds, in UTC. */
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
      /** The key, form-url-encoded: a space is `+`, everything else is percent-encoded UTF-8. */
      readonly key: string;
      /** Bytes. Absent if the object was removed. */
      readonly size?: number;
      /** Without quotes. Absent if the object was removed. */
      readonly eTag?: string;
      /** Present only for a bucket that has, or had, versioning. */
      readonly versionId?: string;
      /** 16 hexadecimal digits. A later write has a greater sequencer. */
      readonly sequencer: string;
    };
  };
}

export interface S3Notification {
  readonly Records: readonly S3EventRecord[];
}

/** What an event says about an object. `listObjects` yields the same fields. */
export interface EventObject {
  readonly key: string;
  readonly versionId: string | null;
  readonly sequencer: string;
  /** The event omits eTag and size if the object was removed. */
  readonly eTag?: string;
  readonly size?: number;
}

/** The client that made the request, as far as the event shows it. */
export interface EventOrigin {
  readonly accessKey: string;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly hostId: string;
}

/** The only region of this endpoint. */
export const REGION = 'us-east-1';
/** Id of the notification in a bucket's configuration. */
export const CONFIGURATION_ID = 'autoswiftnet';

/**
 * Makes the notification that S3 would send about an object: `{ Records: [one] }`.
 *
 * @param origin the request that caused it; omit it for an event without a request, as when
 * unfinished work is queued again
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
          bucket: { name: bucket, ownerIdentity: { principalId: OWNER.ID }, arn: `arn:aws:s3:::${bucket}` },
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

/**
 * Encodes a key as S3 does in an event: like `encodeURIComponent`, but `/` stays and a space
 * becomes `+`.
 */
export function formEncode(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function internalOrigin(): EventOrigin {
  const requestId = newRequestId();
  return { accessKey: OWNER.ID, sourceIp: '127.0.0.1', requestId, hostId: requestId };
}

/** Makes a request id as S3 does: 16 capital letters and digits. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
