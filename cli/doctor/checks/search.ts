import { DEFAULT_INDEX_THRESHOLD } from '../../../functions/environment.ts';
import { imageListSchema } from '../../../functions/wire.ts';
import { recordsOf } from '../../deployment/records-of.ts';
import type { Check, Visit } from '../check.ts';
import { fault, skipped, sound, warning } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll, SOON_MS } from '../poll.ts';

const PAGE = 100;

/** The API finds the picture by its label. */
export const search: Check = {
  name: 'search',
  needs: ['record', 'api-health'],
  actions: ['dynamodb:Query', 'execute-api:Invoke'],
  async run(visit) {
    const { deployment, trial, signal } = visit;
    const best = trial.record?.predictions[0];
    if (best === undefined || best.probability < DEFAULT_INDEX_THRESHOLD) {
      return skipped('no label of this picture is probable enough to be indexed');
    }
    if (!(await hasRows(visit))) {
      return warning({
        expected: `label rows of the picture in the table ${deployment.table}`,
        found: 'none',
        cure: `If indexThreshold is above ${best.probability}, that is as it should be. Otherwise: ${functionLogs(deployment, 'tagging')}`,
      });
    }
    const found = await poll(signal, () => find(visit, best.label, best.probability));
    if (found !== null) return sound(`GET /images?label=${best.label} has the picture`);
    return fault({
      expected: `GET /images?label=${best.label} finds the picture`,
      found: 'it does not',
      cure: `The index byLabel of the table ${deployment.table} lags behind or is missing. ${functionLogs(deployment, 'api')}`,
    });
  },
};

/** The function writes the rows right after the record. */
async function hasRows({ deployment, trial, signal }: Visit): Promise<boolean> {
  const records = recordsOf(deployment);
  const soon = AbortSignal.any([signal, AbortSignal.timeout(SOON_MS)]);
  const name = { bucket: deployment.bucket, key: trial.key };
  return (await poll(soon, async () => ((await records.read(name)).rows.length > 0 ? true : null))) !== null;
}

/** The most probable come first, so pictures that are less probable than ours need no look. */
async function find({ api, trial, signal }: Visit, label: string, probability: number): Promise<true | null> {
  const query = new URLSearchParams({ label, minProbability: String(probability), limit: String(PAGE) });
  for (;;) {
    const { images, cursor } = await api.get(`images?${query}`, imageListSchema, signal);
    if (images.some(({ key }) => key === trial.key)) return true;
    if (cursor === null) return null;
    query.set('cursor', cursor);
  }
}
