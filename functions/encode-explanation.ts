import type { Explanation } from '../classifier/types.ts';
import type * as Wire from './wire.ts';

/** An explanation as jobs and answers carry it: the overlay as text, without the map's numbers; null where none was asked for. */
export function encodeExplanation(explanation: Explanation | undefined): Wire.Explanation | null {
  if (explanation === undefined) return null;
  const { label, index, region, overlay } = explanation;
  const { png, width, height } = overlay;
  const base64 = Buffer.from(png).toString('base64');
  return { label, index, region, overlay: { contentType: 'image/png', width, height, base64 } };
}
