import { createServer } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../../../cli/deployment/deployment.ts';
import { openApi } from '../../../cli/doctor/api.ts';
import { examine } from '../../../cli/doctor/examine.ts';
import { summaryText } from '../../../cli/doctor/print.ts';
import { isSound } from '../../../cli/doctor/verdict.ts';
import { listen } from '../../../local/listen.ts';
import { topicArn } from '../../../local/names.ts';

/** Every service refuses every call. */
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'no' }));
});
let deployment: Deployment;

beforeAll(async () => {
  const endpoint = `http://127.0.0.1:${await listen(server, 0)}`;
  const credentials = { accessKeyId: 'reader', secretAccessKey: 'secret' };
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const queue = { name: 'uploads', url: `${endpoint}/0/uploads`, deadLettersUrl: `${endpoint}/0/dead` };
  deployment = {
    ...{ name: 'the stack Photos', option: ' --stack Photos', apiUrl: new URL(endpoint), bucket: 'photos' },
    ...{ table: 'records', resultsTopicArn: topicArn('results'), queues: [queue], parkedUrl: null, aws: null },
    clients: {
      s3: new S3Client({ ...options, forcePathStyle: true }),
      sqs: new SQSClient(options),
      sns: new SNSClient(options),
      dynamodb: new DynamoDBClient(options),
    },
  };
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

test('without any permission nothing is a fault: each check names its action, and what depends on it is skipped', async () => {
  const lines = await examine(deployment, {
    api: openApi(deployment.apiUrl, undefined),
    ...{ seconds: 5, heavy: false, interrupted: new AbortController().signal, onLine() {} },
  });

  const told = lines.map((line) => [line.check, line.state === 'skipped' ? line.because : line.state]);
  expect(Object.fromEntries(told)).toEqual({
    'api-health': 'warning',
    'bucket-events': 'warning',
    'work-queues': 'warning',
    classify: 'api-health did not succeed',
    'results-topic': 'warning',
    upload: 'warning',
    record: 'upload did not succeed',
    tags: 'record did not succeed',
    search: 'record did not succeed',
    newest: 'record did not succeed',
    result: 'results-topic did not succeed',
    'heavy-model': 'api-health did not succeed',
    'dead-letters': 'warning',
    removal: 'nothing was made',
  });
  expect(lines).toContainEqual(
    expect.objectContaining({ check: 'upload', cure: expect.stringContaining('s3:PutObject') }),
  );
  expect(isSound(lines)).toBe(false);
  expect(summaryText('it', lines)).toBe(
    'it has no fault that was found, but 13 checks were not tried: faults 0, warnings 6, skipped 8\n',
  );
});
