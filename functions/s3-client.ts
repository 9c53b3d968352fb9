import { S3Client } from '@aws-sdk/client-s3';
import type { Variables } from './environment.ts';

/** Hosts that cannot have a subdomain, such as the name of a bucket. */
const WITHOUT_SUBDOMAINS = /^(localhost|\[.*\]|\d+\.\d+\.\d+\.\d+)$/;

/**
 * Creates an S3 client with the environment's region, credentials and endpoint. The bucket's name
 * goes into the path if the host needs that.
 * @param region default: that of the environment
 */
export function createS3Client(variables: Variables, region?: string): S3Client {
  const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  return new S3Client({ forcePathStyle: WITHOUT_SUBDOMAINS.test(host), ...(region && { region }) });
}
