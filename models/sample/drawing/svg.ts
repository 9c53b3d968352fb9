/** What several subjects are made of. All return SVG text. */

/**
 * Corners of a regular polygon, for a `points` attribute; the first at angle `start`, in radians.
 */
export function corners(count: number, radius: number, start: number, x = 0, y = 0): string {
  return Array.from({ length: count }, (_, corner) => {
    const angle = start + (2 * Math.PI * corner) / count;
    return `${(x + radius * Math.cos(angle)).toFixed(2)},${(y + radius * Math.sin(angle)).toFixed(2)}`;
  }).join(' ');
}

/**
 * `<defs>` with the shading of something round, lit from the upper left, to fill with `url(#b)`;
 * `more` is defined beside it.
 */
export function roundShading(light: string, middle: string, dark: string, more = ''): string {
  return [
    '<defs><radialGradient id="b" cx="35%" cy="30%" r="75%">',
    `<stop offset="0" stop-color="${light}"/><stop offset=".6" stop-color="${middle}"/><stop offset="1" stop-color="${dark}"/>`,
    `</radialGradient>${more}</defs>`,
  ].join('');
}

/** The texts of 0, 1 … count - 1, one behind the other. */
export function repeat(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}
