import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnsafeCheckpointError, UnsupportedCheckpointError } from '../../../models/checkpoint/errors.ts';
import { type CheckpointOptions, openCheckpoint } from '../../../models/checkpoint/read.ts';
import { elementsOf } from './temporary-files.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/checkpoints/from-training', import.meta.url));
const REFUSED = 'whole-model.pth';

/** Returns the weights in a file by name, without counters, and what was warned of. */
async function read(file: string, options: CheckpointOptions = {}) {
  const warnings: string[] = [];
  const checkpoint = await openCheckpoint(join(FOLDER, file), { ...options, onWarning: (text) => warnings.push(text) });
  try {
    const elements = Object.entries(await elementsOf(checkpoint));
    return { weights: Object.fromEntries(elements.filter(([name]) => !name.endsWith('tracked'))), warnings };
  } finally {
    await checkpoint.close();
  }
}

test.each([
  'averaged-model.pth',
  'fc-sequential-dropout-linear.pth',
  'lightning.ckpt',
  'net.pth',
  'torch-compile.pth',
  'torchvision-reference-script.pth',
])('%s has the same weights as the bare state dict', async (file) => {
  expect(await read(file)).toEqual({ weights: (await read('control-plain.pth')).weights, warnings: [] });
});

test.each(['values-protocol-2.pth', 'values-protocol-4.pth', 'values-protocol-5.pth', 'attribute-dict.ckpt'])(
  '%s has the same weights as the parameters of 2017',
  async (file) => {
    const { weights } = await read('parameters-of-2017.pth');

    expect(Object.keys(weights)).toHaveLength(62);
    expect(await read(file)).toEqual({ weights, warnings: [] });
  },
);

test('a whole model is refused, and all unknown names are in one message', async () => {
  const reading = read(REFUSED);

  await expect(reading).rejects.toThrow(UnsafeCheckpointError);
  await expect(reading).rejects.toThrow(
    /"torchvision\.models\.resnet\.ResNet", "my_training\.helper", which are not on the list.*--skip-objects/,
  );
});

test('skipping the objects of a whole model skips its weights', async () => {
  const reading = read(REFUSED, { skipObjects: true });

  await expect(reading).rejects.toThrow(UnsupportedCheckpointError);
  await expect(reading).rejects.toThrow(/What needs "torchvision\.models\.resnet\.ResNet", .* was left out/);
});
