import type { Explanation } from '../classifier/types.ts';
import type * as Wire from './wire.ts';

/**
 * Returns an explanation in the form of jobs and answers: the overlay is base64, the map's numbers
 * are left out. Null if no explanation was requested.
 */
export function encodeExplanation(explanation: Explanation | undefined): Wire.Explanation | null {
  if (explanation === undefined) return null;
  const { label, index, region, overlay } = explanation;
  const { png, width, height } = overlay;
  const base64 = Buffer.from(png).toString('base64');
  return { label, index, region, overlay: { contentType: 'image/png', width, height, base64 } };
}
