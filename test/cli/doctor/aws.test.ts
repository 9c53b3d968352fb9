import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { closeDeployment, type Deployment } from '../../../cli/deployment/deployment.ts';
import { openStackDeployment } from '../../../cli/deployment/stack-deployment.ts';
import { openApi } from '../../../cli/doctor/api.ts';
import { AWS_CHECKS } from '../../../cli/doctor/aws-checks.ts';
import { bucketEvents } from '../../../cli/doctor/checks/bucket-events.ts';
import { removal } from '../../../cli/doctor/checks/removal.ts';
import { workQueues } from '../../../cli/doctor/checks/work-queues.ts';
import { examine } from '../../../cli/doctor/examine.ts';
import type { Finding, Line } from '../../../cli/doctor/finding.ts';
import { runCheck } from '../../../cli/doctor/run-check.ts';
import { openTrial } from '../../../cli/doctor/trial.ts';
import { SERVICE_BUCKET } from '../../../local/names.ts';
import type { Stack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { startPublishedStack } from '../../integration/published-stack.ts';
import { runCli } from '../run-cli.ts';
import { type FakeAccount, type FakeAws, startFakeAws } from './fake-account.ts';
import {
  ALARMS_TOPIC,
  awsVariables,
  MAPPING,
  policyText,
  setPolicies,
  setTopicPolicy,
  soundAccount,
} from './photos-stack.ts';

const never = new AbortController().signal;

let folder: string;
let stack: Stack;
let fake: FakeAws;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-doctor-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  stack = await startPublishedStack({
    dataDir: join(folder, 'data'),
    packageDir,
    port: 0,
    instances: 1,
    apiInstances: 1,
  });
  fake = await startFakeAws(soundAccount(stack));
  Object.assign(process.env, awsVariables(stack.health.endpoints, fake.endpoint));
  await withDeployment(async (deployment) => {
    await setPolicies(deployment);
    const subscription = {
      TopicArn: ALARMS_TOPIC,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:autoswiftnet-heavy',
    };
    await deployment.clients.sns.send(new SubscribeCommand(subscription));
  });
});

beforeEach(() => {
  Object.assign(fake.account, soundAccount(stack));
});

afterAll(async () => {
  fake.close();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

async function withDeployment<Result>(use: (deployment: Deployment) => Promise<Result>): Promise<Result> {
  const deployment = await openStackDeployment('Photos', {}, never);
  try {
    return await use(deployment);
  } finally {
    closeDeployment(deployment);
  }
}

/** Runs one of the checks of AWS. */
function look(name: string): Promise<readonly Finding[]> {
  return withDeployment(async (deployment) => {
    const check = AWS_CHECKS.find((one) => one.name === name);
    if (check === undefined) throw new TypeError(`there is no check ${name}`);
    const visit = {
      deployment,
      api: openApi(deployment.apiUrl, undefined),
      trial: await openTrial(),
      heavy: false,
      signal: never,
    };
    return runCheck(check, visit);
  });
}

test('a stack that works is sound: its outputs lead to everything, and every check looks', async () => {
  const lines = await withDeployment((deployment) =>
    examine(deployment, {
      api: openApi(deployment.apiUrl, undefined),
      seconds: 60,
      heavy: false,
      interrupted: never,
      onLine: () => {},
    }),
  );

  const notSound = lines.filter(({ state }) => state !== 'sound');
  expect(notSound).toEqual([expect.objectContaining<Partial<Line>>({ check: 'heavy-model', state: 'skipped' })]);
  expect(lines.map(({ check }) => check)).toEqual(expect.arrayContaining(AWS_CHECKS.map(({ name }) => name)));
});

test('many requests side by side give no warning of Node', async () => {
  // Node warns of more than ten listeners of one signal.
  for (let index = 0; index < 11; index += 1) {
    fake.account.resources.push({ id: `Hook${index}`, type: 'AWS::Lambda::Function', physicalId: `Hook-${index}` });
  }

  const { code, err } = await runCli(['doctor', '--stack', 'Photos', '--json'], { cwd: folder });

  expect({ code, err }).toEqual({ code: 0, err: '' });
});

interface Planted {
  readonly check: string;
  readonly plant: (account: FakeAccount) => void;
  readonly state?: 'warning';
  readonly cure: string | RegExp;
}

test.each<[string, Planted]>([
  [
    'an event source that was paused',
    {
      check: 'event-sources',
      plant: ({ mappings }) => Object.assign(mappings[MAPPING] ?? {}, { State: 'Disabled' }),
      cure: `aws lambda update-event-source-mapping --uuid ${MAPPING} --enabled --region us-east-1`,
    },
  ],
  [
    'an event source that was deleted',
    {
      check: 'event-sources',
      plant: ({ mappings }) => delete mappings[MAPPING],
      cure: 'aws cloudformation detect-stack-drift --stack-name Photos --region us-east-1',
    },
  ],
  [
    'a deployment that failed half-way',
    {
      check: 'stack-status',
      plant: (account) => Object.assign(account, { stackStatus: 'UPDATE_ROLLBACK_FAILED' }),
      cure: /describe-stack-events --stack-name Photos --region us-east-1 .*npx cdk rollback -c stackName=Photos$/,
    },
  ],
  [
    'a function that Lambda cannot run',
    {
      check: 'functions',
      plant: ({ functions }) =>
        Object.assign(functions, { 'Photos-TagUpload': { State: 'Failed', StateReason: 'no role' } }),
      cure: 'npx cdk deploy -c stackName=Photos …',
    },
  ],
  [
    'an account that may run no more functions than tagging takes',
    {
      check: 'lambda-concurrency',
      plant: (account) => Object.assign(account, { unreservedConcurrency: 5 }),
      state: 'warning',
      cure: 'request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region us-east-1',
    },
  ],
  [
    'an account that may start no GPU',
    {
      check: 'gpu-quota',
      plant: ({ quotas }) => Object.assign(quotas, { 'L-DB2E81BA': 0 }),
      cure: 'request-service-quota-increase --service-code ec2 --quota-code L-DB2E81BA --desired-value 8 --region us-east-1',
    },
  ],
  [
    'a role that does not exist yet',
    {
      check: 'roles',
      plant: ({ roles }) => roles.splice(roles.indexOf('AWSServiceRoleForECSCompute'), 1),
      cure: 'aws iam create-service-linked-role --aws-service-name ecs-compute.amazonaws.com',
    },
  ],
  [
    'an alarm that is raised',
    {
      check: 'alarms',
      plant: ({ alarms }) => Object.assign(alarms[0] ?? {}, { StateValue: 'ALARM' }),
      state: 'warning',
      cure: 'docs/runbook.md',
    },
  ],
  [
    'a permission that is missing',
    {
      check: 'roles',
      plant: ({ denied }) => denied.push('iam:GetRole'),
      state: 'warning',
      cure: 'Allow the role that you use iam:GetRole',
    },
  ],
])('%s is found, and the cure is named', async (_what, { check, plant, state = 'fault', cure }) => {
  expect(await look(check)).toEqual([expect.objectContaining({ state: 'sound' })]);
  plant(fake.account);

  const found = await look(check);

  const expected = cure instanceof RegExp ? expect.stringMatching(cure) : expect.stringContaining(cure);
  expect(found).toEqual([expect.objectContaining({ state, cure: expected })]);
});

test.each([
  ['cloudformation:DescribeStacks', 'stack-status'],
  ['lambda:GetEventSourceMapping', 'event-sources'],
  ['lambda:GetFunctionConfiguration', 'functions'],
  ['lambda:GetAccountSettings', 'lambda-concurrency'],
  ['servicequotas:GetServiceQuota', 'gpu-quota'],
  ['cloudwatch:DescribeAlarms', 'alarms'],
])('whoever may not %s reads so', async (action, check) => {
  fake.account.denied.push(action);
  const looked = look(check);

  if (action === 'cloudformation:DescribeStacks') return expect(looked).rejects.toThrow(action);
  expect(await looked).toEqual([expect.objectContaining({ state: 'warning', expected: `permission for ${action}` })]);
});

test.each([
  ['CloudWatch', 'cloudwatch.amazonaws.com', 'budgets.amazonaws.com'],
  ['AWS Budgets', 'budgets.amazonaws.com', 'cloudwatch.amazonaws.com'],
])('a topic that %s may not publish to is found, and the cure is named', async (_name, missing, allowed) => {
  await withDeployment(async ({ clients: { sns } }) => {
    await setTopicPolicy(sns, [allowed]);

    const found = await look('alarm-topics');

    await setTopicPolicy(sns, [missing, allowed]);
    expect(found.filter(({ state }) => state !== 'sound')).toEqual([
      expect.objectContaining({
        state: 'fault',
        expected: expect.stringContaining(`allows ${missing} sns:Publish`),
        cure: expect.stringContaining('npx cdk deploy -c stackName=Photos …'),
      }),
    ]);
  });
});

test('a queue that S3 may not send to is found, and the cure is named', async () => {
  await withDeployment(async ({ clients, queues }) => {
    const set = (Policy: string) =>
      clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queues[0]?.url, Attributes: { Policy } }));
    await set(policyText('sqs:SendMessage', ['sns.amazonaws.com']));

    const found = await look('queue-policy');

    await set(policyText('sqs:SendMessage', ['s3.amazonaws.com']));
    expect(found).toEqual([
      expect.objectContaining({
        state: 'fault',
        cure: expect.stringContaining('detect-stack-drift --stack-name Photos --region us-east-1'),
      }),
    ]);
  });
});

test('a cure names the region and the attempts of the queue', async () => {
  await withDeployment(async (deployment) => {
    expect(deployment.option).toBe(' --stack Photos --region us-east-1');
    const [uploads, heavy] = deployment.queues;
    if (uploads === undefined || heavy === undefined) throw new TypeError('a queue is missing');
    // Each sends what fails to the other's dead letters.
    const queues = [
      { ...uploads, deadLettersUrl: heavy.deadLettersUrl },
      { ...heavy, deadLettersUrl: uploads.deadLettersUrl },
    ];
    const visit = { api: openApi(deployment.apiUrl, undefined), heavy: false, signal: never };

    const found = await runCheck(workQueues, {
      ...{ ...visit, deployment: { ...deployment, queues }, trial: await openTrial() },
    });

    expect(found).toEqual(
      [5, 10].map((attempts) =>
        expect.objectContaining({
          cure: expect.stringMatching(new RegExp(`"maxReceiveCount\\\\":\\\\"${attempts}\\\\".* --region us-east-1$`)),
        }),
      ),
    );
    const events = await runCheck(bucketEvents, {
      ...{ ...visit, deployment: { ...deployment, bucket: SERVICE_BUCKET }, trial: await openTrial() },
    });
    expect(events).toEqual([
      expect.objectContaining({
        cure: expect.stringMatching(/\}' --region us-east-1\. Then run doctor --stack Photos/),
      }),
    ]);
  });
});

test('what cannot be removed is removed by hand, in its region', async () => {
  await withDeployment(async (deployment) => {
    const trial = {
      ...{ ...(await openTrial()), isUploaded: true },
      listener: { queueUrl: deployment.apiUrl?.href ?? '', subscriptionArn: 'arn:x' },
    };
    const found = await runCheck(removal, {
      ...{ deployment: { ...deployment, bucket: 'nobody-has-it' }, api: openApi(deployment.apiUrl, undefined) },
      ...{ trial, heavy: false, signal: never },
    });

    const cure = expect.stringMatching(/Remove it by hand: aws .* --region us-east-1$/);
    expect(found.filter(({ state }) => state !== 'sound')).toEqual(
      expect.arrayContaining([expect.objectContaining({ state: 'fault', cure })]),
    );
    expect(found.filter((one) => one.state === 'fault' && !one.cure.includes('--region'))).toEqual([]);
  });
});

test('a stack that does not exist, or is not one of ours, is an error that says so', async () => {
  await expect(openStackDeployment('Phtos', {}, never)).rejects.toThrow(/there is no stack Phtos in us-east-1/);
  fake.account.outputs = { PageUrl: 'https://example.com' };
  await expect(openStackDeployment('Photos', {}, never)).rejects.toThrow(/no output ImageBucket, RecordsTable/);
});
