import { signingRegion } from '../../cli/sign-request.ts';

test.each([
  ['https://a1b2c3.execute-api.eu-west-1.amazonaws.com/stage', {}, 'eu-west-1'],
  ['https://a1b2c3.execute-api.cn-north-1.amazonaws.com.cn', {}, 'cn-north-1'],
  ['https://a1b2c3.execute-api.eu-west-1.amazonaws.com', { AWS_REGION: 'us-east-1' }, 'eu-west-1'],
  ['https://api.example.com', { AWS_REGION: 'us-east-1' }, 'us-east-1'],
  ['https://api.example.com', { AWS_DEFAULT_REGION: 'us-east-2' }, 'us-east-2'],
  ['https://api.example.com', {}, null],
  ['https://execute-api.eu-west-1.amazonaws.com.example.com', {}, null],
])('%s with %j is signed for %s', (url, variables, region) => {
  expect(signingRegion(new URL(url), variables)).toBe(region);
});
