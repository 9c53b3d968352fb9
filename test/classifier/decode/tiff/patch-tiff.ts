/** Where a little-endian TIFF's entry for a tag begins. */
export function entryAt(bytes: Buffer, tag: number): number {
  for (let at = 18; ; at += 12) if (bytes.readUInt16LE(at) === tag) return at;
}

/** The first of a tag's several values. */
export function firstValueAt(bytes: Buffer, tag: number): number {
  return bytes.readUInt32LE(bytes.readUInt32LE(entryAt(bytes, tag) + 8));
}

/** Gives tags another single value. */
export function patch(bytes: Buffer, values: Readonly<Record<number, number>>): void {
  for (const [tag, value] of Object.entries(values)) {
    patchCount(bytes, Number(tag), 1);
    bytes.writeUInt32LE(value, entryAt(bytes, Number(tag)) + 8);
  }
}

export function patchCount(bytes: Buffer, tag: number, count: number): void {
  bytes.writeUInt32LE(count, entryAt(bytes, tag) + 4);
}
