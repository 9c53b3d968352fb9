import * as fc from 'fast-check';
import { dict, pickle } from './pickle-writer.ts';
import { storageNode, storageOf, tensorNode } from './tensor-nodes.ts';
import { LEGACY_MAGIC, LEGACY_PROTOCOL } from './write-legacy.ts';

/** A storage that opcodes may refer to. */
export const STORAGE = storageOf('7', 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));

/** What stands before the saved object in the legacy format. */
export const HEAD = Buffer.concat([
  pickle(LEGACY_MAGIC),
  pickle(LEGACY_PROTOCOL),
  pickle(dict(['little_endian', true])),
]);

/** Every opcode on the reader's list, with arguments that are often valid. */
export const opcode = fc.oneof(
  fc.constantFrom(...'NR)](}tae su.bQ0'.split('').map((code) => Buffer.from(code))),
  fc.constantFrom(0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x93, 0x94).map((code) => Buffer.from([code])),
  fc
    .tuple(fc.constantFrom('K', 'q', 'h', 'U', 'C'), fc.nat({ max: 5 }))
    .map(([code, value]) => Buffer.concat([Buffer.from(code), Buffer.from([value])])),
  fc
    .tuple(fc.constantFrom('J', 'r', 'j', 'X', 'T', 'B'), fc.uint8Array({ minLength: 4, maxLength: 4 }))
    .map(([code, value]) => Buffer.concat([Buffer.from(code), value])),
  fc
    .constantFrom(
      'ccollections\nOrderedDict\n',
      'ctorch\nFloatStorage\n',
      'ctorch\nSize\n',
      'ctorch._utils\n_rebuild_tensor_v2\n',
      'ctorch._utils\n_rebuild_parameter\n',
      'cos\nsystem\n',
    )
    .map((text) => Buffer.from(text)),
  fc.constant(pickle(storageNode(STORAGE, 'legacy')).subarray(2, -1)),
  fc.constant(pickle(tensorNode({ storage: STORAGE, shape: [6] }, 'legacy')).subarray(2, -1)),
);
