/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** What a subject is drawn with: all chance comes from one generator, in the order of the calls. */
export interface Brush {
  readonly random: Random;
  /** A number in [low, high). */
  between(low: number, high: number): number;
  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** An SVG colour near this one: each part is off by at most `jitter` (degrees and percent). Default 8. */
  hsl(hue: number, saturation: number, lightness: number, jitter?: number): string;
}

/** The same numbers for a seed on every machine (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createBrush(random: Random): Brush {
  const between = (low: number, high: number) => low + (high - low) * random();
  return {
    random,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    pick: (items) => items[Math.floor(random() * items.length)] ?? items[0],
    hsl(hue, saturation, lightness, jitter = 8) {
      const h = (hue + between(-jitter, jitter) + 360) % 360;
      const s = Math.min(100, Math.max(0, saturation + between(-jitter, jitter)));
      const l = Math.min(97, Math.max(4, lightness + between(-jitter, jitter)));
      return `hsl(${h},${s}%,${l}%)`;
    },
  };
}

/** Pieces of SVG, one behind the other. */
export function svg(...pieces: readonly string[]): string {
  return pieces.join('');
}

/** The corners of a regular polygon, as `points` takes them; the first lies at `angle` (radians). */
export function polygon(corners: number, radius: number, angle = 0, centreX = 0, centreY = 0): string {
  return Array.from({ length: corners }, (_, corner) => {
    const turn = angle + (2 * Math.PI * corner) / corners;
    return `${(centreX + radius * Math.cos(turn)).toFixed(2)},${(centreY + radius * Math.sin(turn)).toFixed(2)}`;
  }).join(' ');
}

/** A gradient that makes a disc look like a ball lit from the upper left. */
export function ballShade(id: string, light: string, middle: string, dark: string): string {
  return svg(
    `<radialGradient id="${id}" cx="35%" cy="30%" r="75%"><stop offset="0" stop-color="${light}"/>`,
    `<stop offset=".6" stop-color="${middle}"/><stop offset="1" stop-color="${dark}"/></radialGradient>`,
  );
}
