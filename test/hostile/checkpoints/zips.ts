import { dict, type PickleNode, pickle } from '../../models/checkpoint/pickle-writer.ts';
import { packEntries } from '../../models/checkpoint/write-zip.ts';
import type { Random } from '../random.ts';

/** A field of a record of a zip archive: its offset from the signature, and its bytes. */
type Field = readonly [at: number, bytes: 2 | 4 | 8];

/** The fields of the records, by their signatures (APPNOTE.TXT, 4.3). */
const RECORDS: Readonly<Record<string, readonly Field[]>> = {
  'PK\x03\x04': [
    [4, 2],
    [6, 2],
    [8, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  'PK\x01\x02': [
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [34, 2],
    [42, 4],
  ],
  'PK\x05\x06': [
    [4, 2],
    [6, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
  'PK\x06\x06': [
    [4, 8],
    [24, 8],
    [32, 8],
    [40, 8],
    [48, 8],
  ],
  'PK\x06\x07': [
    [4, 4],
    [8, 8],
    [16, 4],
  ],
};
const EXTREMES = [0n, 1n, 8n, 99n, 0x7fffn, 0xffffn, 0x7fffffffn, 0xfffffffen, 0xffffffffn, 2n ** 53n, 2n ** 64n - 1n];
const NAMES = [
  'archive/data.pkl',
  'archive/byteorder',
  'archive/version',
  'archive/data/0',
  '../../../tmp/data.pkl',
  '/etc/passwd',
  'archive\\data.pkl',
  'archive/data.pkl\0.txt',
  'archive/./data.pkl',
  'C:\\data.pkl',
  'a/',
  'аrchive/data.pkl',
];
const SWOLLEN_BYTES = 20_000_000;

/** Changes one to four fields of an archive's records. */
export function changeFields(archive: Buffer, random: Random): Buffer {
  const changed = Buffer.from(archive);
  const fields = Object.entries(RECORDS).flatMap(([signature, list]) =>
    placesOf(archive, signature).flatMap((at) => list.map(([offset, bytes]) => [at + offset, bytes] as const)),
  );
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const [at, bytes] = random.oneOf(fields);
    const value = random.oneOf([...EXTREMES, BigInt(archive.length), BigInt(random.below(archive.length))]);
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(value);
    if (at + bytes <= changed.length) field.copy(changed, at, 0, bytes);
  }
  return changed;
}

/** An archive of entries that do not belong together: names that lead out, repeat or look alike. */
export function strangeEntries(random: Random, roots: readonly PickleNode[]): Promise<Buffer> {
  const count = 1 + random.below(6);
  const entries = Array.from({ length: count }, (): [string, Uint8Array] => {
    const content = random.oneOf([
      () => pickle(random.oneOf(roots), { protocol: 2 + random.below(4) }),
      () => pickle(dict(['a', 1])),
      () => Buffer.from('little'),
      () => Buffer.alloc(random.below(64)),
      () => Buffer.alloc(random.isChance(0.02) ? SWOLLEN_BYTES : 1000),
    ]);
    return [random.oneOf(NAMES), content()];
  });
  return pack(entries, { compress: random.isChance(0.5), zip64: random.isChance(0.3) });
}

/** Unlike the writer, other programs write any names. They are as long as what they replace. */
async function pack(entries: readonly (readonly [string, Uint8Array])[], how: { compress: boolean; zip64: boolean }) {
  const placeholders = entries.map(([name, bytes], index) => {
    const length = Buffer.byteLength(name);
    return [`${String(index).padStart(2, '0')}${'x'.repeat(Math.max(0, length - 2))}`, bytes] as const;
  });
  const archive = await packEntries(placeholders, how);
  for (const [index, [placeholder]] of placeholders.entries()) {
    for (const at of placesOf(archive, placeholder)) archive.write(entries[index]?.[0] ?? '', at);
  }
  return archive;
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0; at = bytes.indexOf(text, at + 1, 'latin1')) places.push(at);
  return places;
}
