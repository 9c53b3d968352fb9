/** Axis order that turns planes into rows of pixels with all their channels. */
export const CHANNELS_LAST = [0, 2, 3, 1];

/**
 * Turns a convolution's weights, [out, in / groups, height, width], into [out, height, width,
 * in / groups].
 * @param values bits of numbers in half precision
 * @param pixels height times width
 */
export function toChannelsLast(values: Uint16Array, outputs: number, inputs: number, pixels: number): Uint16Array {
  const turned = new Uint16Array(values.length);
  let from = 0;
  for (let output = 0; output < outputs; output += 1) {
    for (let input = 0; input < inputs; input += 1) {
      let to = output * inputs * pixels + input;
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        turned[to] = values[from] ?? 0;
        from += 1;
        to += inputs;
      }
    }
  }
  return turned;
}
