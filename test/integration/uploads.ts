import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectTaggingCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';

export const BUCKET = 'autoswiftnet-uploads';

/** The SDK as a user of the local stack sets it up. */
export function userS3(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' },
    forcePathStyle: true,
  });
}

/** One of the sample model's own pictures. */
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

/** The tags of an object once its label is among them. */
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

/** Asks again until the answer is as wanted; after `withinMs` the last answer comes out as it is. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  withinMs = 10_000,
): Promise<Answer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() > deadline) return answer;
    await delay(25);
  }
}
