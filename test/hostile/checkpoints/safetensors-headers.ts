import { safetensorsOf } from '../../models/checkpoint/write-safetensors.ts';
import type { Random } from '../random.ts';

const NUMBERS = [0, 1, 2, 3, 4, 8, 16, -1, 0.5, 255, 65_535, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, 1e300];
const TYPES = ['F32', 'F16', 'BF16', 'F64', 'I8', 'U8', 'BOOL', 'F8_E4M3', 'I64', 'f32', '', null, 7];
const NAMES = [
  'a',
  'conv1.weight',
  'layer1.0.conv1.weight',
  'fc.weight',
  '__proto__',
  'constructor',
  '',
  '\u0000',
  'ﬁ',
  '__metadata__',
];
const TEXTS = [
  '',
  '{',
  '[]',
  'null',
  '{"a":',
  '{"a":{}}',
  `${'['.repeat(50_000)}`,
  `{"a":${'{"b":'.repeat(20_000)}`,
  '\ufeff{}',
];
const MOST_DATA = 96;

/** Returns a file whose header lies about its tensors, or about itself. */
export function safetensorsFile(random: Random): Buffer {
  const data = random.bytes(random.below(MOST_DATA));
  const header = random.isChance(0.1) ? random.oneOf(TEXTS) : headerText(random, data.length);
  const file = safetensorsOf(header, data);
  if (random.isChance(0.2))
    file.writeBigUInt64LE(random.oneOf([0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n, BigInt(file.length)]));
  return random.isChance(0.1) ? file.subarray(0, random.below(file.length)) : file;
}

function headerText(random: Random, dataBytes: number): string {
  let at = 0;
  const entries = Array.from({ length: random.below(5) }, () => {
    const elements = random.below(5);
    const honest = { dtype: 'U8', shape: [elements], data_offsets: [at, Math.min(dataBytes, at + elements)] };
    at += elements;
    return `${JSON.stringify(random.oneOf(NAMES))}:${JSON.stringify(random.isChance(0.4) ? honest : { ...honest, ...lie(random) })}`;
  });
  return `{${entries.join(',')}}`;
}

function lie(random: Random): object {
  const numbers = () => Array.from({ length: random.below(5) }, () => random.oneOf(NUMBERS));
  return random.oneOf([
    () => ({ dtype: random.oneOf(TYPES) }),
    () => ({ shape: numbers() }),
    () => ({ data_offsets: numbers() }),
    () => ({ dtype: random.oneOf(TYPES), shape: numbers(), data_offsets: numbers() }),
    () => ({ shape: 'x', other: {} }),
    () => ({ shape: Array(200).fill(1) }),
    () => ({ shape: Array(40).fill(2 ** 30) }),
  ])();
}
