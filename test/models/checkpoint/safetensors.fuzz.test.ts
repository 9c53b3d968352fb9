import * as fc from 'fast-check';
import { mutated } from './mutations.ts';
import { checkOnlyNamedErrors } from './only-named-errors.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { safetensorsCheckpoint, safetensorsOf } from './write-safetensors.ts';

const files = useTemporaryFiles();

const CHECKPOINT = safetensorsCheckpoint([
  { name: 'fc.weight', shape: [3, 2], fill: (elements) => elements.fill(1) },
  { name: 'fc.bias', shape: [3], fill: (elements) => elements.fill(2) },
]);

const size = fc.oneof(fc.nat({ max: 4 }), fc.constantFrom(-1, 0.5, 2 ** 40, 2 ** 53, 1e300));

/** A tensor of bytes, and the wrong fields in its header; mostly there are none. */
const tensor = fc.record({
  name: fc.constantFrom('a', 'b', '0', '__proto__', 'module.a'),
  elements: fc.nat({ max: 8 }),
  lie: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record(
      {
        dtype: fc.constantFrom('F32', 'I8', 'F8_E4M3', ''),
        shape: fc.array(size, { maxLength: 3 }),
        data_offsets: fc.array(size, { maxLength: 3 }),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  ),
});

test('mutated files: only CheckpointErrors escape', async () => {
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(mutated(CHECKPOINT), async (bytes) => {
      outcomes[await checkOnlyNamedErrors(files, bytes)] += 1;
    }),
    { seed: 3, numRuns: 2000 },
  );

  expect(outcomes.opened).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
});

test('headers of any JSON: only CheckpointErrors escape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
      ),
      async (json) => {
        await checkOnlyNamedErrors(files, safetensorsOf(json, Buffer.alloc(16)));
      },
    ),
    { seed: 5, numRuns: 1000 },
  );
});

test('headers that describe tensors rightly or wrongly: only CheckpointErrors escape', async () => {
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(tensor, { maxLength: 4 }), async (tensors) => {
      let end = 0;
      const header = tensors.map(({ name, elements, lie }) => {
        const fields = { dtype: 'U8', shape: [elements], data_offsets: [end, end + elements], ...lie };
        end += elements;
        return `${JSON.stringify(name)}:${JSON.stringify(fields)}`;
      });
      outcomes[await checkOnlyNamedErrors(files, safetensorsOf(`{${header}}`, Buffer.alloc(end)))] += 1;
    }),
    { seed: 7, numRuns: 1500 },
  );

  expect(outcomes.opened).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(200);
});
