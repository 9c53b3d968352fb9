import { type BootedStack, bootStack, tagPictures } from './booted-stack.ts';
import { missingToBoot } from './requirements.ts';
import { samplePictures } from './sample-pictures.ts';

/**
 * With emulation a start takes half a minute, and an image 2.5 s. `bench/boot.ts` classifies all
 * 64.
 */
const TIMEOUT_MS = 300_000;
const PICTURES = [0, 21, 42, 63];

const missing = missingToBoot('arm64');
const bootTest = missing === null ? test : test.skip;

let stack: BootedStack | undefined;

afterAll(() => stack?.close());

bootTest(
  `the artefacts for arm64 start under qemu and see what PyTorch saw${missing === null ? '' : `: ${missing}`}`,
  async () => {
    const pictures = samplePictures().filter((_, index) => PICTURES.includes(index));
    stack = await bootStack('arm64');

    const tagUpload = await stack.start('tag-upload', 'Tagging/TagUpload');
    const answers = await tagPictures(stack, tagUpload, pictures);

    expect(answers).toEqual(pictures.map(({ top1 }) => top1));
  },
  TIMEOUT_MS,
);
