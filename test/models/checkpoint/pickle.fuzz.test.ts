import * as fc from 'fast-check';
import { mutated } from './mutations.ts';
import { checkOnlyNamedErrors } from './only-named-errors.ts';
import { dict, list, orderedDict, pickle } from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { parameterNode, storageNode, storageOf, tensorNode } from './tensor-nodes.ts';
import { LEGACY_MAGIC, LEGACY_PROTOCOL, legacyBytes } from './write-legacy.ts';

const files = useTemporaryFiles();

const STORAGE = storageOf('7', 'float32', Float32Array.of(0, 1, 2, 3, 4, 5));
const ROOT = dict(
  ['epoch', 3],
  [
    'state_dict',
    orderedDict([
      ['w', tensorNode({ storage: STORAGE, shape: [3, 2], strides: [1, 3] }, 'legacy')],
      ['p', parameterNode(tensorNode({ storage: STORAGE, shape: [2], offset: 4 }, 'legacy'))],
    ]),
  ],
  ['optimizer', dict(['param_groups', list(dict(['params', list(0, 1, 2 ** 40)]))])],
);
const HEAD = Buffer.concat([pickle(LEGACY_MAGIC), pickle(LEGACY_PROTOCOL), pickle(dict(['little_endian', true]))]);

/** Every opcode on the reader's list, with arguments that are often valid. */
const opcode = fc.oneof(
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

test.each([2, 3, 4, 5])('mutated checkpoints of protocol %i: only CheckpointErrors escape', async (protocol) => {
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(mutated(legacyBytes({ root: ROOT, storages: [STORAGE], protocol })), async (bytes) => {
      outcomes[await checkOnlyNamedErrors(files, bytes)] += 1;
    }),
    { seed: 20_240 + protocol, numRuns: 700 },
  );

  // If all mutations failed, or all succeeded, the test would prove nothing.
  expect(outcomes.opened).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
});

test('random opcodes: only CheckpointErrors escape', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(opcode, { maxLength: 40 }), async (parts) => {
      await checkOnlyNamedErrors(files, Buffer.concat([HEAD, Buffer.from([0x80, 2]), ...parts]));
    }),
    { seed: 7, numRuns: 3000 },
  );
});

test('random bytes: only CheckpointErrors escape', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, asPickle) => {
      await checkOnlyNamedErrors(files, asPickle ? Buffer.concat([HEAD, Buffer.from([0x80, 2]), bytes]) : bytes);
    }),
    { seed: 11, numRuns: 1500 },
  );
});
