import { classificationSchema } from '../../../functions/wire.ts';
import type { Check } from '../check.ts';
import { fault, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';

/** `POST /classify` says what the record says. */
export const classify: Check = {
  name: 'classify',
  needs: ['api-health'],
  actions: ['execute-api:Invoke'],
  async run({ api, deployment, trial, signal }) {
    const model = trial.smallModel === null ? '' : `&model=${encodeURIComponent(trial.smallModel)}`;
    const body = { bytes: trial.bytes, type: 'image/jpeg' };
    const answer = await api.post(`classify?top=1${model}`, body, classificationSchema, signal);
    const label = answer.predictions[0]?.label;
    const recorded = trial.record?.predictions[0]?.label ?? label;
    if (label === recorded) return sound(`POST /classify: ${answer.model} says ${label}`);
    return fault({
      expected: `${recorded}, as the record has it`,
      found: `${answer.model} says ${label}`,
      cure: `The functions have different models. ${deployment.aws === null ? 'Restart the local stack.' : `Deploy again: npx cdk deploy ${deployment.aws.name}`}. ${functionLogs(deployment, 'ApiFunction')}`,
    });
  },
};
