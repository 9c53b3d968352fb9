import { S3Client } from '@aws-sdk/client-s3';
import type { Variables } from './environment.ts';

/** Hosts that no bucket name can be put in front of. */
const WITHOUT_SUBDOMAINS = /^(localhost|\[.*\]|\d+\.\d+\.\d+\.\d+)$/;

/** An S3 client of the environment's region, credentials and endpoint; buckets go into the path where the host needs it. */
export function createS3Client(variables: Variables): S3Client {
  const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return new S3Client({ forcePathStyle: WITHOUT_SUBDOMAINS.test(host) });
}
