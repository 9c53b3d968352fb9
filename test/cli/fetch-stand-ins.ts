/**
 * Runs `models fetch all` as the command line does, with stand-ins for the released models: their
 * checkpoints cannot be made here, and the zoo has their checksums.
 *
 *   node --import tsx test/cli/fetch-stand-ins.ts MODELS.json MODELS_DIR SOURCE [--json]
 */
import { readFile } from 'node:fs/promises';
import { fetchModels } from '../../cli/fetch-models.ts';
import type { ZooModel } from '../../models/zoo/zoo.ts';

const [list = '', modelsDir = '', source = '', json] = process.argv.slice(2);
const models: readonly ZooModel[] = JSON.parse(await readFile(list, 'utf8'));
await fetchModels(models, { modelsDir, precision: 'fp32', source, json: json === '--json' });
