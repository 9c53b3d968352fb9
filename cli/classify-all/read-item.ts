import { stat } from 'node:fs/promises';
import { ImageTooLargeError } from '../../classifier/errors.ts';
import type { HeldBytes, Memory } from '../../functions/side-by-side/memory.ts';
import { type ObjectStore, tooLargeMessage } from '../../functions/tagging/objects.ts';
import { callingServices } from '../deployment/service-error.ts';
import { readImage } from '../read-image.ts';
import { ObjectGoneError } from './errors.ts';
import type { Item, ObjectItem } from './item.ts';

/** An image's bytes, and that they are counted while somebody needs them. */
export interface ReadItem {
  readonly bytes: Uint8Array;
  readonly held: HeldBytes;
}

export interface ReadDependencies {
  readonly store: () => ObjectStore;
  readonly memory: Memory;
  readonly maxBytes: number;
}

/**
 * Reads an image once there is room for it.
 * @throws {ImageTooLargeError} when it has more than `maxBytes`
 * @throws {AutoSwiftNetError} of another kind when it cannot be read now
 */
export async function readItem(item: Item, { store, memory, maxBytes }: ReadDependencies): Promise<ReadItem> {
  const size = item.kind === 'object' ? item.size : ((await stat(item.uri).catch(() => null))?.size ?? 0);
  if (size > maxBytes) throw new ImageTooLargeError(tooLargeMessage(size, maxBytes));
  const held = await memory.hold(size);
  try {
    const bytes =
      item.kind === 'object' ? await readObject(item, store(), maxBytes) : await readImage(item.uri, maxBytes);
    return { bytes, held };
  } catch (error) {
    held.letGo();
    throw error;
  }
}

function readObject({ bucket, key }: ObjectItem, store: ObjectStore, maxBytes: number): Promise<Uint8Array> {
  return callingServices(['s3:GetObject'], async () => {
    const object = await store.open({ bucket, key, versionId: null }, null);
    if (typeof object === 'string') throw new ObjectGoneError();
    return object.bytes(maxBytes);
  });
}
