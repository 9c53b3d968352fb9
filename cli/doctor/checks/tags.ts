import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { ownTags } from '../../../functions/tagging/tags.ts';
import type { Check } from '../check.ts';
import { fault, sound, warning } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll, SOON_MS } from '../poll.ts';

/** The picture gets the tags that its record says. */
export const tags: Check = {
  name: 'tags',
  needs: ['record'],
  actions: ['s3:GetObjectTagging'],
  async run({ deployment, trial, signal }) {
    const [expected] = (trial.record && ownTags(trial.record, { labels: 1, threshold: 0, concept: false })) ?? [];
    if (expected === undefined)
      return warning({ expected: 'a label', found: 'none', cure: 'Deploy a model that has labels.' });
    const soon = AbortSignal.any([signal, AbortSignal.timeout(SOON_MS)]);
    const found = await poll(soon, async () => {
      const { TagSet = [] } = await deployment.clients.s3.send(
        new GetObjectTaggingCommand({ Bucket: deployment.bucket, Key: trial.key }),
        { abortSignal: soon },
      );
      return TagSet.find(({ Key }) => Key === expected.key) ?? null;
    });
    if (found?.Value === expected.value) return sound(`${expected.key}=${expected.value}`);
    const told = { expected: `the tag ${expected.key}=${expected.value}` };
    if (found !== null) {
      return fault({ ...told, found: `${found.Key}=${found.Value}`, cure: functionLogs(deployment, 'tagging') });
    }
    // A function that may not write tags publishes no result, which is a fault of its own.
    return warning({
      ...told,
      found: 'no tag of ours',
      cure: `If tagLabels (AUTOSWIFTNET_TAG_LABELS) is 0, that is as it should be. Otherwise: ${functionLogs(deployment, 'tagging')}`,
    });
  },
};
