import { createHash, createHmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Variables } from '../functions/environment.ts';

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

type Secret = string | ArrayBuffer | ArrayBufferView;

/**
 * The host name of an API contains its region. An API with a custom domain is assumed to be in the
 * region of the environment.
 */
const EXECUTE_API_HOST = /^[a-z0-9-]+\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

/**
 * Returns the region to sign for, or null if the region is unknown and a signature would not help.
 */
export function signingRegion({ hostname }: URL, variables: Variables): string | null {
  const region = EXECUTE_API_HOST.exec(hostname)?.[1] ?? variables['AWS_REGION'] ?? variables['AWS_DEFAULT_REGION'];
  return region || null;
}

/**
 * Signs a request with AWS Signature Version 4, using the credentials that the AWS CLI would use.
 * @returns the headers to send
 * @throws the error of the SDK when there are no credentials
 */
export async function signRequest(
  { method, url, headers, body }: UnsignedRequest,
  region: string,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials: defaultProvider(), sha256: Sha256 });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    body,
  });
  // fetch sets the Host header itself.
  const { host: _, ...others } = signed.headers;
  return others;
}

/** Node's SHA-256 in the form that the signer needs. */
class Sha256 {
  readonly #hash;

  constructor(secret?: Secret) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function toBytes(data: Secret): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
