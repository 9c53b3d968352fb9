import { ConfigurationError } from '../../functions/errors.ts';
import { requiredMemoryMb, requireMemory } from '../../infra/memory.ts';
import { validManifest } from '../classifier/valid-manifest.ts';

function manifestOf(weightsBytes: number) {
  const manifest = validManifest();
  const files = { ...manifest.files, 'weights.bin': { ...manifest.files['weights.bin'], bytes: weightsBytes } };
  return { ...manifest, name: 'resnet50_swsl', files };
}

test('the weights are counted twice', () => {
  expect(requiredMemoryMb(manifestOf(102_000_000)) - requiredMemoryMb(manifestOf(2_000_000))).toBe(200);
});

test('exactly enough memory is accepted, and one megabyte less is an error that says how much is needed', () => {
  const manifest = manifestOf(102_228_128);
  const needed = requiredMemoryMb(manifest);

  expect(() => requireMemory(manifest, needed)).not.toThrow();
  expect(() => requireMemory(manifest, needed - 1)).toThrow(ConfigurationError);
  expect(() => requireMemory(manifest, 256)).toThrow(
    `memoryMb is 256, but resnet50_swsl needs at least ${needed} MB. Pass -c memoryMb=${needed} or more`,
  );
});
