import { allows } from '../../../cli/doctor/allows.ts';

const SENDER = { service: 'cloudwatch.amazonaws.com', action: 'sns:Publish', account: '123456789012' };
const SERVICE = { Service: 'cloudwatch.amazonaws.com' };

function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

test.each<[string, boolean, string | null]>([
  ['no policy', false, null],
  ['the service and the action', true, policy({ Effect: 'Allow', Principal: SERVICE, Action: 'sns:Publish' })],
  ['any action of the service', true, policy({ Effect: 'Allow', Principal: SERVICE, Action: ['SNS:*'] })],
  [
    "SNS's default policy",
    true,
    policy({
      ...{ Effect: 'Allow', Principal: { AWS: '*' }, Action: ['SNS:GetTopicAttributes', 'SNS:Publish'] },
      Condition: { StringEquals: { 'AWS:SourceOwner': '123456789012' } },
    }),
  ],
  ['another action', false, policy({ Effect: 'Allow', Principal: SERVICE, Action: 'sns:Subscribe' })],
  ['another service', false, policy({ Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sns:*' })],
  ['a refusal alone', false, policy({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish' })],
  [
    'another account',
    false,
    policy({
      ...{ Effect: 'Allow', Principal: SERVICE, Action: 'sns:Publish' },
      Condition: { StringEquals: { 'aws:SourceAccount': ['210987654321'] } },
    }),
  ],
])('a policy with %s allows publishing: %s', (_what, expected, text) => {
  expect(allows(text, SENDER)).toBe(expected);
});
