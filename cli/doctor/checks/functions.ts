import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { deployAgain } from '../../deployment/deploy-again.ts';
import type { AwsStack } from '../../deployment/deployment.ts';
import type { Check } from '../check.ts';
import { type Finding, fault, sound } from '../finding.ts';
import { resourcesOf, stackOf } from '../resources-of.ts';

/** Lambda can run the functions. */
export const functions: Check = {
  name: 'functions',
  actions: ['lambda:GetFunctionConfiguration'],
  async run(visit) {
    const stack = stackOf(visit);
    const lambda = new LambdaClient({ region: stack.region });
    const names = resourcesOf(stack, 'AWS::Lambda::Function');
    try {
      const found = await Promise.all(names.map((name) => lookAt(lambda, name, stack, visit.signal)));
      const faults = found.filter((finding) => finding !== null);
      return faults.length > 0 ? faults : sound(`${names.length} functions can run`);
    } finally {
      lambda.destroy();
    }
  },
};

/** @returns what is wrong with a function, or null */
async function lookAt(
  lambda: LambdaClient,
  name: string,
  stack: AwsStack,
  signal: AbortSignal,
): Promise<Finding | null> {
  const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: name }),
    { abortSignal: signal },
  );
  if (State !== 'Failed' && LastUpdateStatus !== 'Failed') return null;
  return fault({
    expected: `the function ${name} is active`,
    found: StateReason ?? LastUpdateStatusReason ?? 'Lambda gives no reason',
    cure: `Repair what the reason names. ${deployAgain(stack)}`,
  });
}
