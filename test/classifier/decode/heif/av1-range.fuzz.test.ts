import fc from 'fast-check';
import { isFullRangeAv1 } from '../../../../classifier/decode/heif/av1-range.ts';
import { BoxError } from '../../../../classifier/decode/heif/box-reader.ts';

type Field = readonly [bits: number, value: number];

/** Packs numbers of any count of bits behind each other. */
function pack(fields: readonly Field[]): Uint8Array {
  const digits = fields.map(([bits, value]) => (bits > 0 ? value.toString(2).padStart(bits, '0') : '')).join('');
  return Uint8Array.from(digits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

const flag = fc.boolean().map(Number);
const number = (bits: number) => fc.nat(2 ** Math.min(bits, 30) - 1).map((value): Field => [bits, value]);

/** The fields of a whole sequence header (AV1 specification, 5.5), each choice made at random. */
const options = fc.record({
  profile: fc.nat(2),
  timing: flag,
  equal: flag,
  ticks: fc.nat(30),
  model: flag,
  delayBits: fc.integer({ min: 1, max: 32 }),
  displayDelay: flag,
  points: fc.array(fc.record({ level: fc.nat(31), model: flag, delay: flag }), { minLength: 1, maxLength: 32 }),
  sides: fc.tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 16 })),
  frameIds: flag,
  orderHint: flag,
  screen: fc.constantFrom('chosen', 'on', 'off'),
  chosenMotion: flag,
  high: flag,
  twelve: flag,
  grey: flag,
  colours: fc.option(fc.constantFrom([1, 13, 6], [1, 13, 0], [12, 13, 0], [2, 2, 2])),
  full: flag,
  noise: number(24),
});

type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

function golomb(value: number): Field[] {
  const bits = Math.floor(Math.log2(value + 1));
  return [
    [bits, 0],
    [bits + 1, value + 1],
  ];
}

function operatingPoints({ timing, equal, ticks, model, delayBits, displayDelay, points }: Options): Field[] {
  const fields: Field[] = [[1, timing]];
  const hasModel = timing && model;
  if (timing) {
    fields.push([32, 5], [32, 7], [1, equal]);
    if (equal) fields.push(...golomb(ticks));
    fields.push([1, model]);
    if (model) fields.push([5, delayBits - 1], [32, 9], [5, 3], [5, 4]);
  }
  fields.push([1, displayDelay], [5, points.length - 1]);
  for (const point of points) {
    fields.push([12, 0xabc], [5, point.level]);
    if (point.level > 7) fields.push([1, 1]);
    if (hasModel) {
      fields.push([1, point.model]);
      if (point.model) fields.push([delayBits, 1], [delayBits, 1], [1, 1]);
    }
    if (displayDelay) {
      fields.push([1, point.delay]);
      if (point.delay) fields.push([4, 9]);
    }
  }
  return fields;
}

function tools({ orderHint, screen, chosenMotion }: Options): Field[] {
  const fields: Field[] = [
    [4, 0b1010],
    [1, orderHint],
  ];
  if (orderHint) fields.push([2, 3]);
  if (screen === 'chosen') fields.push([1, 1]);
  else fields.push([1, 0], [1, screen === 'on' ? 1 : 0]);
  if (screen !== 'off') {
    fields.push([1, chosenMotion]);
    if (!chosenMotion) fields.push([1, 1]);
  }
  if (orderHint) fields.push([3, 6]);
  return fields;
}

function colourConfig({ profile, high, twelve, grey, colours, full, noise }: Options): Field[] {
  const fields: Field[] = [[1, high]];
  if (profile === 2 && high) fields.push([1, twelve]);
  if (profile !== 1) fields.push([1, grey]);
  fields.push([1, colours ? 1 : 0], ...(colours ?? []).map((code): Field => [8, code]));
  if (!isRgb({ profile, grey, colours })) fields.push([1, full]);
  return [...fields, noise];
}

function isRgb({ profile, grey, colours }: Pick<Options, 'profile' | 'grey' | 'colours'>): boolean {
  return (profile === 1 || !grey) && String(colours) === '1,13,0';
}

function sequenceHeader(choice: Options, isReduced: boolean): Uint8Array {
  const [width, height] = choice.sides;
  const start: Field[] = [
    [3, choice.profile],
    [1, 1],
    [1, isReduced ? 1 : 0],
  ];
  const size: Field[] = [
    [4, width - 1],
    [4, height - 1],
    [width, 2 ** width - 1],
    [height, 1],
  ];
  const frameIds: Field[] = choice.frameIds
    ? [
        [1, 1],
        [7, 0x55],
      ]
    : [[1, 0]];
  return pack([
    ...start,
    ...(isReduced ? [[5, 8] as const] : operatingPoints(choice)),
    ...size,
    ...(isReduced ? [] : frameIds),
    [3, 5],
    ...(isReduced ? [] : tools(choice)),
    [3, 2],
    ...colourConfig(choice),
  ]);
}

test('the range is found behind every combination of optional fields', () => {
  fc.assert(
    fc.property(options, fc.boolean(), fc.boolean(), (choice, isReduced, hasLength) => {
      const header = sequenceHeader(choice, isReduced);
      const length = header.length < 128 ? [header.length] : [(header.length & 127) | 128, header.length >> 7];
      const start = hasLength ? [0x12, 0, 0x0a, ...length] : [0x12, 0, 0x0c, 0];
      const data = Uint8Array.from([...start, ...header]);

      expect(isFullRangeAv1(data)).toBe(isRgb(choice) || choice.full === 1);
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('any bytes give an answer, none, or a BoxError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isHeader) => {
      const data = isHeader ? Uint8Array.from([0x0a, bytes.length, ...bytes]) : bytes;
      try {
        expect([true, false, undefined]).toContain(isFullRangeAv1(data));
      } catch (error) {
        expect(error).toBeInstanceOf(BoxError);
      }
    }),
    { seed: 13, numRuns: 1000 },
  );
});

test('only the first units are looked through', () => {
  const empty = Array.from({ length: 16 }, () => [0x12, 0]).flat();

  expect(isFullRangeAv1(Uint8Array.from([...empty, 0x0a, 0]))).toBeUndefined();
});
