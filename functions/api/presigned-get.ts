import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner';

/** What a presigned GET requests in addition to the object. */
export interface GetOptions {
  readonly versionId: string | null;
  readonly contentType: string;
}

/** Signs a GET of an object of one bucket. */
export type PresignGet = (key: string, options: GetOptions) => Promise<string>;

/** A key that needs no encoding in a URL. */
const PROBE_KEY = 'probe';

/**
 * Opens a signer of GETs for one bucket. The URLs are valid for `expiresIn` seconds, and browsers
 * show the object. The SDK's own signer runs a whole client each time, which takes over a
 * millisecond, and a page has a hundred images. This one asks the client once for the address of
 * the bucket, and after that it only signs.
 */
export function openPresigner(client: S3Client, bucket: string, expiresIn: number): PresignGet {
  const signer = new S3RequestPresigner({ ...client.config });
  let place: Promise<URL> | undefined;
  return async (key, { versionId, contentType }) => {
    place ??= findBucket(client, bucket).catch((error: unknown) => {
      place = undefined;
      throw error;
    });
    const { protocol, hostname, port, pathname } = await place;
    const { path, query = {} } = await signer.presign(
      {
        method: 'GET',
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: `${pathname}${key.split('/').map(encode).join('/')}`,
        headers: {},
        query: {
          'response-content-disposition': 'inline',
          'response-content-type': contentType,
          ...(versionId === null ? {} : { versionId }),
          'x-id': 'GetObject',
        },
      },
      { expiresIn },
    );
    const parameters = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
    return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${path}?${parameters.join('&')}`;
  };
}

/**
 * Returns the URL below which the bucket's keys lie. The client derives it from its region,
 * endpoint and settings.
 */
async function findBucket(client: S3Client, bucket: string): Promise<URL> {
  const url = new URL(await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: PROBE_KEY })));
  url.search = '';
  url.pathname = url.pathname.slice(0, -PROBE_KEY.length);
  return url;
}

/**
 * Encodes a text as Signature Version 4 requires: everything except letters, digits and `-_.~` is
 * percent-encoded.
 */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
