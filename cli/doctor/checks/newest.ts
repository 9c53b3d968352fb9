import { TABLE_SCHEMA } from '../../../functions/records/table-schema.ts';
import { imageListSchema } from '../../../functions/wire.ts';
import type { Check, Visit } from '../check.ts';
import { fault, skipped, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

const PAGE = 100;

/** The API lists the picture among the newest images. */
export const newest: Check = {
  name: 'newest',
  needs: ['record', 'api-health'],
  actions: ['execute-api:Invoke'],
  async run(visit) {
    const { deployment, trial, signal } = visit;
    const lastModified = trial.record?.lastModified ?? null;
    if (lastModified === null) return skipped('the record of the picture has no time');
    const found = await poll(signal, () => find(visit, lastModified));
    if (found !== null) return sound('GET /images?order=newest has the picture');
    return fault({
      expected: 'GET /images?order=newest has the picture',
      found: 'it does not',
      cure: `The index ${TABLE_SCHEMA.timeIndex.name} of the table ${deployment.table} lags behind or is missing: docs/deploy.md says how a table gets it. ${functionLogs(deployment, 'api')}`,
    });
  },
};

/** Images that are older than the picture need no look. */
async function find({ api, trial, signal }: Visit, lastModified: string): Promise<true | null> {
  const query = new URLSearchParams({ order: 'newest', limit: String(PAGE) });
  for (;;) {
    const { images, cursor } = await api.get(`images?${query}`, imageListSchema, signal);
    if (images.some(({ key }) => key === trial.key)) return true;
    if (cursor === null || (images.at(-1)?.lastModified ?? '') < lastModified) return null;
    query.set('cursor', cursor);
  }
}
