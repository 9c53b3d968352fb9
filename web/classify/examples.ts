import { ApiError } from '../api/api-error.ts';
import banana from '../examples/banana.webp';
import coffeeMug from '../examples/coffee-mug.webp';
import daisy from '../examples/daisy.webp';
import goldfish from '../examples/goldfish.webp';
import starfish from '../examples/starfish.webp';
import trafficLight from '../examples/traffic-light.webp';

/** A drawing that belongs to the page. */
export interface Example {
  /** What it shows, as the model spells it. */
  readonly label: string;
  readonly url: string;
}

export const EXAMPLES: readonly Example[] = [
  { label: 'daisy', url: daisy },
  { label: 'goldfish', url: goldfish },
  { label: 'coffee mug', url: coffeeMug },
  { label: 'traffic light', url: trafficLight },
  { label: 'banana', url: banana },
  { label: 'starfish', url: starfish },
];

/**
 * Reads a drawing, which the browser has kept since it was shown.
 * @throws {ApiError} when it cannot be loaded
 */
export async function readExample({ label, url }: Example): Promise<File> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new ApiError('The drawing is not there.', { status: response.status });
    return new File([await response.blob()], `${label}.webp`, { type: 'image/webp' });
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new ApiError('The drawing could not be loaded.', { status: 0, cause });
  }
}
