import { Buffer } from 'node:buffer';
import { readDescription } from '../description.ts';
import { S3Error } from '../errors.ts';
import { type PostForm, readPostForm } from '../post-form.ts';
import { checkPostPolicy, type PolicyVerdict } from '../post-policy.ts';
import { checkKey } from '../request.ts';
import type { S3Response } from '../response.ts';
import type { Bucket } from '../store/bucket.ts';
import type { ObjectVersion } from '../store/object-version.ts';
import { parseTaggingXml } from '../tagging.ts';
import { buildXml } from '../xml.ts';
import { quote, type S3Call, versionHeader, writeObject } from './call.ts';
import { hashing } from './copy-object.ts';

/** Stores an upload from a browser form, which is signed by its policy. */
export async function postObject(call: S3Call): Promise<S3Response> {
  const bucket = call.store.bucket(call.request.bucket ?? '');
  const form = await readPostForm(call.request);
  try {
    const fields = new Map(form.fields);
    fields.set('key', readKey(form));
    const { contentLength } = checkPostPolicy(fields, bucket.name, call.now);
    const version = await store(call, bucket, { fields, file: form.file, contentLength });
    return answer(call, bucket, { fields, version });
  } finally {
    form.close();
  }
}

async function store(
  call: S3Call,
  bucket: Bucket,
  { fields, file, contentLength }: { fields: ReadonlyMap<string, string>; file: PostForm['file'] } & PolicyVerdict,
): Promise<ObjectVersion> {
  const headers = new Map([...fields].map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
  const tagging = fields.get('tagging');
  const description = {
    headers: readDescription(headers),
    tags: tagging === undefined ? [] : parseTaggingXml(tagging),
  };
  const counted = counting(file, contentLength);
  const copy = hashing(counted.bytes);
  return writeObject(call, {
    bucket,
    key: checkKey(fields.get('key') ?? ''),
    bytes: copy.bytes,
    describe: () => ({ size: counted.size(), eTag: copy.md5(), checksums: {}, ...description }),
    eventName: 'ObjectCreated:Post',
  });
}

function answer(
  { request }: S3Call,
  bucket: Bucket,
  { fields, version }: { readonly fields: ReadonlyMap<string, string>; readonly version: ObjectVersion },
): S3Response {
  const key = fields.get('key') ?? '';
  const location = `http://${request.headers.get('host')}/${bucket.name}/${encodeURIComponent(key)}`;
  const eTag = quote(version.eTag);
  const headers = { etag: eTag, location, ...versionHeader(bucket, version) };
  const redirect = readRedirect(fields.get('success_action_redirect'));
  if (redirect !== undefined) {
    for (const [name, value] of Object.entries({ bucket: bucket.name, key, etag: eTag }))
      redirect.searchParams.set(name, value);
    return { status: 303, headers: { ...headers, location: redirect.href } };
  }
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers };
  if (status !== '201') return { status: 204, headers };
  const body = buildXml('PostResponse', { Location: location, Bucket: bucket.name, Key: key, ETag: eTag });
  return { status: 201, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

function readKey({ fields, fileName }: PostForm): string {
  const key = fields.get('key');
  if (key === undefined) throw new S3Error('InvalidArgument', "Bucket POST must contain a field named 'key'.");
  return key.replace(/\$\{filename\}/g, () => fileName);
}

/**
 * Passes bytes on while they are within the maximum, and fails at the end if they are below the
 * minimum.
 */
function counting(
  source: AsyncIterable<Uint8Array>,
  { min, max }: PolicyVerdict['contentLength'],
): { bytes: AsyncGenerator<Uint8Array>; size: () => number } {
  let size = 0;
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > max)
        throw new S3Error('EntityTooLarge', `Your proposed upload exceeds the maximum allowed size of ${max} bytes.`);
      yield chunk;
    }
    if (size < min)
      throw new S3Error(
        'EntityTooSmall',
        `Your proposed upload is smaller than the minimum allowed size of ${min} bytes.`,
      );
  }
  return { bytes: pass(), size: () => size };
}

/** Parses the redirect address. As in S3, an invalid one is ignored. */
function readRedirect(text: string | undefined): URL | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
