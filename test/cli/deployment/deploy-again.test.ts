import { deployAgain } from '../../../cli/deployment/deploy-again.ts';
import { configurationSchema } from '../../../infra/configuration/configuration.ts';

test('the name of a stack is a key of its configuration, unless it is the default', () => {
  const { stackName } = configurationSchema.parse({});

  expect(deployAgain({ name: stackName, service: '' })).toMatch(/ -c keys of the last time: npx cdk deploy …$/);
  expect(deployAgain({ name: 'Photos', service: '' })).toMatch(/ npx cdk deploy -c stackName=Photos …$/);
});

test("a stack of somebody's own is deployed by their app, which has no keys of ours", () => {
  expect(deployAgain({ name: 'Photos', service: 'Tagging' })).toBe('Deploy your app again: npx cdk deploy Photos');
});
