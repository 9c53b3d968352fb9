import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { runtimeLock } from '../layers/runtime-layer.ts';
import { workerModules } from '../layers/worker-modules.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DOCKERFILE = join(ROOT, 'functions/gpu-worker/Dockerfile');

/** Where the Dockerfile of a clone begins with the image itself, behind the stage that builds. */
const IMAGE_STAGE = /^FROM \$\{CUDA_IMAGE\}$/m;

/**
 * In place of the stage that builds from a clone. npm leaves package-lock.json and .npmrc out of a
 * packed file, so both are written here.
 */
const PREPARED_STAGE = `# syntax=docker/dockerfile:1
# The worker of the heavy models, from a finished program: WorkerImage.prebuilt() of autoswiftnet/cdk.
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04
ARG NODE_IMAGE=node:24-bookworm-slim

FROM \${NODE_IMAGE} AS build
WORKDIR /build
COPY runtime-lock.json unpack-lock.mjs copy-native.mjs ./
# The script of onnxruntime-node is the only one that is run. It downloads the CUDA libraries. The
# value must be "true": the script ignores the value "cuda12".
RUN node unpack-lock.mjs \\
 && npm ci --ignore-scripts --no-audit --no-fund \\
 && ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js
COPY app /out/app
RUN node copy-native.mjs node_modules /out/app/node_modules

`;

const UNPACK_LOCK = `import { readFileSync, writeFileSync } from 'node:fs';

const { manifest, lock } = JSON.parse(readFileSync('runtime-lock.json', 'utf8'));
writeFileSync('package.json', JSON.stringify(manifest));
writeFileSync('package-lock.json', JSON.stringify(lock));
`;

/**
 * Writes all that Docker builds the worker's image of: the bundled program, what npm installs
 * beside it, and a Dockerfile that differs from that of a clone in its first stage only.
 */
export async function writeWorkerContext(folder: string): Promise<void> {
  mkdirSync(join(folder, 'app'), { recursive: true });
  for (const { name, contents } of await workerModules()) writeFileSync(join(folder, 'app', name), contents);
  writeFileSync(join(folder, 'runtime-lock.json'), `${JSON.stringify(runtimeLock())}\n`);
  writeFileSync(join(folder, 'unpack-lock.mjs'), UNPACK_LOCK);
  writeFileSync(join(folder, 'Dockerfile'), preparedDockerfile(readFileSync(DOCKERFILE, 'utf8')));
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['layers/copy-native-program.ts'],
    outfile: join(folder, 'copy-native.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
  });
}

/** @throws when the Dockerfile of a clone has no such stage, or other base images */
export function preparedDockerfile(ofClone: string): string {
  const start = ofClone.search(IMAGE_STAGE);
  if (start < 0) throw new Error('functions/gpu-worker/Dockerfile has no stage that begins with its CUDA_IMAGE');
  for (const line of PREPARED_STAGE.match(/^ARG .*$/gm) ?? []) {
    if (!ofClone.includes(`\n${line}\n`)) throw new Error(`functions/gpu-worker/Dockerfile has not: ${line}`);
  }
  return PREPARED_STAGE + ofClone.slice(start);
}
