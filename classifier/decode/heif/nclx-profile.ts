import type { Nclx } from './colour.ts';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];
type Curve = (signal: number) => number;

/** Code numbers of ITU-T H.273 that mean sRGB, or that nothing is said. */
const SRGB_PRIMARIES = new Set([1, 2]);
/**
 * sRGB, unspecified, and the curves of video (BT.709, BT.601, BT.2020), which cameras write for
 * pictures that are to be shown as sRGB: screens and browsers show them with its curve.
 */
const SRGB_TRANSFERS = new Set([1, 2, 6, 13, 14, 15]);

/** Chromaticities x, y of red, green and blue (H.273, table 2), all with the white point D65. */
const PRIMARIES: Readonly<Record<number, readonly [red: Xy, green: Xy, blue: Xy]>> = {
  1: [xy(0.64, 0.33), xy(0.3, 0.6), xy(0.15, 0.06)],
  5: [xy(0.64, 0.33), xy(0.29, 0.6), xy(0.15, 0.06)],
  6: [xy(0.63, 0.34), xy(0.31, 0.595), xy(0.155, 0.07)],
  7: [xy(0.63, 0.34), xy(0.31, 0.595), xy(0.155, 0.07)],
  9: [xy(0.708, 0.292), xy(0.17, 0.797), xy(0.131, 0.046)],
  12: [xy(0.68, 0.32), xy(0.265, 0.69), xy(0.15, 0.06)],
};
const D65 = xy(0.3127, 0.329);
/** The white of ICC profiles (ICC.1:2022, 7.2.16). */
const D50: Vector = [0.9642, 1, 0.8249];
/** The Bradford matrix, which adapts colours to another white (ICC.1:2022, annex E). */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/**
 * White of ordinary pictures in nits (ITU-R BT.2408, reference white). Where a picture may be
 * brighter (PQ, HLG), everything above is cut off.
 */
const REFERENCE_WHITE_NITS = 203;
const PQ_PEAK_NITS = 10_000;
/** The HLG signal of that white, from the same report. */
const HLG_WHITE_SIGNAL = 0.75;

/** Light from 0 to 1 for a signal from 0 to 1 (H.273, table 3). */
const CURVES: Readonly<Record<number, Curve>> = {
  4: (signal) => signal ** 2.2,
  5: (signal) => signal ** 2.8,
  8: (signal) => signal,
  16: (signal) => Math.min(1, (pq(signal) * PQ_PEAK_NITS) / REFERENCE_WHITE_NITS),
  18: (signal) => Math.min(1, hlg(signal) / hlg(HLG_WHITE_SIGNAL)),
};

const CURVE_POINTS = 1024;

/**
 * Makes an ICC profile of colours that are given by code numbers. Unknown numbers count as sRGB's.
 * @returns undefined where the colours are sRGB, so that no profile is needed
 */
export function nclxProfile({ primaries, transfer }: Nclx): Uint8Array | undefined {
  const curve = SRGB_TRANSFERS.has(transfer) ? undefined : CURVES[transfer];
  const chromaticities = SRGB_PRIMARIES.has(primaries) ? undefined : PRIMARIES[primaries];
  if (curve === undefined && chromaticities === undefined) return undefined;
  const columns = transpose(toD50(chromaticities ?? (PRIMARIES[1] as NonNullable<(typeof PRIMARIES)[1]>)));
  return writeProfile(columns, curve ?? srgb);
}

interface Xy {
  readonly x: number;
  readonly y: number;
}

function xy(x: number, y: number): Xy {
  return { x, y };
}

function toXyz({ x, y }: Xy): Vector {
  return [x / y, 1, (1 - x - y) / y];
}

/** Returns the matrix from linear RGB to XYZ under D50; its columns are red, green and blue. */
function toD50([red, green, blue]: readonly [Xy, Xy, Xy]): Matrix {
  const unscaled = transpose([toXyz(red), toXyz(green), toXyz(blue)]);
  const white = toXyz(D65);
  const scaled = multiply(unscaled, diagonal(apply(invert(unscaled), white)));
  const [from, to] = [apply(BRADFORD, white), apply(BRADFORD, D50)];
  const adaptation = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  return multiply(multiply(multiply(invert(BRADFORD), adaptation), BRADFORD), scaled);
}

function apply(matrix: Matrix, [a, b, c]: Vector): Vector {
  const [first, second, third] = matrix.map(([x, y, z]) => x * a + y * b + z * c) as [number, number, number];
  return [first, second, third];
}

function transpose([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  return [
    [a, d, g],
    [b, e, h],
    [c, f, i],
  ];
}

function multiply(one: Matrix, other: Matrix): Matrix {
  const [a, b, c] = transpose(other);
  return transpose([apply(one, a), apply(one, b), apply(one, c)]);
}

function diagonal([a, b, c]: Vector): Matrix {
  return [
    [a, 0, 0],
    [0, b, 0],
    [0, 0, c],
  ];
}

function invert([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const scale = 1 / determinant;
  return [
    [(e * i - f * h) * scale, (c * h - b * i) * scale, (b * f - c * e) * scale],
    [(f * g - d * i) * scale, (a * i - c * g) * scale, (c * d - a * f) * scale],
    [(d * h - e * g) * scale, (b * g - a * h) * scale, (a * e - b * d) * scale],
  ];
}

function srgb(signal: number): number {
  return signal <= 0.04045 ? signal / 12.92 : ((signal + 0.055) / 1.055) ** 2.4;
}

/** SMPTE ST 2084, as a share of 10,000 nits. */
function pq(signal: number): number {
  const [m1, m2, c1, c2, c3] = [
    2610 / 16_384,
    (2523 / 4096) * 128,
    3424 / 4096,
    (2413 / 4096) * 32,
    (2392 / 4096) * 32,
  ];
  const power = signal ** (1 / m2);
  return (Math.max(0, power - c1) / (c2 - c3 * power)) ** (1 / m1);
}

/** The inverse of ARIB STD-B67's curve: light of the scene, 0 to 1. */
function hlg(signal: number): number {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  return signal <= 0.5 ? signal ** 2 / 3 : (Math.exp((signal - c) / a) + b) / 12;
}

const HEADER_BYTES = 128;
const TAG_BYTES = 12;
const XYZ_BYTES = 20;

/** Writes a display profile of a matrix and one curve (ICC.1:2001-04, version 2.4). */
function writeProfile([red, green, blue]: Matrix, curve: Curve): Uint8Array {
  const tags: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ['wtpt', xyzTag(D50)],
    ['rXYZ', xyzTag(red)],
    ['gXYZ', xyzTag(green)],
    ['bXYZ', xyzTag(blue)],
    ['rTRC', curveTag(curve)],
  ];
  const table = 4 + (tags.length + 2) * TAG_BYTES;
  const size = HEADER_BYTES + table + tags.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const profile = Buffer.alloc(size);
  profile.writeUInt32BE(size, 0);
  profile.writeUInt32BE(0x02400000, 8);
  profile.write('mntrRGB XYZ ', 12, 'latin1');
  profile.write('acsp', 36, 'latin1');
  for (const [index, part] of D50.entries()) profile.writeInt32BE(fixed(part), 68 + 4 * index);
  let at = HEADER_BYTES + table;
  const entries = tags.map(([name, bytes]) => {
    profile.set(bytes, at);
    at += bytes.length;
    return { name, offset: at - bytes.length, size: bytes.length };
  });
  const [last] = entries.slice(-1);
  // The three colours share one curve.
  const all = [...entries, { ...last, name: 'gTRC' }, { ...last, name: 'bTRC' }];
  profile.writeUInt32BE(all.length, HEADER_BYTES);
  for (const [index, { name, offset = 0, size: bytes = 0 }] of all.entries()) {
    const entry = HEADER_BYTES + 4 + index * TAG_BYTES;
    profile.write(name, entry, 'latin1');
    profile.writeUInt32BE(offset, entry + 4);
    profile.writeUInt32BE(bytes, entry + 8);
  }
  return profile;
}

function xyzTag(colour: Vector): Uint8Array {
  const tag = Buffer.alloc(XYZ_BYTES);
  tag.write('XYZ ', 0, 'latin1');
  for (const [index, part] of colour.entries()) tag.writeInt32BE(fixed(part), 8 + 4 * index);
  return tag;
}

function curveTag(curve: Curve): Uint8Array {
  const tag = Buffer.alloc(12 + 2 * CURVE_POINTS);
  tag.write('curv', 0, 'latin1');
  tag.writeUInt32BE(CURVE_POINTS, 8);
  for (let point = 0; point < CURVE_POINTS; point += 1) {
    tag.writeUInt16BE(Math.round(65_535 * curve(point / (CURVE_POINTS - 1))), 12 + 2 * point);
  }
  return tag;
}

/** A number as ICC stores it: 16 bits before and 16 behind the point. */
function fixed(value: number): number {
  return Math.round(value * 65_536);
}
