import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ImageRecord } from '../../functions/records/record.ts';
import type { Watched } from '../deployment/deployment.ts';

/** A picture of the package. `npm run build` copies it there, too. */
const PICTURE = new URL('../../models/sample/images/daisy-1.jpg', import.meta.url);

/**
 * Every queue that the doctor makes begins with this, and every object after the watched prefix.
 */
export const TRIAL_PREFIX = 'autoswiftnet-doctor';

/** A picture on its way through the product. */
export interface Trial {
  /** Unique: two doctors at the same time do not meet. */
  readonly id: string;
  readonly key: string;
  readonly bytes: Uint8Array;
  /** The model that answers uploads at once, as the API names it. */
  smallModel: string | null;
  heavyModel: string | null;
  /** What the API says that the picture shows. */
  label: string | null;
  /** Whether an upload was tried. It may have arrived even if it failed. */
  isUploaded: boolean;
  /** The record, once there is one. */
  record: ImageRecord | null;
  /** Where the results arrive, if the results topic can be listened to. */
  listener: { readonly queueUrl: string; readonly subscriptionArn: string | null } | null;
}

/** @param watched which objects are tagged; by default all */
export async function openTrial({ prefix, suffix }: Partial<Watched> = {}): Promise<Trial> {
  const id = randomUUID();
  return {
    id,
    key: `${prefix ?? ''}${TRIAL_PREFIX}/${id}${suffix || '.jpg'}`,
    bytes: await readFile(PICTURE),
    smallModel: null,
    heavyModel: null,
    label: null,
    isUploaded: false,
    record: null,
    listener: null,
  };
}
