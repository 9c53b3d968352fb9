import { GetEventSourceMappingCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import type { AwsStack } from '../../deployment/deployment.ts';
import type { Check } from '../check.ts';
import { type Finding, fault, sound, warning } from '../finding.ts';
import { resourcesOf, stackOf } from '../resources-of.ts';

/** Lambda reads the queues for the functions. */
export const eventSources: Check = {
  name: 'event-sources',
  actions: ['lambda:GetEventSourceMapping'],
  async run(visit) {
    const stack = stackOf(visit);
    const lambda = new LambdaClient({ region: stack.region });
    try {
      const ids = resourcesOf(stack, 'AWS::Lambda::EventSourceMapping');
      return await Promise.all(ids.map((id) => lookAt(lambda, id, stack, visit.signal)));
    } finally {
      lambda.destroy();
    }
  },
};

async function lookAt(lambda: LambdaClient, UUID: string, stack: AwsStack, signal: AbortSignal): Promise<Finding> {
  try {
    const {
      State,
      EventSourceArn = '',
      LastProcessingResult = '',
    } = await lambda.send(new GetEventSourceMappingCommand({ UUID }), { abortSignal: signal });
    const queue = EventSourceArn.split(':').at(-1);
    if (State === 'Enabled') return readingFinding(LastProcessingResult, `Lambda reads the queue ${queue}`);
    const told = { expected: `Lambda reads the queue ${queue} (Enabled)`, found: String(State) };
    if (State !== 'Disabled') {
      return warning({
        ...told,
        cure: `Wait a minute, then look again: aws lambda get-event-source-mapping --uuid ${UUID} --region ${stack.region}`,
      });
    }
    return fault({
      ...told,
      cure: `aws lambda update-event-source-mapping --uuid ${UUID} --enabled --region ${stack.region}`,
    });
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    return fault({
      expected: `the event source mapping ${UUID}`,
      found: 'it was deleted',
      cure: `Let CloudFormation find what differs: aws cloudformation detect-stack-drift --stack-name ${stack.name} --region ${stack.region}. Then delete the function's alias in a deployment of its own, or the stack, and deploy again.`,
    });
  }
}

/** @param last `OK`, `No records processed`, or `PROBLEM: …` */
function readingFinding(last: string, what: string): Finding {
  if (!last.startsWith('PROBLEM')) return sound(what);
  return warning({
    expected: what,
    found: last,
    cure: 'Read the log of the function that reads it (docs/runbook.md).',
  });
}
