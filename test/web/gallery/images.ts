import type * as Wire from '../../../functions/wire.ts';
import { prediction, TIME } from '../classify/pictures.ts';

/** An image of the bucket that shows a daisy. */
export function image(id: string, part: Partial<Wire.Image> = {}): Wire.Image {
  return {
    id,
    key: `${id}.jpg`,
    url: `https://bucket.test/${id}?1`,
    urlExpiresAt: TIME,
    state: 'tagged',
    model: 'sample',
    predictions: [prediction('daisy', 0.86)],
    concepts: [],
    concept: null,
    size: 1,
    width: 1,
    height: 1,
    format: 'jpeg',
    reason: null,
    lastModified: TIME,
    createdAt: null,
    updatedAt: null,
    ...part,
  };
}

/** Images with these ids, one letter each. */
export function images(ids: string): Wire.Image[] {
  return [...ids].map((id) => image(id));
}

export function idsOf(all: readonly Wire.Image[]): string {
  return all.map(({ id }) => id).join('');
}
