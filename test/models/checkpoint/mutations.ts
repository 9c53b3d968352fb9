import * as fc from 'fast-check';

/**
 * One change to a file: a byte is set, bytes are removed or inserted, or an integer replaces four
 * or eight bytes. `at` is a position in the original.
 */
type Mutation =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'integer'; readonly at: number; readonly width: 4 | 8; readonly value: bigint };

/** Values that make headers wrong. */
const suspicious = fc.constantFrom(0n, 1n, 0x7fffffffn, 0xffffffffn, 2n ** 32n, 2n ** 40n, 2n ** 63n, 2n ** 64n - 1n);

/** Returns `original` with one to three changes anywhere. */
export function mutated(original: Uint8Array): fc.Arbitrary<Buffer> {
  const at = fc.integer({ min: 0, max: original.length - 1 });
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), at, value: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('cut' as const), at, length: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) }),
    fc.record({
      kind: fc.constant('integer' as const),
      at,
      width: fc.constantFrom(4 as const, 8 as const),
      value: suspicious,
    }),
  );
  return fc
    .array(mutation, { minLength: 1, maxLength: 3 })
    .map((mutations) => mutations.reduce(apply, Buffer.from(original)));
}

function apply(bytes: Buffer, change: Mutation): Buffer {
  const index = Math.min(change.at, bytes.length);
  const [before, after] = [bytes.subarray(0, index), bytes.subarray(index)];
  switch (change.kind) {
    case 'byte':
      return Buffer.concat([before, Buffer.from([change.value]), after.subarray(1)]);
    case 'cut':
      return Buffer.concat([before, after.subarray(change.length)]);
    case 'insert':
      return Buffer.concat([before, change.bytes, after]);
    case 'integer': {
      const integer = Buffer.alloc(8);
      integer.writeBigUInt64LE(change.value);
      return Buffer.concat([before, integer.subarray(0, change.width), after.subarray(change.width)]);
    }
  }
}
