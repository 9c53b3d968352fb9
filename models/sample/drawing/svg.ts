/** Shapes that several subjects share. All functions return SVG text. */

/**
 * Returns the corners of a regular polygon for a `points` attribute, the first at angle `start` in
 * radians.
 */
export function corners(count: number, radius: number, start: number, x = 0, y = 0): string {
  return Array.from({ length: count }, (_, corner) => {
    const angle = start + (2 * Math.PI * corner) / count;
    return `${(x + radius * Math.cos(angle)).toFixed(2)},${(y + radius * Math.sin(angle)).toFixed(2)}`;
  }).join(' ');
}

/**
 * Returns `<defs>` with the shading of a round thing that is lit from the upper left, to fill with
 * `url(#b)`; `more` is added to the definitions.
 */
export function roundShading(light: string, middle: string, dark: string, more = ''): string {
  return [
    '<defs><radialGradient id="b" cx="35%" cy="30%" r="75%">',
    `<stop offset="0" stop-color="${light}"/><stop offset=".6" stop-color="${middle}"/><stop offset="1" stop-color="${dark}"/>`,
    `</radialGradient>${more}</defs>`,
  ].join('');
}

/** Returns the texts for 0, 1 … count - 1, one after the other. */
export function repeat(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}
