import { deployAgain } from '../../../cli/deployment/deploy-again.ts';
import { configurationSchema } from '../../../infra/configuration/configuration.ts';

test('the name of a stack is a key of its configuration, unless it is the default', () => {
  const { stackName } = configurationSchema.parse({});

  expect(deployAgain(stackName)).toMatch(/ -c keys of the last time: npx cdk deploy …$/);
  expect(deployAgain('Photos')).toMatch(/ npx cdk deploy -c stackName=Photos …$/);
});
