import { classificationSchema } from '../../../functions/wire.ts';
import { deployAgain } from '../../deployment/deploy-again.ts';
import type { Deployment } from '../../deployment/deployment.ts';
import { RemoteApiError } from '../../remote-api.ts';
import type { Check } from '../check.ts';
import { type Finding, fault, sound } from '../finding.ts';
import { functionLogs } from '../function-logs.ts';

/** From here on, the API itself is at fault. */
const STATUS_OURS = 500;

/** `POST /classify` answers. */
export const classify: Check = {
  name: 'classify',
  needs: ['api-health'],
  actions: ['execute-api:Invoke'],
  async run({ api, deployment, trial, signal }) {
    const model = trial.smallModel === null ? '' : `&model=${encodeURIComponent(trial.smallModel)}`;
    const body = { bytes: trial.bytes, type: 'image/jpeg' };
    try {
      const { predictions, model: answered } = await api.post(
        `classify?top=1${model}`,
        body,
        classificationSchema,
        signal,
      );
      trial.label = predictions[0]?.label ?? null;
      return sound(`POST /classify: ${answered} says ${trial.label}`);
    } catch (error) {
      if (error instanceof RemoteApiError && error.status >= STATUS_OURS) return cannotClassify(error, deployment);
      throw error;
    }
  },
};

function cannotClassify({ status, message }: RemoteApiError, deployment: Deployment): Finding {
  const repair =
    deployment.aws === null
      ? 'npx autoswiftnet models verify NAME'
      : `npx autoswiftnet models verify NAME. ${deployAgain(deployment.aws)}`;
  return fault({
    expected: 'POST /classify answers',
    found: `status ${status}: ${message}`,
    cure: `Most often the model cannot be opened; the log names the reason. ${functionLogs(deployment, 'api')}. Then: ${repair}`,
  });
}
