import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectTaggingCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';

export const BUCKET = 'autoswiftnet-uploads';

/** Creates the SDK's client as a user of the local stack does. */
export function userS3(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
    forcePathStyle: true,
  });
}

/** Reads one of the sample model's own images. */
export function samplePicture(name: string): Promise<Buffer> {
  return readFile(new URL(`../../models/sample/images/${name}.jpg`, import.meta.url));
}

export async function upload(
  s3: S3Client,
  key: string,
  Body: Buffer,
  more: Partial<PutObjectCommandInput> = {},
): Promise<string | undefined> {
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body, ...more }));
  return VersionId;
}

export async function tagsOf(s3: S3Client, key: string, VersionId?: string): Promise<Record<string, string>> {
  const { TagSet = [] } = await s3.send(
    new GetObjectTaggingCommand({ Bucket: BUCKET, Key: key, ...(VersionId === undefined ? {} : { VersionId }) }),
  );
  return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** Waits until the tags of an object contain its label, and returns them. */
export function labelledTags(
  s3: S3Client,
  key: string,
  label: string,
  VersionId?: string,
): Promise<Record<string, string>> {
  return eventually(
    () => tagsOf(s3, key, VersionId),
    (tags) => tags['autoswiftnet:label'] === label,
  );
}

/** Asks again until the answer is the wanted one. After `withinMs` it returns the last answer. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  withinMs = 60_000,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
    await delay(25);
  }
}
