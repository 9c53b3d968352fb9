import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROBLEM_TYPE_PREFIX } from '../../../../functions/wire.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';
import { type ApiCall, jsonOf, openTestApi, openTestServices, type TestApi, type TestServices } from '../test-api.ts';

/** What comes of a body: the first label and size of the picture, or the problem. */
type Outcome =
  | { readonly label: string; readonly bytes: number }
  | { readonly status: number; readonly code: string; readonly detail: string };

/** What the tests of bodies share, once the first of them begins. */
export interface BodiesWorld {
  readonly folder: () => string;
  readonly services: () => TestServices;
  readonly api: () => TestApi;
  /** Sends a body, by default to be classified. */
  readonly outcomeOf: (call: ApiCall, target?: string) => Promise<Outcome>;
}

export const HEAVY = {
  AUTOSWIFTNET_HEAVY_MODEL: 'heavy',
  AUTOSWIFTNET_HEAVY_QUEUE_URL: 'http://127.0.0.1:9/000000000000/heavy',
};

export const picture = readFileSync(new URL('../../../../models/sample/images/daisy-1.jpg', import.meta.url));
export const typed = (type: string, body: Uint8Array = picture): ApiCall => ({
  headers: { 'content-type': type },
  body,
});
export const DAISY = { label: 'daisy', bytes: 11_398 };
export const problem = (status: number, code: string, detail: string) => ({
  status,
  code,
  detail: expect.stringContaining(detail),
});

/** Opens the world before the first test of a file, and closes it after the last. */
export function useBodiesWorld(): BodiesWorld {
  let folder: string;
  let services: TestServices;
  let api: TestApi;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-bodies-'));
    services = await openTestServices();
    await ensureSamplePackage(folder);
    api = openTestApi({
      modelsDir: folder,
      model: 'sample',
      variables: HEAVY,
      change: () => ({ askHeavy: async () => {} }),
    });
  });

  afterAll(async () => {
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  return {
    folder: () => folder,
    services: () => services,
    api: () => api,
    async outcomeOf(call, target = '/classify') {
      const answer = await api.call('POST', target, call);
      const { predictions, image, type, detail } = jsonOf(answer);
      return answer.status === 200
        ? { label: predictions[0].label, bytes: image.bytes }
        : { status: answer.status, code: type.replace(PROBLEM_TYPE_PREFIX, ''), detail };
    },
  };
}
