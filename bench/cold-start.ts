/**
 * Compares cold starts of the tagging function: an earlier commit's bundle and the present one, in
 * turns, from the start of the process to its first answer, on one core. The model is a ResNet-50
 * in int8 with random weights. Run it on Node 24, as Lambda does:
 *
 *   test/infra/boot/cache/node/x64/bin/node --import tsx bench/cold-start.ts [COMMIT]
 *
 * `bash test/infra/boot/prepare.sh` gets that Node. Results: bench/results/cold-start.json.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { UPLOADS_BUCKET } from '../local/names.ts';
import { quantizePackage } from '../models/quantize.ts';
import { faultPlanSchema } from '../test/faults/fault-plan.ts';
import { startServices } from '../test/infra/boot/services.ts';
import { samplePicture } from '../test/integration/uploads.ts';
import { bundleTagging } from './bundle-at.ts';
import { inFirstFormat } from './first-format.ts';
import { median } from './measure.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';
import { startTagging } from './tagging-process.ts';

/** A commit whose bundles imported Node's own modules. */
const BEFORE = process.argv[2] ?? '8580d38';
const STARTS = 15;
const PLAN = faultPlanSchema.parse({ seed: 1, services: {} });

const folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bench-'));
const services = await startServices(folder);
try {
  const bundles = { before: bundleTagging(BEFORE, folder), after: bundleTagging(null, folder) };
  const packageDir = join(folder, 'resnet50.int8');
  await quantizePackage({ package: await randomPackage('resnet50', folder), out: packageDir, force: true });
  const packages = { before: await inFirstFormat(packageDir, folder), after: packageDir };
  const picture = await samplePicture('daisy-1');
  const inits: Record<keyof typeof bundles, number[]> = { before: [], after: [] };
  const answers: Record<keyof typeof bundles, number[]> = { before: [], after: [] };
  // The first round fills the caches of the disk.
  for (let turn = 0; turn <= STARTS; turn += 1) {
    for (const version of ['before', 'after'] as const) {
      const name = `${version}-${turn}`;
      await services.s3.send(new PutObjectCommand({ Bucket: UPLOADS_BUCKET, Key: `${name}.jpg`, Body: picture }));
      const tagging = await startTagging({
        name,
        bundle: bundles[version],
        packageDir: packages[version],
        services,
        plan: PLAN,
      });
      const { startedCpuMs } = await tagging.handle(services.takeEvent());
      await tagging.close();
      if (turn === 0) continue;
      inits[version].push(tagging.initCpuMs);
      answers[version].push(startedCpuMs);
    }
  }
  await report('cold-start', [
    compare('processor time of the init', inits.before, inits.after),
    compare('processor time from start to first answer', answers.before, answers.after),
  ]);
} finally {
  await services.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

/** The ratio is the median over pairs. */
function compare(what: string, before: readonly number[], after: readonly number[]) {
  const ratios = after.map((ms, turn) => ms / (before[turn] ?? ms));
  return {
    what,
    starts: STARTS,
    beforeMs: Math.round(median(before)),
    afterMs: Math.round(median(after)),
    ratio: Number(median(ratios).toFixed(2)),
  };
}
