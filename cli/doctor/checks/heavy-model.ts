import { type Job, jobSchema } from '../../../functions/wire.ts';
import type { Check, Visit } from '../check.ts';
import { type Finding, fault, skipped, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';
import { poll } from '../poll.ts';

/** A GPU machine may have to be started first. */
const SECONDS = 15 * 60;

/** The heavy model answers a job. Only if it is asked for, because a GPU costs money. */
export const heavyModel: Check = {
  name: 'heavy-model',
  needs: ['api-health'],
  actions: ['execute-api:Invoke'],
  seconds: SECONDS,
  async run(visit) {
    const { heavy, trial } = visit;
    if (trial.heavyModel === null) return skipped('the API names no heavy model');
    if (!heavy) return skipped('--heavy is not given; it may start a GPU machine');
    return ask(visit, trial.heavyModel);
  },
};

async function ask({ api, deployment, trial, signal }: Visit, model: string): Promise<Finding> {
  const start = performance.now();
  const body = { bytes: trial.bytes, type: 'image/jpeg' };
  const { id } = await api.post(`classify?top=1&model=${encodeURIComponent(model)}`, body, jobSchema, signal);
  let last: Job | null = null;
  const done = await poll(signal, async () => {
    last = await api.get(`jobs/${id}`, jobSchema, signal);
    return last.result !== null || last.reason !== null ? last : null;
  });
  if (done?.result) {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    return sound(`${model} says ${done.result.predictions[0]?.label}, after ${seconds} s`);
  }
  return fault({
    expected: `${model} answers job ${id}`,
    found: done === null ? `no answer in ${SECONDS / 60} minutes` : `it failed: ${done.reason?.message}`,
    cure: `If GPU quota and roles are sound above, read the events of the ECS service. ${functionLogs(deployment, 'heavy')}`,
  });
}
