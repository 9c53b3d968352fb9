import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { handleMessage, type Observer } from '../../../functions/tag-upload/message.ts';
import { MAX_RECEIVE_COUNT } from '../../../functions/tag-upload/queue.ts';
import { ObjectAccessError } from '../../../functions/tagging/errors.ts';
import { NAME, TaggingWorld } from '../tagging/tagging-world.ts';

const FAULT = new ObjectAccessError('access denied (403)');

/** Notes what it is told, in the order of telling. */
function noteTaker() {
  const notes: string[] = [];
  const observer: Observer = {
    onOutcome: (event, outcome) => {
      const state = outcome.kind === 'recorded' ? outcome.record.state : '';
      notes.push(`${event.kind} ${outcome.kind} ${state}`.trim());
    },
    onFailure: (event, error, lastAttempt) => {
      notes.push(`${event?.kind} ${error instanceof Error ? error.name : error}${lastAttempt ? ' for good' : ''}`);
    },
  };
  return { notes, observer };
}

function message(events: readonly object[], receiveCount = 1) {
  return { body: JSON.stringify({ Records: events }), attributes: { ApproximateReceiveCount: String(receiveCount) } };
}

function created(world: TaggingWorld, content: string, key = NAME.key): object {
  const { eTag, size, sequencer } = world.upload(content);
  return {
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: NAME.bucket }, object: { key: encodeURIComponent(key), eTag, size, sequencer } },
  };
}

test('each event of a message has its own outcome', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const upload = created(world, 'cat');
  await handleMessage(message([upload, { eventName: 'ObjectTagging:Put' }, upload]), world.dependencies(), observer);

  expect(notes).toEqual(['created recorded tagged', 'ignored skipped', 'created skipped']);
});

test('one upload that comes from S3, through SNS and through EventBridge is done once, and so is its deletion', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const { eTag, size, sequencer } = world.upload('cat');
  const { bucket, key } = NAME;
  const deliver = (...bodies: object[]) =>
    bodies.reduce(async (before, body) => {
      await before;
      const attributes = { ApproximateReceiveCount: '1' };
      await handleMessage({ body: JSON.stringify(body), attributes }, world.dependencies(), observer);
    }, Promise.resolve());
  const direct = (eventName: string, object: object) => ({
    Records: [{ eventName, s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key), ...object } } }],
  });
  const bridged = (type: string, object: object, detail: object) => ({
    source: 'aws.s3',
    'detail-type': type,
    detail: { bucket: { name: bucket }, object: { key, ...object }, ...detail },
  });
  const throughSns = (body: object) => ({ Type: 'Notification', Message: JSON.stringify(body) });

  const upload = direct('ObjectCreated:Put', { eTag, size, sequencer });
  const sameUpload = bridged('Object Created', { etag: eTag, size, sequencer }, { reason: 'PutObject' });
  await deliver(sameUpload, upload, throughSns(upload), throughSns(sameUpload));
  const { sequencer: later } = world.bucket.delete();
  const detail = { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' };
  await deliver(
    bridged('Object Deleted', { sequencer: later }, detail),
    direct('ObjectRemoved:Delete', { sequencer: later }),
    sameUpload,
  );

  expect(notes).toEqual([
    'created recorded tagged',
    'created skipped',
    'created skipped',
    'created skipped',
    'removed deleted',
    'removed skipped',
    'created skipped',
  ]);
});

test('S3’s test event is done with', async () => {
  const { notes, observer } = noteTaker();
  const trial = { body: '{"Event":"s3:TestEvent"}', attributes: { ApproximateReceiveCount: '1' } };
  await handleMessage(trial, new TaggingWorld().dependencies(), observer);

  expect(notes).toEqual(['test-event skipped']);
});

test('deletions by request and by rule are handled', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const upload = created(world, 'cat');
  const { sequencer } = world.bucket.delete();
  const s3 = { bucket: { name: NAME.bucket }, object: { key: encodeURIComponent(NAME.key), sequencer } };
  const events = [{ eventName: 'ObjectRemoved:Delete', s3 }, { eventName: 'LifecycleExpiration:Delete', s3 }, upload];
  await handleMessage(message(events), world.dependencies(), observer);

  expect(notes).toEqual(['removed deleted', 'lifecycle-expired skipped', 'created skipped']);
});

test('a fault of one event does not keep the others from their turn, and is thrown in the end', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const tooLarge = created(world, 'x'.repeat(101));
  const upload = created(world, 'cat');
  world.faults.set('GetObject', FAULT);

  await expect(handleMessage(message([upload, tooLarge]), world.dependencies(), observer)).rejects.toThrow(FAULT);
  expect(notes).toEqual(['created ObjectAccessError', 'created recorded rejected']);
});

test('faults of several events are thrown together', async () => {
  const world = new TaggingWorld();
  const { observer } = noteTaker();
  const upload = created(world, 'cat');
  world.faults.set('read', FAULT);

  await expect(handleMessage(message([upload, upload]), world.dependencies(), observer)).rejects.toThrow(
    '2 events of one message failed',
  );
});

test.each([
  [1, null],
  [MAX_RECEIVE_COUNT - 1, null],
  [MAX_RECEIVE_COUNT, 'failed'],
  [MAX_RECEIVE_COUNT + 1, 'failed'],
])('attempt %d leaves the image %s', async (receiveCount, state) => {
  const world = new TaggingWorld();
  const { observer } = noteTaker();
  const upload = created(world, 'cat');
  world.faults.set('GetObject', FAULT);

  await expect(handleMessage(message([upload], receiveCount), world.dependencies(), observer)).rejects.toThrow(FAULT);
  const { entry } = world.records;
  expect(entry === null ? null : entry).toEqual(
    state === null ? null : expect.objectContaining({ state, reason: { code: FAULT.code, message: FAULT.message } }),
  );
});

test('failed is written before the failure is reported', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const upload = created(world, 'cat');
  world.faults.set('GetObject', new TypeError('a defect'));

  await expect(handleMessage(message([upload], MAX_RECEIVE_COUNT), world.dependencies(), observer)).rejects.toThrow(
    'a defect',
  );
  expect(notes).toEqual(['created TypeError for good', 'created recorded failed']);
  expect(world.records.entry).toMatchObject({ reason: { code: 'internal', message: 'TypeError: a defect' } });
});

test('if `failed` cannot be written either, the first error is thrown', async () => {
  const world = new TaggingWorld();
  const { notes, observer } = noteTaker();
  const upload = created(world, 'cat');
  world.faults.set('GetObject', FAULT);
  world.faults.set('write', new TypeError('no table'));

  await expect(handleMessage(message([upload], MAX_RECEIVE_COUNT), world.dependencies(), observer)).rejects.toThrow(
    FAULT,
  );
  expect(notes).toEqual(['created ObjectAccessError for good', 'created TypeError for good']);
});

test('a message that is not a notification is refused with its own error class', async () => {
  const { notes, observer } = noteTaker();
  const garbage = { body: 'hello', attributes: { ApproximateReceiveCount: '1' } };

  await expect(handleMessage(garbage, new TaggingWorld().dependencies(), observer)).rejects.toThrow(
    MalformedEventError,
  );
  expect(notes).toEqual(['undefined MalformedEventError']);
});
