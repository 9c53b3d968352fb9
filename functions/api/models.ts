import type { Manifest } from '../classifier/manifest.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface ModelsDependencies {
  /** Name of the model that answers at once. */
  readonly smallModel: string;
  readonly smallManifest: () => Promise<Manifest>;
  /** Names of the models that answer by jobs; the first is the one that `auto` asks. */
  readonly heavyModels: readonly string[];
  /** A heavy model's package is elsewhere; a copy of its manifest may be here. */
  readonly heavyManifest: (name: string) => Promise<Manifest | null>;
}

/** `GET /models`: the models that answer, with their licences. */
export async function listModels(_request: ApiRequest, dependencies: ModelsDependencies): Promise<ApiResponse> {
  const { smallModel, smallManifest, heavyModels, heavyManifest } = dependencies;
  const heavy = heavyModels.map(async (name) => describe(name, 'queued', await heavyManifest(name)));
  return json(200, {
    models: [describe(smallModel, 'now', await smallManifest()), ...(await Promise.all(heavy))],
    default: smallModel,
    auto: heavyModels.length > 0,
  });
}

function describe(name: string, runs: 'now' | 'queued', manifest: Manifest | null) {
  return {
    name,
    runs,
    precision: manifest?.precision ?? null,
    parameters: manifest?.parameters ?? null,
    macs: manifest?.macs ?? null,
    classes: manifest?.classes ?? null,
    publishedTop1: manifest?.publishedTop1 ?? null,
    publishedTop5: manifest?.publishedTop5 ?? null,
    license: manifest?.license ?? null,
  };
}
