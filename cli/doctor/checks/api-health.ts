import { VERSION } from '../../../functions/api/version.ts';
import { healthSchema } from '../../../functions/wire.ts';
import { deployAgain } from '../../deployment/deploy-again.ts';
import type { AwsStack } from '../../deployment/deployment.ts';
import type { Check } from '../check.ts';
import { type Finding, skipped, sound, warning } from '../finding.ts';

/** The API answers, and is of the version of this command line. */
export const apiHealth: Check = {
  name: 'api-health',
  actions: ['execute-api:Invoke'],
  async run({ api, deployment, trial, signal }) {
    if (deployment.apiUrl === null) return skipped('the service has no HTTP API');
    const { models, version } = await api.get('health', healthSchema, signal);
    trial.smallModel = models[0] ?? null;
    trial.heavyModel = models[1] ?? null;
    const answers = sound(`${deployment.apiUrl.origin} answers; models: ${models.join(', ')}`);
    return [answers, compareVersions(version, deployment.aws)];
  },
};

function compareVersions(version: string, stack: AwsStack | null): Finding {
  if (version === VERSION) return sound(`the stack and this command line are both version ${VERSION}`);
  return warning({
    expected: `version ${VERSION}, that of this command line`,
    found: `version ${version}`,
    cure:
      stack === null
        ? 'Restart the local stack with this version: npx autoswiftnet start'
        : `With this version: ${deployAgain(stack)}. Or use the command line of version ${version}.`,
  });
}
