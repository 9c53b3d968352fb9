import * as fc from 'fast-check';
import { mutated } from './mutations.ts';
import { checkOnlyNamedErrors } from './only-named-errors.ts';
import { HEAD, opcode, STORAGE } from './opcodes.ts';
import { dict, list, orderedDict } from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { parameterNode, tensorNode } from './tensor-nodes.ts';
import { legacyBytes } from './write-legacy.ts';

const files = useTemporaryFiles();

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
