import { damaged, unsupported } from '../refusals.ts';
import { type Directory, numberOf, numbersOf } from './directory.ts';
import type { Layout } from './layout.ts';
import { PHOTOMETRIC, TAG } from './tags.ts';

/**
 * Writes one pixel: reads its samples, 0 to 255, from `samples` at `from`, and writes grey, RGB or
 * CMYK into `result` at `to`. Values are rounded and limited by the array.
 */
type WriteColour = (samples: Float64Array, from: number, result: Uint8ClampedArray, to: number) => void;

export interface Colours {
  /** How many bytes a pixel becomes: 1 grey, 3 RGB, 4 CMYK. */
  readonly channels: 1 | 3 | 4;
  readonly write: WriteColour;
}

/** Weights of red and blue in luma: ITU-R BT.601, which TIFF takes where the file says nothing. */
const BT601 = [0.299, 0.587, 0.114];

/**
 * Returns how a picture's samples become grey, RGB or CMYK.
 * @throws {UnsupportedFormatError} for colours that are not known, or inks other than CMYK
 */
export function coloursOf(directory: Directory, layout: Layout): Colours {
  const { photometric, samples } = layout;
  const need = (count: number): void => {
    if (samples < count) throw damaged('tiff', `${samples} samples are too few for colour kind ${photometric}`);
  };
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
      return { channels: 1, write: inverse };
    case PHOTOMETRIC.blackIsZero:
      return { channels: 1, write: copy(1) };
    case PHOTOMETRIC.palette:
      return { channels: 3, write: paletteColours(directory, layout) };
    case PHOTOMETRIC.separated:
      need(4);
      if (numberOf(directory, TAG.inkSet, 1) !== 1) throw unsupported('tiff', 'of inks other than CMYK', 'RGB');
      return { channels: 4, write: copy(4) };
    case PHOTOMETRIC.yCbCr:
      need(3);
      return { channels: 3, write: yCbCrColours(directory) };
    case PHOTOMETRIC.cieLab:
    case PHOTOMETRIC.iccLab:
      need(3);
      return { channels: 3, write: labColours(photometric === PHOTOMETRIC.cieLab) };
    default:
      need(3);
      return { channels: 3, write: copy(3) };
  }
}

const inverse: WriteColour = (from, at, to, place) => {
  to[place] = 255 - (from[at] ?? 0);
};

function copy(count: number): WriteColour {
  return (from, at, to, place) => {
    for (let channel = 0; channel < count; channel += 1) to[place + channel] = from[at + channel] ?? 0;
  };
}

/** The palette holds 16-bit colours: all reds, then all greens, then all blues. */
function paletteColours(directory: Directory, { bits }: Layout): WriteColour {
  const colours = 2 ** bits;
  const map = bits <= 16 ? numbersOf(directory, TAG.colorMap, 3 * colours) : undefined;
  if (!map || map.length < 3 * colours) throw damaged('tiff', 'its palette is missing or too short');
  // Some old programs wrote 8-bit colours.
  const divisor = map.some((value) => value > 255) ? 257 : 1;
  return (from, at, to, place) => {
    const index = Math.round(((from[at] ?? 0) * (colours - 1)) / 255);
    for (let channel = 0; channel < 3; channel += 1) {
      to[place + channel] = (map[channel * colours + index] ?? 0) / divisor;
    }
  };
}

/** YCbCr by TIFF 6.0, section 21. */
function yCbCrColours(directory: Directory): WriteColour {
  const [red = 0, green = 0, blue = 0] = numbersOf(directory, TAG.yCbCrCoefficients, 3) ?? BT601;
  const reference = numbersOf(directory, TAG.referenceBlackWhite, 6) ?? [];
  const [black = 0, white = 255, blueZero = 128, blueMost = 255, redZero = 128, redMost = 255] = reference;
  return (from, at, to, place) => {
    const luma = (((from[at] ?? 0) - black) * 255) / (white - black);
    const toBlue = (((from[at + 1] ?? 0) - blueZero) * 127) / (blueMost - blueZero);
    const toRed = (((from[at + 2] ?? 0) - redZero) * 127) / (redMost - redZero);
    const [r, b] = [luma + toRed * (2 - 2 * red), luma + toBlue * (2 - 2 * blue)];
    to[place] = r;
    to[place + 1] = (luma - red * r - blue * b) / green;
    to[place + 2] = b;
  };
}

/** CIE 15: the linear part of L*a*b* lies below (6/29)^3. */
const LAB_DELTA = 6 / 29;
/** The D50 white of ICC profiles. */
const WHITE = [0.9642, 1, 0.8249] as const;
/** From XYZ for D50 to linear sRGB: the Bradford-adapted inverse of the sRGB profile's matrix. */
const XYZ_TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

/** IEC 61966-2-1: from linear light to sRGB, both 0 to 1. */
function toGamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Enough steps of linear light that none is more than a twentieth of a level of sRGB. */
const GAMMA_STEPS = 65_536;
/** See gammaTable. */
let gamma: Float32Array | undefined;

/**
 * sRGB, 0 to 255, for each step. A power for each pixel would take most of the time. It is made
 * with the first L*a*b* picture: it takes 10 ms, which no other cold start should wait for.
 */
function gammaTable(): Float32Array {
  gamma ??= Float32Array.from({ length: GAMMA_STEPS + 1 }, (_, step) => 255 * toGamma(step / GAMMA_STEPS));
  return gamma;
}

/**
 * CIE L*a*b* for D50. L is 0 to 100 over the whole range of its sample.
 * @param isSigned whether a and b are signed numbers (CIELab); else they are shifted by 128
 *   (ICCLab)
 */
function labColours(isSigned: boolean): WriteColour {
  const chroma = (value: number): number => (isSigned ? (value > 127.5 ? value - 256 : value) : value - 128);
  const levels = gammaTable();
  return (from, at, to, place) => {
    const lightness = ((from[at] ?? 0) / 2.55 + 16) / 116;
    const x = WHITE[0] * fromLab(lightness + chroma(from[at + 1] ?? 0) / 500);
    const y = WHITE[1] * fromLab(lightness);
    const z = WHITE[2] * fromLab(lightness - chroma(from[at + 2] ?? 0) / 200);
    for (let channel = 0; channel < 3; channel += 1) {
      const row = XYZ_TO_SRGB[channel] ?? WHITE;
      const linear = row[0] * x + row[1] * y + row[2] * z;
      const step = linear <= 0 ? 0 : linear >= 1 ? GAMMA_STEPS : Math.round(linear * GAMMA_STEPS);
      to[place + channel] = levels[step] ?? 0;
    }
  };
}

function fromLab(value: number): number {
  return value > LAB_DELTA ? value * value * value : 3 * LAB_DELTA * LAB_DELTA * (value - 4 / 29);
}
