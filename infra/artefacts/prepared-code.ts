import { readFileSync } from 'node:fs';
import { measureTree } from '../../layers/measure-tree.ts';
import { buildModelLayer } from '../../layers/model-layer.ts';
import { buildRuntimeLayer } from '../../layers/runtime-layer.ts';
import { layerCacheDir } from './layer-cache.ts';
import { preparedPath } from './prepared-path.ts';
import { FUNCTION_NAMES, type FunctionName, type ServiceCode } from './service-code.ts';

/**
 * Returns the code that the build has prepared. A layer is made when a construct first asks for it:
 * the runtime layer needs npm's registry once for each version and architecture.
 */
export function preparedCode(): ServiceCode {
  const functions = FUNCTION_NAMES.map((name) => [name, { name, ...measured(`functions/${name}`) }] as const);
  return {
    functions: Object.fromEntries(functions) as Record<FunctionName, (typeof functions)[number][1]>,
    page: measured('page'),
    runtimeLayer: (architecture) =>
      buildRuntimeLayer({
        architecture,
        cacheDir: layerCacheDir(),
        lock: JSON.parse(readFileSync(preparedPath('runtime-lock.json'), 'utf8')),
      }),
    modelLayer: (model) => buildModelLayer(model, layerCacheDir()),
  };
}

function measured(path: string) {
  const folder = preparedPath(path);
  return { folder, ...measureTree(folder) };
}
