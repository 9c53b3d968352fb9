import type { SQSRecord } from 'aws-lambda';
import {
  type DeadLetterDependencies,
  type DeadLetterObserver,
  handleDeadLetter,
} from '../../../functions/dead-letters/dead-letter.ts';
import { FailedAloneError } from '../../../functions/dead-letters/errors.ts';
import { toPosition } from '../../../functions/records/position.ts';
import { toTombstone } from '../../../functions/records/record.ts';
import { handleMessage } from '../../../functions/tag-upload/message.ts';
import { MAX_RECEIVE_COUNT } from '../../../functions/tag-upload/queue.ts';
import { ObjectAccessError } from '../../../functions/tagging/errors.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import { validRecord } from '../records/valid-record.ts';
import { sqsRecord } from '../tag-upload/sqs-record.ts';
import { bodyOf } from '../tag-upload/wrapped-events.ts';
import { NAME, recordOf, TaggingWorld } from '../tagging/tagging-world.ts';

const CRASHED = { code: 'function-crashed', message: expect.stringContaining('alone') };
const FAILS = async () => new FailedAloneError('Runtime.ExitError: signal: killed');

/** One object, and a dead letter about it. */
class DeadLetterWorld extends TaggingWorld {
  readonly parked: [body: string, reason: string][] = [];
  readonly ran: SQSRecord[] = [];
  readonly notes: string[] = [];
  readonly #begun = new Map<string, string>();
  /** Whether the table's answers about a last run that begins are lost. */
  losesAnswer = false;

  /** @param runAlone what the tagging function does with the message; by default it succeeds */
  handle(letter: SQSRecord, runAlone: DeadLetterDependencies['runAlone'] = async () => null): Promise<void> {
    const dependencies: DeadLetterDependencies = {
      ...this.dependencies(),
      lastRuns: {
        begin: async (id, run) => {
          if (!this.#begun.has(id)) this.#begun.set(id, run);
          if (this.losesAnswer) throw new TypeError('socket hang up');
          return this.#begun.get(id) === run;
        },
        cancel: async (id, run) => {
          if (this.#begun.get(id) === run) this.#begun.delete(id);
        },
      },
      runAlone: async (message) => {
        this.steps.push('run alone');
        this.ran.push(message);
        return runAlone(message);
      },
      park: async ({ body }, { message }) => void this.parked.push([body, message]),
    };
    return handleDeadLetter(letter, dependencies, this.#observer);
  }

  readonly #observer: DeadLetterObserver = {
    onOutcome: (event, outcome) =>
      void this.notes.push(`${event.kind} ${outcome.kind === 'recorded' ? outcome.record.state : outcome.kind}`),
    onFailure: (event, error) => void this.notes.push(`${event?.kind} ${(error as Error).name}`),
    onRecovered: () => void this.notes.push('recovered'),
    onParked: (_, { code }) => void this.notes.push(`parked ${code}`),
  };
}

function letterOf(
  { name, eTag, size, sequencer, versionId }: CreatedEvent,
  eventName = 'ObjectCreated:Put',
): SQSRecord {
  const object = {
    key: encodeURIComponent(name.key),
    eTag,
    size,
    sequencer,
    ...(versionId === null ? {} : { versionId }),
  };
  const s3 = { bucket: { name: name.bucket }, object };
  return sqsRecord('letter', JSON.stringify({ Records: [{ eventName, s3 }] }), MAX_RECEIVE_COUNT + 1);
}

test('failed is written and published, then the message is handed over alone', async () => {
  const world = new DeadLetterWorld();
  const letter = letterOf(world.upload('cat'));

  await world.handle(letter);

  expect(recordOf(world)).toMatchObject({ state: 'failed', reason: CRASHED, stage: 0, model: 'words' });
  expect(world.published).toEqual([recordOf(world)]);
  expect(world.ran).toEqual([letter]);
  const order = ['read', 'write', 'publish', 'run alone'];
  expect(world.steps.filter((step) => order.includes(step))).toEqual(['read', 'write', 'publish', 'read', 'run alone']);
  expect(world.notes).toEqual(['created failed', 'recovered']);
  expect(world.parked).toEqual([]);
});

test('an innocent message becomes tagged', async () => {
  const world = new DeadLetterWorld();
  const observer = { onOutcome() {}, onFailure() {} };

  await world.handle(letterOf(world.upload('cat')), async (message) => {
    await handleMessage(message, world.dependencies(), observer);
    return null;
  });

  expect(recordOf(world)).toMatchObject({ state: 'tagged', reason: null });
  expect(world.published.map(({ state }) => state)).toEqual(['failed', 'tagged']);
});

test('what fails alone as well is parked as it came, and the record stays', async () => {
  const world = new DeadLetterWorld();
  const letter = letterOf(world.upload('cat'));

  await world.handle(letter, FAILS);

  expect(recordOf(world)).toMatchObject({ state: 'failed', reason: CRASHED });
  expect(world.parked).toEqual([[letter.body, expect.stringContaining('Runtime.ExitError: signal: killed')]]);
  expect(world.notes).toEqual(['created failed', 'parked failed-alone']);
});

describe('a result that stands', () => {
  const REASON = { code: 'object-access-denied', message: 'access denied (403)' };

  test('failed at the same position keeps its reason, and is published again, in case nobody heard of it', async () => {
    const world = new DeadLetterWorld();
    const upload = world.upload('cat', [{ key: 'autoswiftnet:label', value: 'copied' }]);
    const { sequencer } = toPosition(upload.sequencer ?? '', 0);
    const standing = validRecord({ ...NAME, sequencer, state: 'failed', reason: REASON, predictions: [] });
    world.records.entry = standing;

    await world.handle(letterOf(upload), FAILS);

    expect(world.records.entry).toBe(standing);
    expect(world.published).toEqual([standing]);
    expect(world.bucket.currentTags).toEqual([]);
    expect(world.notes).toEqual(['parked failed-alone']);
  });

  test('failed of an earlier upload is replaced', async () => {
    const world = new DeadLetterWorld();
    const earlier = world.upload('dog');
    const { sequencer } = toPosition(earlier.sequencer ?? '', 0);
    world.records.entry = validRecord({ ...NAME, sequencer, state: 'failed', reason: REASON, predictions: [] });

    await world.handle(letterOf(world.upload('cat')), FAILS);

    expect(recordOf(world)).toMatchObject({ state: 'failed', reason: CRASHED });
  });

  test.each(['tagged', 'rejected'] as const)('%s stays, here or later', async (state) => {
    for (const later of [0, 1]) {
      const world = new DeadLetterWorld();
      const uploads = [world.upload('cat'), world.upload('dog')];
      const { sequencer } = toPosition(uploads[later]?.sequencer ?? '', 0);
      const standing = validRecord({ ...NAME, sequencer, state });
      world.records.entry = standing;

      await world.handle(letterOf(uploads[0] as CreatedEvent), FAILS);

      expect(world.records.entry).toBe(standing);
      expect([world.published, world.parked.length]).toEqual([[], 1]);
    }
  });

  test('failed of a later upload stays', async () => {
    const world = new DeadLetterWorld();
    const earlier = world.upload('cat');
    const { sequencer } = toPosition(world.upload('dog').sequencer ?? '', 0);
    const standing = validRecord({ ...NAME, sequencer, state: 'failed', reason: REASON, predictions: [] });
    world.records.entry = standing;

    await world.handle(letterOf(earlier), FAILS);

    expect(world.records.entry).toBe(standing);
    expect(world.published).toEqual([]);
  });

  test('a tombstone stays', async () => {
    const world = new DeadLetterWorld();
    const upload = world.upload('cat');
    const { sequencer = '' } = world.bucket.delete();
    const tombstone = toTombstone(NAME, null, toPosition(sequencer, 0), world.now);
    world.records.entry = tombstone;

    await world.handle(letterOf(upload), FAILS);

    expect(world.records.entry).toBe(tombstone);
    expect(world.published).toEqual([]);
  });
});

test.each([
  ['straight from S3', bodyOf('notification-put')],
  ['through SNS', bodyOf('sns-put')],
  ['from EventBridge', bodyOf('eventbridge-put')],
])('an event that came %s is read', async (_way, body) => {
  const world = new DeadLetterWorld();

  await world.handle(sqsRecord('letter', body), FAILS);

  expect(world.notes).toEqual(['created failed', 'parked failed-alone']);
  expect(world.parked[0]?.[0]).toBe(body);
});

test('a deletion has no record that could fail, and is handed over as well', async () => {
  const world = new DeadLetterWorld();

  await world.handle(letterOf(world.upload('cat'), 'ObjectRemoved:Delete'));

  expect(world.records.entry).toBeNull();
  expect(world.notes).toEqual(['recovered']);
});

test.each(['hello', '{"Records":"all"}', '[]', '{"Records":[{"eventName":"ObjectCreated:Put"}]}'])(
  'what is no event is parked and not handed over: %s',
  async (body) => {
    const world = new DeadLetterWorld();

    await world.handle(sqsRecord('letter', body));

    expect(world.parked).toEqual([[body, expect.stringContaining('not an S3 notification')]]);
    expect([world.ran, world.steps]).toEqual([[], []]);
    expect(world.notes).toEqual(['parked malformed-event']);
  },
);

describe('a dead letter that comes again', () => {
  test('because this function was stopped while it waited is parked, not handed over twice', async () => {
    const world = new DeadLetterWorld();
    const letter = letterOf(world.upload('cat'));
    void world.handle(letter, () => new Promise(() => {}));
    await new Promise((done) => setImmediate(done));

    await world.handle(letter);

    expect(world.ran).toHaveLength(1);
    expect(world.notes).toEqual(['created failed', 'parked failed-alone']);
  });

  test('because an answer of the table was lost is handed over', async () => {
    const world = new DeadLetterWorld();
    const letter = letterOf(world.upload('cat'));
    world.losesAnswer = true;

    await expect(world.handle(letter)).rejects.toThrow('socket hang up');
    world.losesAnswer = false;
    await world.handle(letter);

    expect(world.ran).toHaveLength(1);
    expect(world.notes).toEqual(['created failed', 'recovered']);
  });

  test('because the tagging function refused it is handed over again', async () => {
    const world = new DeadLetterWorld();
    const letter = letterOf(world.upload('cat'));
    const throttled = new TypeError('too many requests');

    await expect(world.handle(letter, () => Promise.reject(throttled))).rejects.toThrow(throttled);
    await world.handle(letter);

    expect(world.parked).toEqual([]);
    expect(world.notes).toEqual(['created failed', 'recovered']);
  });
});

test('without a record there is no last run: the dead letter comes again', async () => {
  const world = new DeadLetterWorld();
  const letter = letterOf(world.upload('cat'));
  world.faults.set('write', new TypeError('no table'));

  await expect(world.handle(letter)).rejects.toThrow('no table');
  world.faults.clear();
  await world.handle(letter);

  expect(world.ran).toHaveLength(1);
  expect(recordOf(world).state).toBe('failed');
});

test('tags that S3 refuses do not keep the message from its last run', async () => {
  const world = new DeadLetterWorld();
  world.faults.set('GetObjectTagging', new ObjectAccessError('access denied (403)'));

  await world.handle(letterOf(world.upload('cat')));

  expect(recordOf(world).state).toBe('failed');
  expect(world.notes).toEqual(['created ObjectAccessError', 'recovered']);
});
