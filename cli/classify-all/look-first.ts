import { stat } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LeftOut } from '../find-images.ts';
import { UnreadableFileError } from '../read-image.ts';
import { findItems } from './find-items.ts';
import { Tally } from './tally.ts';

/**
 * Looks whether there is an image at all, so that nobody waits for a model because of a slip in a
 * name.
 * @returns null as soon as one is found; otherwise what came of the run, in words
 * @throws {ServiceRefusedError} when a bucket cannot be listed
 */
export async function lookFirst(places: readonly string[], client: () => S3Client): Promise<string | null> {
  const leftOut: LeftOut = { filesByEnding: new Map(), linksToFolders: 0 };
  const faults: { readonly uri: string; readonly fault: string }[] = [];
  for await (const found of findItems(places, client, leftOut)) {
    if ('error' in found) {
      faults.push({ uri: found.uri, fault: found.error.message });
      continue;
    }
    const { uri, kind } = found.item;
    const fault = kind === 'object' ? null : await whyMissing(uri);
    if (fault === null) return null;
    faults.push({ uri, fault });
  }
  const tally = new Tally(() => faults.length);
  for (const { uri, fault } of faults) tally.fail(uri, fault);
  return tally.summary(leftOut);
}

async function whyMissing(path: string): Promise<string | null> {
  try {
    await stat(path);
    return null;
  } catch (error) {
    return (await UnreadableFileError.of(path, error)).message;
  }
}
