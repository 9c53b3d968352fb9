import { imageListSchema } from '../../../functions/wire.ts';
import { recordsOf } from '../../deployment/records-of.ts';
import type { Check, Visit } from '../check.ts';
import { fault, skipped, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

const PAGE = 100;

/** The API finds the picture by its label. */
export const search: Check = {
  name: 'search',
  needs: ['record'],
  actions: ['dynamodb:Query', 'execute-api:Invoke'],
  async run(visit) {
    const { deployment, trial, signal } = visit;
    const best = trial.record?.predictions[0];
    const { rows } = await recordsOf(deployment).read({ bucket: deployment.bucket, key: trial.key });
    if (best === undefined || rows.length === 0) {
      return skipped('no label of this picture is probable enough to be indexed (indexThreshold)');
    }
    const found = await poll(signal, () => find(visit, best.label, best.probability));
    if (found !== null) return sound(`GET /images?label=${best.label} has the picture`);
    return fault({
      expected: `GET /images?label=${best.label} finds the picture`,
      found: 'it does not',
      cure: `The index byLabel of the table ${deployment.table} lags behind or is missing. ${functionLogs(deployment, 'ApiFunction')}`,
    });
  },
};

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
