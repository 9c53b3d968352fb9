/**
 * Builds the layers and functions without a synthesis: `npm run layers -- [key=value …]`, with the
 * keys of docs/deploy.md. It prints the size of each part, and the sum next to Lambda's limit.
 */
import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { megabytes, UNZIPPED_LIMIT_BYTES } from '../../layers/budget.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { buildArtefacts } from './artefacts.ts';

try {
  const given = process.argv.slice(2).map((argument) => argument.split(/=(.*)/s).slice(0, 2));
  const configuration = readConfiguration(Object.fromEntries(given));
  const { code, model, notices } = await buildArtefacts(configuration);
  const { functions } = code;
  const runtimeLayer = code.runtimeLayer(configuration.architecture);
  const modelLayer = code.modelLayer(model);
  for (const notice of notices) process.stderr.write(`${notice}\n`);
  for (const { name, bytes, folder } of [runtimeLayer, modelLayer, ...Object.values(functions)]) {
    process.stdout.write(`${name}  ${megabytes(bytes)}  ${folder}\n`);
  }
  for (const { name, bytes } of Object.values(functions)) {
    const total = megabytes(bytes + runtimeLayer.bytes + modelLayer.bytes);
    process.stdout.write(`${name} with its layers, unzipped  ${total} (limit ${megabytes(UNZIPPED_LIMIT_BYTES)})\n`);
  }
} catch (error) {
  if (!(error instanceof AutoSwiftNetError)) throw error;
  process.stderr.write(`autoswiftnet: ${error.message}\n`);
  process.exitCode = 1;
}
