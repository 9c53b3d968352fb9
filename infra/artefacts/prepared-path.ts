import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../functions/errors.ts';

/**
 * The folder that `npm run build` puts beside the bundled constructs: the functions, the page, the
 * sample model, what the runtime layer installs, and the worker of the heavy models. A clone has none of it.
 */
const PREPARED_FOLDER = 'prepared';

/**
 * Returns the path of something that the build has prepared.
 * @throws {ConfigurationError} in a clone, where nothing is prepared
 */
export function preparedPath(path: string): string {
  const found = join(fileURLToPath(new URL('.', import.meta.url)), PREPARED_FOLDER, path);
  if (existsSync(found)) return found;
  throw new ConfigurationError(
    `${found} is missing. Import autoswiftnet/cdk from the installed npm package, which has it. In a clone, run npm run build and npm pack ./dist, and install that file.`,
  );
}
