import type { Manifest } from '../../classifier/manifest.ts';
import type { RouteSettings } from '../routing/route.ts';
import type * as Wire from '../wire.ts';
import { describeKnowledge } from './knowledge.ts';
import type { ApiRequest } from './request.ts';
import { type ApiResponse, json } from './response.ts';

export interface ModelsDependencies {
  /** Names of the models that answer at once, and of those that answer by jobs. */
  readonly routes: Pick<RouteSettings, 'small' | 'heavy'>;
  readonly smallManifest: () => Promise<Manifest>;
  /** Returns null if the heavy model's package is not on this machine. */
  readonly heavyManifest: (name: string) => Promise<Manifest | null>;
}

/** `GET /models`: the models that answer, with their licences. */
export async function listModels(_request: ApiRequest, dependencies: ModelsDependencies): Promise<ApiResponse> {
  const { routes, smallManifest, heavyManifest } = dependencies;
  const [smallModel] = routes.small;
  const heavy = routes.heavy.map(async (name) => describe(name, 'queued', await heavyManifest(name)));
  return json(200, {
    models: [describe(smallModel, 'now', await smallManifest()), ...(await Promise.all(heavy))],
    default: smallModel,
    auto: routes.heavy.length > 0,
  });
}

function describe(name: string, runs: 'now' | 'queued', manifest: Manifest | null): Wire.Model {
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
    knows: manifest && describeKnowledge(manifest),
  };
}
