import type { ImageRecord } from '../../../functions/records/record.ts';
import { deployAgain } from '../../deployment/deploy-again.ts';
import type { Deployment } from '../../deployment/deployment.ts';
import { readQueueFacts } from '../../deployment/queue-facts.ts';
import { recordsOf } from '../../deployment/records-of.ts';
import { uploadsQueue } from '../../deployment/uploads-queue.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

/** The uploads queue moves: the picture gets a record. */
export const record: Check = {
  name: 'record',
  needs: ['upload'],
  unlessFault: ['bucket-events', 'queue-policy', 'event-sources'],
  actions: ['dynamodb:Query', 'sqs:GetQueueAttributes'],
  async run(visit) {
    const { deployment, trial, signal } = visit;
    const records = recordsOf(deployment);
    const start = performance.now();
    const found = await poll(signal, () => records.readRecord({ bucket: deployment.bucket, key: trial.key }));
    if (found === null) return whyNone(visit);
    trial.record = found;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    return found.state === 'tagged' ? compare(found, seconds, visit) : failed(found, deployment);
  },
};

/** The API and the tagging function have the same model. */
function compare({ model, predictions }: ImageRecord, seconds: string, { deployment, trial }: Visit): Finding {
  const label = predictions[0]?.label ?? null;
  if (trial.label === null || trial.label === label) return sound(`${model} says ${label}, after ${seconds} s`);
  const again = deployment.aws === null ? 'Start both again: npx autoswiftnet start' : deployAgain(deployment.aws);
  return fault({
    expected: `${trial.label}, as POST /classify says`,
    found: `${model} says ${label}`,
    cure: `The two functions have different models. ${again}`,
  });
}

function failed({ state, reason }: ImageRecord, deployment: Deployment): Finding {
  return fault({
    expected: 'the picture is tagged',
    found: `it is ${state}: ${reason?.message ?? 'no reason is recorded'}`,
    cure: `docs/errors.md says what to do about ${reason?.code}. ${functionLogs(deployment, 'tagging')}`,
  });
}

async function whyNone({ deployment }: Visit): Promise<Finding> {
  const { waiting, inWork } = await readQueueFacts(
    deployment.clients.sqs,
    uploadsQueue(deployment).url,
    AbortSignal.timeout(5_000),
  );
  return fault({
    expected: 'a record of the picture',
    found: `none; in the uploads queue ${waiting} messages wait and ${inWork} are in work`,
    cure:
      waiting > 0
        ? `Nobody reads the queue, or not fast enough: the tagging function cannot start, or tagConcurrency is too low. ${functionLogs(deployment, 'tagging')}`
        : `The function fails, or takes longer than this waited (--timeout). A model that cannot be opened is reported in its log. ${functionLogs(deployment, 'tagging')}`,
  });
}
