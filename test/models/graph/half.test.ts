import { MAX_HALF, toHalf } from '../../../models/graph/half.ts';

/** Decodes a number by the definition of the format (IEEE 754 binary16). */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

const FINITE = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test('every half precision number stays itself, with either sign', () => {
  const positive = Float32Array.from(FINITE, fromHalf);

  expect([...toHalf(positive)]).toEqual(FINITE);
  expect([...toHalf(positive.map((value) => -value))]).toEqual(FINITE.map((bits) => bits | 0x8000));
  expect(positive.at(-1)).toBe(MAX_HALF);
});

test('a value between two of them becomes the nearer one, and halfway the even one', () => {
  for (let bits = 0; bits < FINITE.length - 1; bits += 1) {
    const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
    const middle = (low + high) / 2;
    const step = (high - low) / 8;
    const found = toHalf(Float32Array.of(middle - step, middle, middle + step));
    expect([...found]).toEqual([bits, bits % 2 === 0 ? bits : bits + 1, bits + 1]);
  }
});

test('a part of a larger array is read from its start', () => {
  expect([...toHalf(Float32Array.of(9, 1, 2).subarray(1))]).toEqual([0x3c00, 0x4000]);
});
