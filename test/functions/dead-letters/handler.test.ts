import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context, SQSRecord } from 'aws-lambda';
import { handleDeadLetter } from '../../../functions/dead-letters/dead-letter.ts';
import { openDependencies } from '../../../functions/dead-letters/dependencies.ts';
import { type Closers, closeAll } from '../../../local/closers.ts';
import { type LocalLambda, startLambda } from '../../../local/lambda.ts';
import { CREDENTIALS, REGION, SERVICE_BUCKET, TABLE, UPLOADS_BUCKET, UPLOADS_PARKED } from '../../../local/names.ts';
import { type Services, startServices } from '../../../local/services.ts';
import { type Proxies, startProxies } from '../../faults/proxies.ts';
import { useAssemblies } from '../../infra/assemblies.ts';
import { grantsOf } from '../../infra/granted-actions.ts';
import { compareCallsWithGrants, FITS } from '../../infra/operation-actions.ts';
import { upload, userS3 } from '../../integration/uploads.ts';
import { sqsRecord } from '../tag-upload/sqs-record.ts';

const assembly = useAssemblies();
const closers: Closers = [];
const OBSERVER = { onOutcome() {}, onFailure() {}, onRecovered() {}, onParked() {} };

let services: Services;
let lambda: LocalLambda;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'autoswiftnet-dead-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  services = await startServices({ dataDir, gatewayPort: 0, anyPorts: true, onReport: () => {} }, closers);
  lambda = await startLambda();
  closers.push(lambda.close);
});

afterAll(() => closeAll(closers));

/** Starts proxies that count calls, and leads the clients of this process to them. */
async function countCalls(tagLabels: string): Promise<Proxies> {
  const proxies = await startProxies(services.endpoints);
  closers.push(() => proxies.close());
  Object.assign(process.env, proxies.variables, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AUTOSWIFTNET_TABLE: TABLE,
    AUTOSWIFTNET_SERVICE_BUCKET: SERVICE_BUCKET,
    AUTOSWIFTNET_RESULTS_TOPIC_ARN: services.messaging.resultsTopicArn,
    AUTOSWIFTNET_TAGGING_FUNCTION: 'tag-upload',
    AUTOSWIFTNET_PARKED_QUEUE_URL: services.messaging.queueUrls[UPLOADS_PARKED],
    AUTOSWIFTNET_TAG_LABELS: tagLabels,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
  return proxies;
}

/** Puts an object that has one of our tags, as a copy may have, and returns the dead letter about it. */
async function deadLetter(key: string, isVersioned: boolean, sequencer = '01'): Promise<SQSRecord> {
  const s3 = userS3(services.endpoints.s3);
  const versionId = await upload(s3, key, Buffer.from('x'), { Tagging: 'autoswiftnet:label=copied' });
  s3.destroy();
  const object = { key, sequencer, eTag: `e${sequencer}`, size: 1, ...(isVersioned ? { versionId } : {}) };
  const event = { eventName: 'ObjectCreated:Put', s3: { bucket: { name: UPLOADS_BUCKET }, object } };
  return sqsRecord(key, JSON.stringify({ Records: [event] }), 6);
}

/**
 * Handles a dead letter that succeeds alone, one that fails, one of other content, one that is
 * refused, and one that is no event.
 */
async function provokeEveryCall(handle: (letter: SQSRecord) => Promise<void>, prefix: string): Promise<string[]> {
  const called: string[] = [];
  lambda.register('tag-upload', async () => {
    called.push('lambda:Invoke');
    return { batchItemFailures: called.length === 1 ? [] : [{ itemIdentifier: 'any' }] };
  });
  await handle(await deadLetter(`${prefix}1`, true));
  await handle(await deadLetter(`${prefix}2`, false));
  await handle({ ...(await deadLetter(`${prefix}2`, false, '02')), messageId: `${prefix}2, again` });
  await handle(sqsRecord(`${prefix}3`, 'hello'));
  const refused = openDependencies({ ...process.env, AUTOSWIFTNET_TAGGING_FUNCTION: 'unknown' });
  const letter = await deadLetter(`${prefix}4`, true);
  await expect(handleDeadLetter(letter, refused, OBSERVER)).rejects.toThrow('Function not found');
  expect(called).toHaveLength(3);
  return called;
}

test("the function's calls are what its role allows, no fewer and no more", async () => {
  const proxies = await countCalls('1');
  const { handler } = await import('../../../functions/dead-letters/handler.ts');
  const handle = async (letter: SQSRecord) => {
    await handler({ Records: [letter] }, {} as Context);
  };

  const called = await provokeEveryCall(handle, 'tags');

  const grants = grantsOf(assembly().template, 'DeadLetters');
  expect(compareCallsWithGrants('dead-letters', [...proxies.calls.keys(), ...called], grants)).toEqual(FITS);
});

test('without tags it neither asks for tags nor may do so', async () => {
  const proxies = await countCalls('0');
  const dependencies = openDependencies(process.env);

  const called = await provokeEveryCall((letter) => handleDeadLetter(letter, dependencies, OBSERVER), 'none');

  const grants = grantsOf(assembly('chosen').template, 'DeadLetters');
  expect(compareCallsWithGrants('dead-letters', [...proxies.calls.keys(), ...called], grants)).toEqual(FITS);
});
