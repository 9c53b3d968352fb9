import { isTombstone } from '../../../functions/records/record.ts';
import type { UploadEvent } from '../../../functions/tag-upload/event.ts';
import { removeImage } from '../../../functions/tag-upload/remove-image.ts';
import type { CreatedEvent } from '../../../functions/tagging/created-event.ts';
import { type TagImageDependencies, tagImage } from '../../../functions/tagging/tag-image.ts';
import { MemoryRecords, type Step } from '../records/memory-records.ts';
import { type Actor, exploreInterleavings, type World } from '../tagging/interleavings.ts';
import { type Change, eTagOf, MemoryBucket } from '../tagging/memory-bucket.ts';
import { NAME, NOW, toCreatedEvent } from '../tagging/tagging-world.ts';
import { MODEL_NAME, wordClassifier } from '../tagging/word-classifier.ts';

type Act = { readonly put: string } | 'delete' | { readonly deleteVersion: string };

interface Scenario {
  readonly versioned: boolean;
  /** What happens to the object, in this order. Each act sends an event (unless it is among the lost). */
  readonly acts: readonly Act[];
  /** Events (by act) that come a second time, at any time. */
  readonly duplicates?: readonly number[];
  /** Acts that are over, events handled, before all else. */
  readonly before?: number;
  /** Events (by act) that never come. */
  readonly lost?: readonly number[];
  /** A backfill's event, after so many acts. */
  readonly backfillAfter?: number;
  /** Event (by act) whose handling crashes, at every step. Default: none. */
  readonly crash?: number;
  /** Three events: all interleavings with at most so many interruptions. */
  readonly maxInterruptions?: number;
  /** The content that must be found in record, rows and tags; null: nothing. */
  readonly end: string | null;
}

/** Others' tags, the same on every upload: without versioning S3 cannot tell whose object a tag set was merged for. */
const TEAM = { key: 'team', value: 'red' };

/** Label rows and tags do not meet, so most scenarios are run with one of them at a time: that is far fewer interleavings. */
const EXTENTS = {
  tags: { tags: { labels: 2, threshold: 0.1 }, indexThreshold: 2 },
  rows: { tags: { labels: 0, threshold: 0.1 }, indexThreshold: 0.1 },
  both: { tags: { labels: 2, threshold: 0.1 }, indexThreshold: 0.1 },
};
type Extent = keyof typeof EXTENTS;

// Different numbers of labels, so that the rows of one are too many for the other.
const LION = { put: 'lion cub' };
const BEAR = { put: 'bear' };
const NOISE = { put: 'bad noise' };

const scenarios: Record<string, Scenario> = {
  'two uploads': { versioned: false, acts: [LION, BEAR], end: BEAR.put },
  'two uploads, fewer labels first': { versioned: false, acts: [BEAR, LION], end: LION.put },
  'two uploads, the older crashes': { versioned: false, acts: [LION, BEAR], crash: 0, end: BEAR.put },
  'two uploads, the newer crashes': { versioned: false, acts: [LION, BEAR], crash: 1, end: BEAR.put },
  'two uploads with versions, the older crashes': { versioned: true, acts: [LION, BEAR], crash: 0, end: BEAR.put },
  'two uploads with versions, the newer crashes': { versioned: true, acts: [LION, BEAR], crash: 1, end: BEAR.put },
  'upload and delete, the upload crashes': { versioned: false, acts: [LION, 'delete'], crash: 0, end: null },
  'upload and delete, the delete crashes': { versioned: false, acts: [LION, 'delete'], crash: 1, end: null },
  'upload and delete marker, the upload crashes': { versioned: true, acts: [LION, 'delete'], crash: 0, end: null },
  'upload and the end of its version, the upload crashes': {
    versioned: true,
    acts: [LION, { deleteVersion: 'v1' }],
    crash: 0,
    end: null,
  },
  'upload and the end of its version, the end crashes': {
    versioned: true,
    acts: [LION, { deleteVersion: 'v1' }],
    crash: 1,
    end: null,
  },
  'two uploads and the end of the older version': {
    versioned: true,
    acts: [LION, BEAR, { deleteVersion: 'v1' }],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'two uploads and the end of the newer version': {
    versioned: true,
    acts: [LION, BEAR, { deleteVersion: 'v2' }],
    maxInterruptions: 2,
    end: null,
  },
  'delete and upload again, the upload crashes': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 1,
    crash: 2,
    end: BEAR.put,
  },
  'delete and upload again, the delete crashes': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 1,
    crash: 1,
    end: BEAR.put,
  },
  'upload, delete and upload again': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'an event twice, one of them crashes': { versioned: false, acts: [LION], duplicates: [0], crash: 0, end: LION.put },
  'the older event twice': {
    versioned: false,
    acts: [LION, BEAR],
    duplicates: [0],
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'no image after an image, the older crashes': { versioned: false, acts: [LION, NOISE], crash: 0, end: NOISE.put },
  'no image after an image, the newer crashes': { versioned: false, acts: [LION, NOISE], crash: 1, end: NOISE.put },
  'an image after none, the older crashes': { versioned: false, acts: [NOISE, LION], crash: 0, end: LION.put },
  'nothing in the object after an image': { versioned: false, acts: [LION, { put: '' }], crash: 0, end: '' },
  'upload and backfill, the upload crashes': {
    versioned: false,
    acts: [LION],
    backfillAfter: 1,
    crash: 0,
    end: LION.put,
  },
  'two uploads and a backfill': {
    versioned: false,
    acts: [LION, BEAR],
    backfillAfter: 1,
    maxInterruptions: 2,
    end: BEAR.put,
  },
  'a backfill and a delete': { versioned: false, acts: [LION, 'delete'], lost: [0], backfillAfter: 1, end: null },
  'a backfill finds the event of a second upload lost': {
    versioned: false,
    acts: [LION, BEAR],
    before: 1,
    lost: [1],
    backfillAfter: 2,
    end: BEAR.put,
  },
  'a backfill finds the event of an upload after a delete lost': {
    versioned: false,
    acts: [LION, 'delete', BEAR],
    before: 2,
    lost: [2],
    backfillAfter: 3,
    end: BEAR.put,
  },
};

class SharedWorld implements World {
  readonly actors: readonly Actor[];
  readonly records = new MemoryRecords();
  readonly bucket: MemoryBucket;
  readonly published = new Set<string>();
  readonly #scenario: Scenario;
  readonly #extent: Extent;
  readonly #events: UploadEvent[] = [];

  constructor(scenario: Scenario, extent: Extent) {
    this.#scenario = scenario;
    this.#extent = extent;
    this.bucket = new MemoryBucket(scenario);
    this.actors = this.#createActors();
  }

  snapshot(): string {
    return JSON.stringify([this.records.entry, this.records.rows, this.bucket.versions, [...this.published].sort()]);
  }

  #createActors(): Actor[] {
    const { acts, duplicates = [], before = 0, lost = [], backfillAfter, crash } = this.#scenario;
    const happened = (index: number) => this.#events.length > index;
    const handlers = [...acts.keys(), ...duplicates]
      .filter((index) => !lost.includes(index) && index >= before)
      .map((index, actor, all) => ({
        name: `event${index}${all.indexOf(index) < actor ? 'again' : ''}`,
        ready: () => happened(index),
        run: (step: Step) => this.#handle(this.#events[index], step),
        mayCrash: crash === index && all.indexOf(index) === actor,
      }));
    const backfill = {
      name: 'backfill',
      ready: () => happened((backfillAfter ?? 0) - 1),
      run: (step: Step) => this.#handle(backfillEvent(), step),
      mayCrash: false,
    };
    const user = { name: 'user', ready: () => true, run: (step: Step) => this.#act(step), mayCrash: false };
    return [user, ...handlers, ...(backfillAfter === undefined ? [] : [backfill])];
  }

  async #act(step: Step): Promise<void> {
    for (const [index, act] of this.#scenario.acts.entries()) {
      const early = index < (this.#scenario.before ?? 0);
      const perform = () => toEvent(act, this.#perform(act));
      const event = early ? perform() : await step(JSON.stringify(act), perform);
      if (early) await this.#handle(event, async (_label, operation) => operation());
      this.#events.push(event);
    }
  }

  #perform(act: Act): Change {
    if (act === 'delete') return this.bucket.delete();
    return 'put' in act ? this.bucket.put(act.put, [TEAM]) : this.bucket.deleteVersion(act.deleteVersion);
  }

  async #handle(event: UploadEvent | undefined, step: Step): Promise<void> {
    const dependencies: TagImageDependencies = {
      objects: this.bucket.connect(step),
      records: this.records.connect(step),
      publish: (record) => step('Publish', () => void this.published.add(`${record.eTag} ${record.state}`)),
      classifier: async () => wordClassifier,
      modelName: MODEL_NAME,
      maxImageBytes: 1000,
      now: () => NOW,
      ...EXTENTS[this.#extent],
    };
    if (event?.kind === 'created') await tagImage(event, dependencies);
    else if (event?.kind === 'removed') await removeImage(event, dependencies);
  }
}

function toEvent(act: Act, change: Change): UploadEvent {
  if (typeof act === 'object' && 'put' in act) return toCreatedEvent(change);
  const { versionId, sequencer } = change;
  return { kind: 'removed', name: NAME, versionId, marker: act === 'delete' && versionId !== null, sequencer };
}

function backfillEvent(): CreatedEvent {
  return { kind: 'created', name: NAME, versionId: null, eTag: null, size: null, sequencer: null };
}

/** What must be there in the end, said without the code under test. */
function expectedEnd(content: string | null, extent: Extent) {
  if (content === null) return { record: null, rows: [], tags: null };
  const tagged = content !== '' && !content.startsWith('bad');
  const labels = tagged ? content.split(' ') : [];
  const [first, second] = labels;
  return {
    record: { state: tagged ? 'tagged' : 'rejected', eTag: eTagOf(content), labels },
    rows: extent === 'tags' ? [] : labels.map((label, index) => [index + 1, label]),
    tags: [
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:confidence', '0.500']] : []),
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:label', first]] : []),
      ...(second && extent !== 'rows' ? [['autoswiftnet:label-2', second]] : []),
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:model', 'words']] : []),
      ['team', 'red'],
    ],
  };
}

function foundEnd({ records: { entry, rows }, bucket }: SharedWorld) {
  const record = entry === null || isTombstone(entry) ? null : entry;
  return {
    record: record && {
      state: record.state,
      eTag: record.eTag,
      labels: record.predictions.map(({ label }) => label),
    },
    rows: rows.toSorted((a, b) => a.rank - b.rank).map(({ rank, label }) => [rank, label]),
    tags: bucket.currentTags?.map(({ key, value }) => [key, value]).sort() ?? null,
  };
}

/** Checks every end of a scenario. Tags are not looked at where nothing current is to be found: an older version may have some. */
async function explore(scenario: Scenario, extent: Extent) {
  const expected = expectedEnd(scenario.end, extent);
  const { ends, states } = await exploreInterleavings(
    () => new SharedWorld(scenario, extent),
    (world, schedule) => {
      const found = foundEnd(world);
      const tags = scenario.end === null ? null : found.tags;
      expect({ schedule, ...found, tags }).toEqual({ schedule, ...expected });
      if (expected.record) expect([...world.published]).toContain(`${expected.record.eTag} ${expected.record.state}`);
    },
    scenario,
  );
  return { ends, states };
}

describe('every interleaving, and a crash at every step, ends in the state of the newest event', () => {
  test.each(Object.entries(scenarios))('%s', async (_title, scenario) => {
    const tags = await explore(scenario, 'tags');
    const rows = await explore(scenario, 'rows');

    expect(Math.min(tags.ends, rows.ends)).toBeGreaterThan(0);
  });

  test('two uploads, tags and label rows together', async () => {
    const { ends } = await explore({ versioned: false, acts: [LION, BEAR], end: BEAR.put }, 'both');

    expect(ends).toBeGreaterThan(0);
  });
});
