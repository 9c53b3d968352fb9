import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { CREDENTIALS, REGION } from '../../../local/names.ts';
import { CLUSTER, type LocalEcs, SERVICE, startLocalEcs } from '../local-ecs.ts';

const closers: Closers = [];
const answers: { method: string | undefined; type: string | undefined; body: Record<string, unknown> }[] = [];
let responseStatus = 200;
let responseUrl: string;
let ecs: LocalEcs;
let handler: (event: CloudFormationCustomResourceEvent) => Promise<void>;

beforeAll(async () => {
  ecs = await startLocalEcs();
  closers.push(() => ecs.close());
  const bucket = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    answers.push({ method: request.method, type: request.headers['content-type'], body: JSON.parse(text) });
    response.writeHead(responseStatus).end();
  });
  bucket.listen(0, '127.0.0.1');
  await once(bucket, 'listening');
  closers.push(async () => {
    bucket.close();
    bucket.closeAllConnections();
  });
  responseUrl = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/answer?signature=1`;
  Object.assign(process.env, ecs.variables, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  ({ handler } = await import('../../../functions/keep-task-count/handler.ts'));
});

afterEach(() => {
  answers.length = 0;
  responseStatus = 200;
});

afterAll(() => closeAll(closers));

function eventOf(RequestType: 'Create' | 'Update' | 'Delete'): CloudFormationCustomResourceEvent {
  const ResourceProperties = { ServiceToken: 'arn', Cluster: CLUSTER, ServiceName: SERVICE };
  return {
    ServiceToken: 'arn',
    ResponseURL: responseUrl,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Count',
    ResourceType: 'AWS::CloudFormation::CustomResource',
    ResourceProperties,
    ...(RequestType === 'Create'
      ? { RequestType }
      : { RequestType, PhysicalResourceId: 'Count', OldResourceProperties: ResourceProperties }),
  } as CloudFormationCustomResourceEvent;
}

const IDS = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Count', PhysicalResourceId: 'Count' };

test.each([
  ['a service that is there keeps its count', 'Update', { desiredCount: 2, status: 'ACTIVE' }, 2],
  ['a new service begins with no task', 'Create', null, 0],
  ['a service that was deleted counts as none', 'Update', { desiredCount: 1, status: 'INACTIVE' }, 0],
] as const)('%s', async (_what, request, service, count) => {
  ecs.service = service;
  await handler(eventOf(request));

  expect(answers).toEqual([{ method: 'PUT', type: '', body: { ...IDS, Status: 'SUCCESS', Data: { Count: count } } }]);
});

test('a deletion is answered without a call', async () => {
  ecs.calls.length = 0;
  await handler(eventOf('Delete'));

  expect([answers[0]?.body['Status'], ecs.calls]).toEqual(['SUCCESS', []]);
});

test('a fault is answered with its reason, so that the deployment ends', async () => {
  ecs.failing.add('ecs:DescribeServices');
  await handler(eventOf('Update'));
  ecs.failing.clear();

  expect(answers[0]?.body).toEqual({
    ...IDS,
    Status: 'FAILED',
    Reason: expect.stringContaining('ecs:DescribeServices is not allowed'),
  });
});

test('an answer that does not arrive is an error, so that Lambda tries again', async () => {
  responseStatus = 503;

  await expect(handler(eventOf('Delete'))).rejects.toThrow('refused the answer (503)');
});
