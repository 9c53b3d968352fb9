import { createSqsClient } from '../../functions/sqs-client.ts';

test.each([
  [{ AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:4000' }, false],
  [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' }, false],
  [{}, true],
])('with variables %j the host of a queue URL is where requests go: %s', (variables, useQueueUrl) => {
  expect(createSqsClient(variables).config.useQueueUrlAsEndpoint).toBe(useQueueUrl);
});
