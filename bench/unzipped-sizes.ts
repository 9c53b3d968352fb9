/**
 * Measures what Lambda unpacks for ResNet-50, fp32 and int8. The sizes do not depend on the values
 * of the weights, so the network is a random one.
 *
 *   node --import tsx bench/unzipped-sizes.ts
 *
 * It needs npm's registry unless the layers are in the cache.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildArtefacts } from '../infra/artefacts/artefacts.ts';
import { MODEL_FUNCTION_NAMES } from '../infra/artefacts/service-code.ts';
import { readConfiguration } from '../infra/configuration/configuration.ts';
import { ARCHITECTURES } from '../layers/architecture.ts';
import { requireWithinBudget } from '../layers/budget.ts';
import { quantizePackage } from '../models/quantize.ts';
import { randomPackage } from './random-package.ts';
import { report } from './report.ts';

const folder = await mkdtemp(join(tmpdir(), 'unzipped-'));
try {
  const float = await randomPackage('resnet50', folder);
  // Random weights agree with nothing; only the size matters here.
  await quantizePackage({ package: float, out: `${float}.int8`, force: true });
  const rows = [];
  for (const architecture of ARCHITECTURES) {
    for (const model of ['resnet50', 'resnet50.int8']) {
      const configuration = readConfiguration({ architecture, model, gpu: false });
      const artefacts = await buildArtefacts(configuration, { AUTOSWIFTNET_MODELS: folder });
      const runtimeLayer = artefacts.code.runtimeLayer(configuration.architecture);
      const modelLayer = artefacts.code.modelLayer(artefacts.model);
      for (const name of MODEL_FUNCTION_NAMES) {
        const bytes = requireWithinBudget(name, [artefacts.code.functions[name], runtimeLayer, modelLayer]);
        rows.push({ architecture, model, function: name, megabytes: Number((bytes / 1e6).toFixed(1)) });
      }
      await rm(modelLayer.folder, { recursive: true });
    }
  }
  await report('unzipped-sizes', rows);
} finally {
  await rm(folder, { recursive: true });
}
