import { checkWrite, readConditions } from '../conditions.ts';
import { readDescription } from '../description.ts';
import { Payload } from '../payload.ts';
import type { S3Response } from '../response.ts';
import { parseTaggingHeader } from '../tagging.ts';
import { quote, type S3Call, target, versionHeader, writeObject } from './call.ts';

export async function putObject(call: S3Call): Promise<S3Response> {
  const { bucket, key } = target(call);
  const { headers } = call.request;
  const payload = new Payload(call.request);
  const description = { headers: readDescription(headers), tags: parseTaggingHeader(headers.get('x-amz-tagging')) };
  const conditions = readConditions(headers);
  // Refuses before a long upload. The check that decides runs when the change takes effect.
  checkWrite(conditions, bucket.versions(key)[0]);

  const version = await writeObject(call, {
    bucket,
    key,
    bytes: payload.bytes(),
    describe: () => {
      const { size, md5, checksums } = payload.facts();
      return { size, eTag: md5, checksums, ...description };
    },
    eventName: 'ObjectCreated:Put',
    check: (current) => checkWrite(conditions, current),
  });

  return {
    status: 200,
    headers: { etag: quote(version.eTag), ...version.checksums, ...versionHeader(bucket, version) },
  };
}
