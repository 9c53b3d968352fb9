import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CountsReader } from '../../../cli/backfill/counts-reader.ts';
import { BackfillStartError } from '../../../cli/backfill/errors.ts';
import { openBackfill } from '../../../cli/backfill/open-backfill.ts';
import { runEstimate, runStart, runStatus, runStop } from '../../../cli/backfill/run-backfill.ts';
import { InvalidRunRequestError } from '../../../functions/backfill/errors.ts';
import { countItems, type ItemCounts } from '../../../functions/backfill/item-result.ts';
import { countsPrefix } from '../../../functions/backfill/result-keys.ts';
import { startTestServer, type TestServer } from '../../local/s3/local-server.ts';
import { type FakeAws, startFakeAws } from '../doctor/fake-account.ts';
import { awsVariables } from '../doctor/photos-stack.ts';
import { runCli } from '../run-cli.ts';
import { backfillAccount, STACK } from './backfill-account.ts';
import { type FakeStepFunctions, type RunningMap, startStepFunctions } from './fake-step-functions.ts';
import { keepOutput } from './keep-output.ts';

const SERVICE_BUCKET = 'service';

let s3: TestServer;
let aws: FakeAws;
let sfn: FakeStepFunctions;
let variables: Record<string, string>;
const output = keepOutput();
let tellHalf: () => void;
const halfIsTold = new Promise<void>((resolve) => {
  tellHalf = resolve;
});

beforeAll(async () => {
  s3 = await startTestServer();
  await s3.s3.createBucket(SERVICE_BUCKET, { notifications: false });
  aws = await startFakeAws(backfillAccount({ images: 'bucket', service: SERVICE_BUCKET }));
  sfn = await startStepFunctions(tagInTwoHalves);
  variables = { ...awsVariables({ s3: s3.s3.endpoint }, aws.endpoint), AWS_ENDPOINT_URL_SFN: sfn.endpoint };
  Object.assign(process.env, variables);
});

beforeEach(() => {
  Object.assign(aws.account, backfillAccount({ images: 'bucket', service: SERVICE_BUCKET }));
});

afterAll(async () => {
  sfn.close();
  aws.close();
  await s3.close();
});

/**
 * Tells of a million objects, some of which failed unless the name begins with `clean`. A run whose
 * name begins with `wait` tells of half, and waits for its stop.
 */
async function tagInTwoHalves(_input: unknown, map: RunningMap): Promise<void> {
  if (map.name === 'exceeded') {
    throw Object.assign(new Error('more than 5%'), { name: 'States.ExceedToleratedFailureThreshold' });
  }
  if (map.name === 'refused') throw Object.assign(new Error('prefix: too long'), { name: 'InvalidRunRequestError' });
  map.counts.total = 1_000_000;
  const rejections = { 'not-an-image': 100_000 };
  await tell(map, 'a', { tagged: 400_000, rejected: 100_000 }, { failures: {}, rejections });
  if (map.name.startsWith('wait')) {
    tellHalf();
    await once(map.stopped, 'abort');
  }
  if (map.stopped.aborted || map.name.startsWith('clean')) return;
  const failures = { 'timed-out': 200_000, internal: 100_000 };
  await tell(map, 'b', { 'already-answered': 200_000, failed: 300_000 }, { failures, rejections: {} });
}

async function tell(
  map: Pick<RunningMap, 'name'>,
  call: string,
  told: Partial<ItemCounts['items']>,
  reasons: Omit<ItemCounts, 'items'>,
) {
  const Key = `${countsPrefix(map.name)}0-${call}.json`;
  const Body = JSON.stringify({ items: { ...countItems([]).items, ...told }, ...reasons });
  await s3.client.send(new PutObjectCommand({ Bucket: SERVICE_BUCKET, Key, Body }));
}

/** Waits until the output has something. */
async function until(text: RegExp): Promise<void> {
  while (!text.test(output.printed)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('an estimate has the count of CloudWatch, each cost, and the time of so many batches at once', async () => {
  await runEstimate(STACK);

  expect(output.printed).toMatch(/^bucket: about 1,000,000 objects \(CloudWatch's count of 2026-11-25\)$/m);
  expect(output.printed).toMatch(/^ {2}Lambda, compute at 1769 MB +1\.52 +65\.8 ms$/m);
  expect(output.printed).toMatch(/^ {2}Step Functions +0\.20 +4 state transitions per batch of 500$/m);
  expect(output.printed).toMatch(/^ {2}total +14\.42$/m);
  expect(output.printed).toMatch(/^time: about 9 h 8 min, with 2 batches at the same time.*tags: \$1\.95 a month$/m);
  expect(sfn.inputs).toEqual([]);
});

test('an estimate for a bucket that is not watched is refused, as the run would be', async () => {
  await expect(runEstimate({ ...STACK, bucket: 'others' })).rejects.toThrow(
    'the run asks for the bucket others, and bucket is what is watched. Watch that bucket, too, or name another.',
  );
});

test('a run is priced, started with what was asked for, and followed to its end; failures are told by reason', async () => {
  const { code, out } = await runCli(
    ['backfill', 'start', '--stack', 'Photos', '--yes', '--name', 'first', '--suffix', '.jpg', '--max-size', '100'],
    { cwd: tmpdir(), variables },
  );

  expect(code).toBe(1);
  expect(out).toMatch(/^bucket: 0 objects \(listed\)/);
  expect(out).toContain('first runs on AWS, also without this command.');
  expect(out).toMatch(/^backfill first of the stack Photos: finished, started 20\S+Z, \d+ s$/m);
  expect(out).toContain('\n1,000,000 of 1,000,000 objects, ');
  expect(out).toContain(
    '\nresults by kind: tagged 400,000, failed 300,000, already-answered 200,000, rejected 100,000\n',
  );
  expect(out).toContain('\nfailed: timed-out 200,000, internal 100,000\nrejected: not-an-image 100,000\n');
  // Eight tenths of what a million new images cost, and 200,000 reads.
  expect(out).toContain('\ncost so far: about $11.56, by list prices of');
  expect(out).toContain(`\nresults: s3://${SERVICE_BUCKET}/backfill/first/results/\n`);
  expect(sfn.inputs.at(-1)).toEqual({ suffix: '.jpg', maxBytes: 100 });
});

test('while a run is under way another is refused, its name joins, and stop ends it for all who watch', async () => {
  const watching = runStart({ ...STACK, yes: true, name: 'wait-1', watch: true });
  await until(/wait-1 runs on AWS/);
  await halfIsTold;
  const started = sfn.inputs.length;

  await expect(runStart({ ...STACK, yes: true, watch: true })).rejects.toThrow(BackfillStartError);
  await runStart({ ...STACK, name: 'wait-1', watch: false });
  await runStatus(STACK);
  const underWay = output.printed;
  await runStop(STACK);
  await watching;
  await runStop(STACK);

  expect(underWay).toContain('the backfill wait-1 is under way already');
  expect(underWay).toMatch(/^backfill wait-1 of the stack Photos: under way,/m);
  expect(underWay).toMatch(/^500,000 of 1,000,000 objects, .* left of those that are listed so far$/m);
  expect(underWay).toContain('stop it: npx autoswiftnet backfill stop --stack Photos --region us-east-1');
  expect(output.printed.slice(underWay.length).match(/^backfill wait-1 of the stack Photos: stopped,/gm)).toHaveLength(
    2,
  );
  expect(output.printed).toContain('the stack Photos: no backfill is under way');
  expect(sfn.inputs).toHaveLength(started);
  expect(process.exitCode).toBe(1);
});

test('Ctrl-C ends the command that watches, with its exit code, and the run goes on', async () => {
  const { code } = await runCli(['backfill', 'start', '--stack', 'Photos', '--yes', '--name', 'wait-2'], {
    ...{ cwd: tmpdir(), variables },
    onStart(child) {
      child.stdout?.on('data', (piece: Buffer) => {
        if (/wait-2 runs on AWS/.test(piece.toString())) child.kill('SIGINT');
      });
    },
  });
  await runStatus(STACK);
  await runStop(STACK);

  expect(code).toBe(130);
  expect(output.printed).toMatch(/^backfill wait-2 of the stack Photos: under way,/m);
});

test('a name that was used is refused; a run that fails says why, and status shows the last one', async () => {
  await runStart({ ...STACK, yes: true, name: 'refused', watch: true });
  expect(output.printed).toMatch(
    /^backfill refused of the stack Photos: failed,.*\nwhy: InvalidRunRequestError: prefix: too long$/m,
  );

  await expect(runStart({ ...STACK, yes: true, name: 'refused', watch: true })).rejects.toThrow(
    'a backfill named refused was started before',
  );
  output.printed = '';
  await runStatus(STACK);
  await runStatus({ ...STACK, name: 'never' });

  expect(output.printed).toMatch(/^backfill refused of /);
  expect(output.printed).not.toContain('redrive-execution');
  expect(output.printed).toContain('the stack Photos: there was no backfill named never in 90 days');
});

test('after a run that failed, or whose objects did, tags are checked, too; the command that redrives it is told', async () => {
  await runStart({ ...STACK, yes: true, name: 'exceeded', watch: true });
  expect(output.printed).toMatch(/redrive-execution --execution-arn arn:aws:states:\S+:exceeded$/m);

  await runStart({ ...STACK, yes: true, name: 'after-a-failure', watch: true });
  await runStart({ ...STACK, yes: true, name: 'clean-after-failed-objects', watch: true });
  await runStart({ ...STACK, yes: true, name: 'clean-after-a-success', watch: true });
  await runStart({ ...STACK, yes: true, name: 'asked-for', repair: true, watch: true });

  expect(sfn.inputs.slice(-4)).toEqual([{ repair: true }, { repair: true }, {}, { repair: true }]);
});

test('a call that was tried again counts as its last attempt, also where the first one was counted before', async () => {
  const backfill = await openBackfill(STACK);
  const reader = new CountsReader(backfill, 'retried');

  await tell({ name: 'retried' }, 'a', { tagged: 470, failed: 30 }, { failures: { internal: 30 }, rejections: {} });
  await tell({ name: 'retried' }, 'b', { tagged: 500 }, { failures: {}, rejections: {} });
  const before = await reader.refresh();
  await tell({ name: 'retried' }, 'a', { tagged: 500 }, { failures: {}, rejections: {} });
  const after = await reader.refresh();
  backfill.close();

  expect(before).toMatchObject({ items: { tagged: 970, failed: 30 }, failures: { internal: 30 }, calls: 2 });
  expect(after).toMatchObject({ items: { tagged: 1000, failed: 0 }, calls: 2 });
  expect(after.failures).toEqual({});
});

test('without a terminal nothing is started unless --yes says so', async () => {
  const { code, out, err } = await runCli(['backfill', 'start', '--stack', 'Photos'], { cwd: tmpdir(), variables });

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('standard input is no terminal: add --yes');
});

test('what cannot be, what is not permitted, and a stack without a backfill are named before anything is started', async () => {
  const started = sfn.inputs.length;

  await expect(runStart({ ...STACK, concurrency: 0, watch: true })).rejects.toThrow(InvalidRunRequestError);
  aws.account.denied = ['lambda:GetFunctionConfiguration'];
  await expect(runStart({ ...STACK, yes: true, watch: true })).rejects.toThrow(
    'Allow the role that you use lambda:GetFunctionConfiguration',
  );
  const { BackfillStateMachineArn: _, ...outputs } = aws.account.outputs;
  aws.account.outputs = outputs;
  await expect(runStatus(STACK)).rejects.toThrow('the stack Photos has no backfill: it lacks the outputs');

  expect(sfn.inputs).toHaveLength(started);
});
