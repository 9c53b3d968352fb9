import * as fc from 'fast-check';
import { mutated } from './mutations.ts';
import { checkOnlyNamedErrors } from './only-named-errors.ts';
import { useTemporaryFiles } from './temporary-files.ts';
import { zipCheckpoint } from './write-zip.ts';

const files = useTemporaryFiles();

function checkpoint(): Promise<Buffer> {
  return zipCheckpoint([
    { name: 'fc.weight', shape: [3, 2], fill: (elements) => elements.fill(1) },
    { name: 'fc.bias', shape: [3], fill: (elements) => elements.fill(2) },
  ]);
}

test('mutated archives: only CheckpointErrors escape', async () => {
  const outcomes = { opened: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(mutated(await checkpoint()), async (bytes) => {
      outcomes[await checkOnlyNamedErrors(files, bytes)] += 1;
    }),
    { seed: 3, numRuns: 1500 },
  );

  expect(outcomes.opened).toBeGreaterThan(20);
  expect(outcomes.refused).toBeGreaterThan(200);
});

test('mutated directories of archives: only CheckpointErrors escape', async () => {
  const bytes = await checkpoint();
  const directory = bytes.indexOf(Buffer.from('PK\x01\x02'));
  await fc.assert(
    fc.asyncProperty(mutated(bytes.subarray(directory)), async (mutation) => {
      await checkOnlyNamedErrors(files, Buffer.concat([bytes.subarray(0, directory), mutation]));
    }),
    { seed: 5, numRuns: 1500 },
  );
});
