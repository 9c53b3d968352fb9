/**
 * Measures a cold start of the deployed artefacts on one core. With `arm64` it runs the sample
 * pictures (all, or the first PICTURES) under qemu instead and checks the answers; times there mean
 * nothing.
 *
 *   node --import tsx bench/boot.ts
 *   node --import tsx bench/boot.ts arm64 [PICTURES]
 *
 * It needs what the boot tests need: `bash test/infra/boot/prepare.sh`, and `npm run layers --
 * architecture=x64`.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { UPLOADS_BUCKET } from '../local/names.ts';
import { bootStack, tagPictures } from '../test/infra/boot/booted-stack.ts';
import { missingToBoot } from '../test/infra/boot/requirements.ts';
import { samplePictures } from '../test/infra/boot/sample-pictures.ts';
import { report } from './report.ts';

const REPEATS = 9;
const CORE = 0;
const TAG_UPLOAD = 'Tagging/TagUpload';

const architecture = process.argv[2] === 'arm64' ? 'arm64' : 'x64';
const missing = missingToBoot(architecture);
if (missing !== null) throw new Error(missing);
const pictures = samplePictures().slice(0, Number(process.argv[3] ?? Number.POSITIVE_INFINITY));
const stack = await bootStack(architecture);
try {
  await (architecture === 'arm64' ? compareAnswers() : measureStarts());
} finally {
  await stack.close();
}

async function compareAnswers(): Promise<void> {
  const tagUpload = await stack.start('tag-upload', TAG_UPLOAD);
  const answers = await tagPictures(stack, tagUpload, pictures);
  const same = pictures.filter(({ top1 }, index) => answers[index] === top1).length;
  await report('boot-arm64', [{ architecture, pictures: pictures.length, sameTop1AsPyTorch: same }]);
}

/**
 * Measures from the start of the process to the answer to its first event. The services run on the
 * other core.
 */
async function measureStarts(): Promise<void> {
  stack.layOut(TAG_UPLOAD);
  const times: number[] = [];
  const processorTimes: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const { file, bytes } = pictures[repeat] ?? { file: '', bytes: Buffer.of() };
    await stack.services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: file, Body: bytes }));
    const start = performance.now();
    const tagUpload = await stack.start('tag-upload', TAG_UPLOAD, CORE);
    await tagUpload.invoke(stack.services.takeEvent());
    times.push(performance.now() - start);
    processorTimes.push(tagUpload.processorMs());
    await tagUpload.close();
  }
  await report('boot-x64', [
    { what: 'start to first answer, one core', starts: REPEATS, ...medianAndSlowest(times) },
    { what: 'processor time of it', starts: REPEATS, ...medianAndSlowest(processorTimes) },
  ]);
}

function medianAndSlowest(times: readonly number[]) {
  const sorted = times.toSorted((one, other) => one - other);
  const round = (ms: number | undefined) => Math.round(ms ?? Number.NaN);
  return { medianMs: round(sorted[REPEATS >> 1]), slowestMs: round(sorted.at(-1)) };
}
