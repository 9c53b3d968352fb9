import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../../local/stack.ts';
import { eventually, samplePicture, tagsOf, upload, userS3 } from '../../../integration/uploads.ts';

/** Waits for the next second. S3 tells apart what was uploaded in different seconds only. */
export function nextSecond(): Promise<void> {
  return delay(1_000 - (Date.now() % 1_000));
}

/**
 * Uploads the sample model's pictures, and waits until all are tagged.
 * @param name begins the names of the files: `live-daisy-1.jpg`
 */
export async function keepPictures(stack: Stack, name: string, pictures: readonly string[]): Promise<void> {
  const files = pictures.map(async (picture) => [`kept/${name}-${picture}.jpg`, await samplePicture(picture)] as const);
  await keepFiles(stack, await Promise.all(files));
}

/** Uploads files one after the other, and waits until all are tagged. */
export async function keepFiles(stack: Stack, files: readonly (readonly [key: string, body: Buffer])[]): Promise<void> {
  const s3 = userS3(stack.health.endpoints.s3 ?? '');
  for (const [key, body] of files) await upload(s3, key, body);
  for (const [key] of files) {
    await eventually(
      () => tagsOf(s3, key),
      (tags) => 'autoswiftnet:label' in tags,
    );
  }
  s3.destroy();
}
