import * as fc from 'fast-check';
import { CHECKPOINT_GLOBALS } from '../../../models/checkpoint/harmless-globals.ts';
import { mutated } from './mutations.ts';
import { checkOnlyNamedErrors } from './only-named-errors.ts';
import { call, dict, global, list, orderedDict, type PickleNode, pickle, tuple } from './pickle-writer.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { storageOf, tensorNode } from './tensor-nodes.ts';
import { LEGACY_MAGIC, LEGACY_PROTOCOL, legacyBytes } from './write-legacy.ts';

const files = useTemporaryFiles();

const STORAGE = storageOf('7', 'float32', Float32Array.of(0, 1, 2, 3));
const TENSOR = tensorNode({ storage: STORAGE, shape: [2, 2] }, 'legacy');
const PREFIXES = ['', 'module.', 'ema.', 'a.b.'];
const KEYS = ['', 'model', 'ema', 'a.0', 'x'];

/** What a user may ask for, right or wrong. */
const options = fc.record(
  { key: fc.constantFrom(...KEYS), prefix: fc.constantFrom(...PREFIXES, 'x.'), skipObjects: fc.boolean() },
  { requiredKeys: [] },
);

const state = (prefix: string): PickleNode =>
  orderedDict(
    ['conv1.weight', 'layer1.0.conv1.weight', 'fc.1.weight'].map((name) => [`${prefix}${name}`, TENSOR] as const),
  );

const names = [...CHECKPOINT_GLOBALS.keys(), 'os system', 'my.module Thing', 'torch._utils _rebuild_qtensor'];
const name = fc.constantFrom(...names).map((path) => {
  const [module = '', symbol = ''] = path.split(' ');
  return global(module, symbol);
});

/** Values that may be beside a state dict, harmless or not, with state dicts inside them. */
const { value } = fc.letrec<{ value: PickleNode }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<PickleNode>(null, 3, 'text', TENSOR, ...PREFIXES.map(state)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => list(...items)),
    fc
      .dictionary(fc.constantFrom('model', 'ema', 'a', 'fc.bias'), tie('value'), { maxKeys: 3 })
      .map((entries) => dict(...Object.entries(entries))),
    fc
      .record({
        callee: name,
        args: fc.array(tie('value'), { maxLength: 3 }),
        state: tie('value'),
        newObject: fc.boolean(),
      })
      .map(({ callee, args, ...extra }) => call(callee, tuple(...args), extra)),
  ),
}));

test('any values beside any networks, with any options: only CheckpointErrors escape', async () => {
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(value, value, options, fc.constantFrom(2, 4), async (one, other, asked, protocol) => {
      const root = dict(['model', state('module.')], ['a', list(one)], ['x', other]);
      const bytes = legacyBytes({ root, storages: [STORAGE], protocol });
      outcomes[await checkOnlyNamedErrors(files, bytes, asked)] += 1;
    }),
    { seed: 31, numRuns: 1500 },
  );

  expect(outcomes.opened).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(100);
});

test('mutated checkpoints with values beside the weights: only CheckpointErrors escape', async () => {
  const args = call(global('argparse', 'Namespace'), tuple(), { state: dict(['lr', 1], ['net', state('')]) });
  const counts = call(global('collections', 'Counter'), tuple(dict(['a', 1])));
  const root = dict(
    ['model', state('module.')],
    ['args', args],
    ['counts', counts],
    ['x', call(global('os', 'system'), tuple('id'))],
  );
  const original = legacyBytes({ root, storages: [STORAGE] });
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(mutated(original), async (bytes) => {
      outcomes[await checkOnlyNamedErrors(files, bytes, { skipObjects: true })] += 1;
    }),
    { seed: 32, numRuns: 1000 },
  );

  expect(outcomes.opened).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
});

const opcode = fc.oneof(
  fc.constantFrom(...'NR)](}tae su.bQ'.split('').map((code) => Buffer.from(code))),
  fc.constantFrom(0x81, 0x85, 0x86, 0x8f, 0x90, 0x91, 0x93, 0x94, 0x96).map((code) => Buffer.from([code])),
  fc
    .tuple(fc.constantFrom('K', 'q', 'h', 'U', 'C'), fc.nat({ max: 5 }))
    .map(([code, argument]) => Buffer.concat([Buffer.from(code), Buffer.from([argument])])),
  fc.constantFrom(...names).map((path) => Buffer.from(`c${path.replace(' ', '\n')}\n`)),
  fc.constant(pickle(TENSOR).subarray(2, -1)),
);

test('random opcodes with every allowed name: only CheckpointErrors escape', async () => {
  const head = Buffer.concat([pickle(LEGACY_MAGIC), pickle(LEGACY_PROTOCOL), pickle(dict(['little_endian', true]))]);
  await fc.assert(
    fc.asyncProperty(fc.array(opcode, { maxLength: 40 }), options, async (parts, asked) => {
      await checkOnlyNamedErrors(files, Buffer.concat([head, Buffer.from([0x80, 2]), ...parts]), asked);
    }),
    { seed: 33, numRuns: 3000 },
  );
});
