import { GetAccountSettingsCommand, GetEventSourceMappingCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Check } from '../check.ts';
import { sound, warning } from '../finding.ts';
import { resourcesOf, stackOf } from '../resources-of.ts';

/** "Concurrent executions": `aws service-quotas list-service-quotas --service-code lambda` */
const QUOTA_CODE = 'L-B99A9384';

/** What AWS gives an account that is not new. */
const USUAL_LIMIT = 1000;

/** Tagging at its busiest leaves functions to the API. */
export const lambdaConcurrency: Check = {
  name: 'lambda-concurrency',
  unlessFault: ['event-sources'],
  actions: ['lambda:GetAccountSettings', 'lambda:GetEventSourceMapping'],
  async run(visit) {
    const stack = stackOf(visit);
    const lambda = new LambdaClient({ region: stack.region });
    const abort = { abortSignal: visit.signal };
    try {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}), abort);
      const mappings = await Promise.all(
        resourcesOf(stack, 'AWS::Lambda::EventSourceMapping').map((UUID) =>
          lambda.send(new GetEventSourceMappingCommand({ UUID }), abort),
        ),
      );
      const most = mappings.reduce((sum, { ScalingConfig }) => sum + (ScalingConfig?.MaximumConcurrency ?? 0), 0);
      const limit = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
      const found = `${limit} functions may run at a time, ${most} of them for the queues`;
      if (limit > most) return sound(found);
      return warning({
        expected: `more than ${most} functions, so that some are left for the API`,
        found,
        cure: `aws service-quotas request-service-quota-increase --service-code lambda --quota-code ${QUOTA_CODE} --desired-value ${USUAL_LIMIT} --region ${stack.region}. Or lower tagConcurrency (docs/deploy.md#configuration).`,
      });
    } finally {
      lambda.destroy();
    }
  },
};
