import { S3Client } from '@aws-sdk/client-s3';
import type { Variables } from './environment.ts';

/** Hosts that cannot have a subdomain, such as the name of a bucket. */
const WITHOUT_SUBDOMAINS = /^(localhost|\[.*\]|\d+\.\d+\.\d+\.\d+)$/;

/**
 * Longest time until a connection is made. The wait for one of the SDK's 50 connections counts,
 * too.
 */
const CONNECTION_TIMEOUT_MS = 10_000;

/**
 * Longest time without a byte in either direction, however long a body takes in all. The SDK has
 * such a limit for most services, and none for S3: a body that stops would keep the place of its
 * image for ever, and a heavy worker would hide its message as long. Node counts on while it
 * decodes a picture, so the limit is not short. Three attempts at a call take less time than the
 * call of a batch may.
 */
export const SOCKET_TIMEOUT_MS = 30_000;

/**
 * Creates an S3 client with the environment's region, credentials and endpoint. The bucket's name
 * goes into the path if the host needs that. A connection that stands still fails with a
 * `TimeoutError`: the SDK tries a call again, but not a body that has begun.
 * @param region default: that of the environment
 */
export function createS3Client(variables: Variables, region?: string): S3Client {
  const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return new S3Client({
    forcePathStyle: WITHOUT_SUBDOMAINS.test(host),
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
    ...(region && { region }),
  });
}
