import { ConfigurationError } from '../../../functions/errors.ts';
import { requiredMemoryMb, requireMemory } from '../../../infra/artefacts/memory.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';

const WITHOUT_HEIC = { heic: false, maxImagePixels: 100_000_000 };
const WITH_HEIC = { ...WITHOUT_HEIC, heic: true };

function manifestOf(weightsBytes: number) {
  const manifest = validManifest();
  const files = { ...manifest.files, 'weights.bin': { ...manifest.files['weights.bin'], bytes: weightsBytes } };
  return { ...manifest, name: 'resnet50_swsl', files };
}

test('the weights are counted twice', () => {
  const needed = (bytes: number) => requiredMemoryMb(manifestOf(bytes), WITHOUT_HEIC);

  expect(needed(102_000_000) - needed(2_000_000)).toBe(200);
});

test('the kind of picture that needs the most counts alone, by the largest number of pixels', () => {
  const needed = (images: typeof WITH_HEIC) => requiredMemoryMb(manifestOf(2_000_000), images);
  const small = { ...WITH_HEIC, maxImagePixels: 10_000_000 };

  // TIFF: 35 MB, and 13.1 for each megapixel. HEIC: 120, and 9.
  expect(needed(WITHOUT_HEIC)).toBe(200 + 4 + 35 + 1310);
  expect(needed(WITH_HEIC)).toBe(needed(WITHOUT_HEIC));
  expect(needed(small)).toBe(200 + 4 + 120 + 90);
  expect(needed({ ...small, heic: false })).toBe(200 + 4 + 35 + 131);
});

test.each([
  ['a progressive JPEG', 100, 780],
  ['an AVIF of 10 bits in Display P3, which may have three tenths of the pixels', 12 / 0.3, 515],
  ['a HEIC', 48.8, 548],
  ['a TIFF that is held as a whole', 48, 661],
])('%s fits into what is counted when %d megapixels are permitted: %d MB', (_what, megapixels, measuredMb) => {
  const manifest = manifestOf(0);
  const images = { heic: true, maxImagePixels: megapixels * 1e6 };

  expect(requiredMemoryMb(manifest, images) - 200).toBeGreaterThanOrEqual(measuredMb);
});

test.each([
  [WITHOUT_HEIC, 'A smaller maxImagePixels needs less.'],
  [WITH_HEIC, 'A smaller maxImagePixels needs less.'],
  [{ ...WITH_HEIC, maxImagePixels: 10_000_000 }, 'A smaller maxImagePixels, or -c heic=false, needs less.'],
])(
  'exactly enough memory is accepted, and one megabyte less is an error that says how much is needed: %j',
  (images, end) => {
    const manifest = manifestOf(102_228_128);
    const needed = requiredMemoryMb(manifest, images);

    expect(() => requireMemory(manifest, { ...images, memoryMb: needed })).not.toThrow();
    expect(() => requireMemory(manifest, { ...images, memoryMb: needed - 1 })).toThrow(ConfigurationError);
    expect(() => requireMemory(manifest, { ...images, memoryMb: 256 })).toThrow(
      `memoryMb is 256, but resnet50_swsl needs at least ${needed} MB with the largest images. Pass -c memoryMb=${needed} or more`,
    );
    expect(() => requireMemory(manifest, { ...images, memoryMb: 256 })).toThrow(end);
  },
);
