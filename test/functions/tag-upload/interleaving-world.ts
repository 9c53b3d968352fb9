import { keepThumbnail } from '../../../functions/api/thumbnail.ts';
import { labelRows } from '../../../functions/records/labels.ts';
import { type ImageRecord, isTombstone } from '../../../functions/records/record.ts';
import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { chooseRoute, type RouteSettings } from '../../../functions/routing/route.ts';
import { type Memory, UNLIMITED } from '../../../functions/side-by-side/memory.ts';
import { createRunner } from '../../../functions/side-by-side/runner.ts';
import { removeImage } from '../../../functions/tag-upload/remove-image.ts';
import type { UploadEvent } from '../../../functions/tag-upload/upload-event.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import type { ObjectStore } from '../../../functions/tagging/objects.ts';
import { type TagImageDependencies, tagImage } from '../../../functions/tagging/tag-image.ts';
import type { Tag } from '../../../functions/tagging/tags.ts';
import type { ThumbnailStore } from '../../../functions/thumbnails/thumbnail-store.ts';
import { MemoryRecords, type Step } from '../records/memory-records.ts';
import { exploreInterleavings } from '../tagging/interleavings.ts';
import { type Change, eTagOf, MemoryBucket, USER_TAG } from '../tagging/memory-bucket.ts';
import { NAME, NOW, toCreatedEvent } from '../tagging/tagging-world.ts';
import {
  HEAVY_NAME,
  heavyWordAnswerer,
  MODEL_NAME,
  OTHER_NAME,
  otherWordAnswerer,
  wordAnswerer,
} from '../tagging/word-classifier.ts';
import type { Actor, World } from '../tagging/world-run.ts';

/** `isCopy`: the object comes with the tags that it will get, as a copy of a tagged object does. */
type Act = { readonly put: string; readonly isCopy?: boolean } | 'delete' | { readonly deleteVersion: string };

export interface Scenario {
  readonly versioned: boolean;
  /**
   * What happens to the object, in this order. Each act sends an event (unless it is among the
   * lost).
   */
  readonly acts: readonly Act[];
  /** Events (by act) that come a second time, at any time. */
  readonly duplicates?: readonly number[];
  /** Acts that are over, events handled, before all else. */
  readonly before?: number;
  /** Whether the record of those acts is of an earlier version: it lists no rows, and has two. */
  readonly isRecordOld?: boolean;
  /** Events (by act) that never come. */
  readonly lost?: readonly number[];
  /** A backfill's event, after so many acts. */
  readonly backfillAfter?: number;
  /**
   * Whether the backfill has another model, another small one. Its answer stands if the upload was
   * answered before it.
   */
  readonly isBackfillOfOther?: boolean;
  /** Event (by act) whose handling crashes, at every step. Default: none. */
  readonly crash?: number;
  /** All interleavings with at most so many interruptions. Default {@link MAX_INTERRUPTIONS}. */
  readonly maxInterruptions?: number;
  /**
   * Whether all events come in one batch, once all acts are over: they are handled side by side, and
   * a crash ends the handling of all. Each is an actor of its own: two messages meet in nothing but
   * their calls, and one that waited for the other would be named as a fault.
   */
  readonly isBatch?: boolean;
  /**
   * Who answers: the small model alone (default), the heavy one alone, or the small one, unsure of
   * everything, and then the heavy one.
   */
  readonly answers?: 'heavy' | 'both';
  /**
   * Which of the heavy queue's messages, in the order they were sent, has a worker that crashes at
   * every step. Default: none.
   */
  readonly heavyCrash?: number;
  /** How many messages of the heavy queue are handled at most. Default 0. */
  readonly heavyMessages?: number;
  /** How often a user changes a tag of their own, at any time once all acts are over. Default 0. */
  readonly userChanges?: number;
  /** Whether somebody asks for the image's thumbnail, at any time. */
  readonly isViewed?: boolean;
  /** Whether tags may change after S3 has read them, and before the answer arrives. */
  readonly hasLateTags?: boolean;
  /** The content that must be found in record, rows and tags; null: nothing. */
  readonly end: string | null;
}

/**
 * An event has two or three calls under way at a time, so that all interleavings of two events are
 * too many. Each guard whose absence any number of interruptions shows is missed with two as well.
 */
const MAX_INTERRUPTIONS = 2;

/**
 * Others' tags, the same on every upload: without versioning S3 cannot tell whose object a tag set
 * was merged for.
 */
const TEAM = { key: 'team', value: 'red' };

/**
 * Label rows and tags do not meet, so most scenarios are run with one of them at a time: that is
 * far fewer interleavings. At this threshold a lion has two rows, of a search concept and a label,
 * and a bear one.
 */
const EXTENTS = {
  tags: { tags: { labels: 2, threshold: 0.1, concept: true }, indexThreshold: 2 },
  rows: { tags: { labels: 0, threshold: 0.1, concept: true }, indexThreshold: 0.3 },
  both: { tags: { labels: 2, threshold: 0.1, concept: true }, indexThreshold: 0.3 },
};
type Extent = keyof typeof EXTENTS;

const BIG_CAT = 'big cat';

const BOTH: RouteSettings = { small: [MODEL_NAME], heavy: [HEAVY_NAME], rules: { '': 'auto' }, cascadeThreshold: 1 };
const ROUTES = {
  small: { ...BOTH, heavy: [] },
  heavy: { ...BOTH, rules: { '': HEAVY_NAME } },
  both: BOTH,
};

class SharedWorld implements World {
  readonly actors: readonly Actor[];
  readonly unseen = ['Publish'];
  readonly records = new MemoryRecords();
  readonly bucket: MemoryBucket;
  readonly published = new Set<string>();
  /** Results that somebody heard of before the object had its tags and label rows. */
  readonly publishedTooEarly: string[] = [];
  /** The heavy queue. */
  readonly asked: HeavyRequest[] = [];
  /** ETag of the image whose thumbnail is kept. */
  thumbnail: string | null = null;
  readonly #scenario: Scenario;
  readonly #extent: Extent;
  readonly #events: UploadEvent[] = [];
  /** What the process of the function runs the messages of a batch with. */
  #runner = createRunner(1);

  constructor(scenario: Scenario, extent: Extent) {
    this.#scenario = scenario;
    this.#extent = extent;
    this.bucket = new MemoryBucket(scenario);
    this.actors = this.#createActors();
  }

  snapshot(): readonly unknown[] {
    return [
      this.records.entry,
      this.records.rows,
      this.bucket.versions,
      [
        [...this.published].sort(),
        this.publishedTooEarly,
        this.thumbnail,
        this.asked.map(({ source: { eTag, versionId, sequencer } }) => [eTag, versionId, sequencer]),
        this.#events.length,
      ],
    ];
  }

  #createActors(): Actor[] {
    const {
      acts,
      duplicates = [],
      before = 0,
      lost = [],
      backfillAfter,
      crash,
      userChanges = 0,
      isBatch,
    } = this.#scenario;
    const happened = (index: number) => this.#events.length > index;
    const handlers = [...[...acts.keys()].filter((index) => index >= before), ...duplicates]
      .filter((index) => !lost.includes(index))
      .map((index, actor, all) => ({
        name: `event${index}${all.indexOf(index) < actor ? 'again' : ''}`,
        ready: () => happened(index),
        given: () => this.#events[index],
        run: (step: Step) => this.#handle(this.#events[index], step),
        mayCrash: crash === index && all.indexOf(index) === actor,
      }));
    const backfill = {
      name: 'backfill',
      ready: () => happened((backfillAfter ?? 0) - 1),
      run: (step: Step) => this.#backfill(step),
      mayCrash: false,
    };
    const tagger = {
      name: 'tagger',
      ready: () => happened(acts.length - 1),
      run: (step: Step) => this.#changeTags(userChanges, step),
      mayCrash: false,
    };
    const batch = handlers.map((handler, index) => ({
      ...handler,
      ready: () => happened(acts.length - 1),
      run: (step: Step) => this.#handleMessage(handler.given(), index === 0, step),
      mayCrash: crash !== undefined,
      process: 'batch',
    }));
    const viewer = {
      name: 'viewer',
      ready: () => happened(0),
      run: (step: Step) => this.#view(step),
      mayCrash: false,
    };
    const user = { name: 'user', ready: () => true, run: (step: Step) => this.#act(step), mayCrash: false };
    return [
      user,
      ...(isBatch ? batch : handlers),
      ...(backfillAfter === undefined ? [] : [backfill]),
      ...this.#createWorkers(),
      ...(this.#scenario.isViewed ? [viewer] : []),
      ...(userChanges === 0 ? [] : [tagger]),
    ];
  }

  #createWorkers(): Actor[] {
    const { heavyMessages = 0, heavyCrash } = this.#scenario;
    return Array.from({ length: heavyMessages }, (_, index) => ({
      name: `heavy${index}`,
      ready: () => this.asked.length > index,
      given: () => this.asked[index],
      run: (step: Step) => this.#answer(this.asked[index], step),
      mayCrash: heavyCrash === index,
    }));
  }

  #publish({ eTag, state, predictions }: ImageRecord): void {
    this.published.add(`${eTag} ${state}`);
    const { tags, rows } = foundEnd(this);
    const label = tags?.find(([key]) => key === 'autoswiftnet:label')?.[1];
    const isTagged = this.#extent === 'rows' || label === predictions[0]?.label;
    const wanted = rowLabels(predictions.map(({ label: one }) => one));
    const isIndexed = this.#extent === 'tags' || rows.length === wanted.length;
    if (!isTagged || !isIndexed) this.publishedTooEarly.push(`${eTag} ${state}`);
  }

  /** What the API does to keep a thumbnail that it has made. */
  async #view(step: Step): Promise<void> {
    const look = async () => {
      const object = await step('HeadObject', () => this.bucket.current);
      return object && { key: NAME.key, eTag: eTagOf(object.content), lastModified: object.lastModified };
    };
    const object = await look();
    if (object === null) return;
    await keepThumbnail(
      NAME,
      { imageETag: object.eTag, bytes: new Uint8Array() },
      { bucket: { find: look }, records: this.records.connect(step), thumbnails: this.#thumbnails(step) },
    );
  }

  #thumbnails(step: Step): ThumbnailStore {
    return {
      read: async () => null,
      write: (_image, { imageETag }) =>
        step('write thumbnail', () => {
          this.thumbnail = imageETag;
        }),
      remove: async () => {
        if (!this.#scenario.isViewed) return;
        await step('remove thumbnail', () => {
          this.thumbnail = null;
        });
      },
    };
  }

  async #changeTags(times: number, step: Step): Promise<void> {
    for (let change = 0; change < times; change++) await step('change a tag', () => this.bucket.changeUserTag());
  }

  async #act(step: Step): Promise<void> {
    for (const [index, act] of this.#scenario.acts.entries()) {
      const early = index < (this.#scenario.before ?? 0);
      const perform = () => toEvent(act, this.#perform(act));
      const event = early ? perform() : await step(JSON.stringify(act), perform);
      if (early) await this.#handle(event, async (_label, operation) => operation());
      if (early && this.#scenario.isRecordOld) this.#makeOld();
      this.#events.push(event);
    }
  }

  /** Leaves what an earlier version had stored about the image: rows by rank, keyed by the label. */
  #makeOld(): void {
    const { entry } = this.records;
    if (entry === null || isTombstone(entry)) return;
    this.records.entry = { ...entry, rows: null };
    this.records.rows = labelRows(this.records.entry);
  }

  #perform(act: Act): Change {
    if (act === 'delete') return this.bucket.delete();
    if (!('put' in act)) return this.bucket.deleteVersion(act.deleteVersion);
    return this.bucket.put(act.put, act.isCopy ? finalTags({ ...this.#scenario, end: act.put }, this.#extent) : [TEAM]);
  }

  /** What the function does with a message of a batch, beside the others of it. */
  async #handleMessage(event: UploadEvent | undefined, isFirst: boolean, step: Step): Promise<void> {
    if (isFirst) this.#runner = createRunner(1);
    const { tasks, memory } = this.#runner;
    await tasks.take(() => this.#handle(event, step, memory));
  }

  async #handle(event: UploadEvent | undefined, step: Step, memory: Memory = UNLIMITED): Promise<void> {
    const dependencies = { ...this.#connect(step), memory };
    if (event?.kind === 'created') await tagImage(event, dependencies);
    else if (event?.kind === 'removed') await removeImage(event, dependencies);
  }

  async #backfill(step: Step): Promise<void> {
    const dependencies = this.#connect(step);
    const { isBackfillOfOther = false } = this.#scenario;
    await tagImage(
      backfillEvent(),
      isBackfillOfOther ? { ...dependencies, answerer: otherWordAnswerer } : dependencies,
    );
  }

  /** What the worker does with a message. */
  async #answer(request: HeavyRequest | undefined, step: Step): Promise<void> {
    if (request === undefined) throw new TypeError('no such message');
    const { bucket, key, versionId, eTag, sequencer } = request.source;
    const event = {
      kind: 'created',
      name: { bucket, key },
      versionId,
      eTag,
      size: null,
      sequencer,
      time: null,
    } as const;
    await tagImage(event, {
      ...this.#connect(step),
      answerer: heavyWordAnswerer,
      askHeavy: null,
    });
  }

  #connect(call: Step): TagImageDependencies {
    let last = '';
    const step: Step = async (label, act) => {
      const result = await call(label, act);
      last = label;
      return result;
    };
    const objects = this.bucket.connect(step, (label) => label === last);
    const lateTags: ObjectStore['tags'] = async (object) => {
      const tags = await objects.tags(object);
      return step('tags arrive', () => tags);
    };
    return {
      objects: this.#scenario.hasLateTags ? { ...objects, tags: lateTags } : objects,
      records: this.records.connect(step),
      thumbnails: this.#thumbnails(step),
      publish: (record) => step('Publish', () => this.#publish(record)),
      answerer: {
        ...wordAnswerer,
        chooseRoute: (key, requestedByObject) =>
          chooseRoute({ requestedByCaller: null, requestedByObject, key }, ROUTES[this.#scenario.answers ?? 'small']),
      },
      askHeavy: (request) => step('SendMessage', () => void this.asked.push(request)),
      memory: UNLIMITED,
      maxImageBytes: 1000,
      now: () => NOW,
      ...EXTENTS[this.#extent],
    };
  }
}

function toEvent(act: Act, change: Change): UploadEvent {
  if (typeof act === 'object' && 'put' in act) return toCreatedEvent(change);
  const { versionId, sequencer } = change;
  return { kind: 'removed', name: NAME, versionId, marker: act === 'delete' && versionId !== null, sequencer };
}

function backfillEvent(): CreatedEvent {
  return { kind: 'created', name: NAME, versionId: null, eTag: null, size: null, sequencer: null, time: null };
}

function finalTags(scenario: Scenario, extent: Extent): Tag[] {
  return (expectedEnd(scenario, extent, lastModel(scenario)).tags ?? []).map(([key = '', value = '']) => ({
    key,
    value,
  }));
}

/**
 * Whose answer must stand. If an upload and a backfill of another model meet, it is either's: that
 * of the record, which the tags and rows must match.
 */
function lastModel({ answers, isBackfillOfOther = false, before = 0 }: Scenario, recorded?: string): string {
  if (answers !== undefined) return HEAVY_NAME;
  return isBackfillOfOther && (before > 0 || recorded === OTHER_NAME) ? OTHER_NAME : MODEL_NAME;
}

/** What an image must have rows for. A lion is a search concept, and the second label too improbable. */
function rowLabels([first]: readonly string[]): string[] {
  if (first === undefined) return [];
  return first.toLowerCase() === 'lion' ? [BIG_CAT, first] : [first];
}

/** What must be there in the end, said without the code under test. */
function expectedEnd({ end: content }: Scenario, extent: Extent, model: string) {
  if (content === null) return { record: null, rows: [], tags: null };
  const tagged = content !== '' && !content.startsWith('bad');
  const labels = tagged ? (model === MODEL_NAME ? content : content.toUpperCase()).split(' ') : [];
  const [first, second] = labels;
  const listed = rowLabels(labels);
  const concept = listed.length === 2 ? BIG_CAT : 'word';
  return {
    record: { state: tagged ? 'tagged' : 'rejected', eTag: eTagOf(content), isOfCurrentTime: true, labels },
    rows: extent === 'tags' ? [] : listed.map((label, index) => [index + 1, label]),
    tags: [
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:concept', concept]] : []),
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:confidence', '0.500']] : []),
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:label', first]] : []),
      ...(second && extent !== 'rows' ? [['autoswiftnet:label-2', second]] : []),
      ...(tagged && extent !== 'rows' ? [['autoswiftnet:model', model]] : []),
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
      // Its place in the order of all images.
      isOfCurrentTime: record.lastModified === bucket.current?.lastModified,
      labels: record.predictions.map(({ label }) => label),
      model: record.model,
    },
    rows: rows.toSorted((a, b) => a.rank - b.rank).map(({ rank, label }) => [rank, label]),
    tags: bucket.currentTags?.flatMap(({ key, value }) => (key === USER_TAG ? [] : [[key, value]])).sort() ?? null,
  };
}

/**
 * A user's last change of a tag must be there, unless it came between our read of the tags and the
 * write that followed at once. S3 replaces a tag set as a whole and takes no condition, so no order
 * of calls could keep that one.
 * @returns whether there was a change that had to be there
 */
function expectUserTag({ bucket: { current } }: SharedWorld, schedule: string): boolean {
  if (current === null || current.userChanges === 0 || current.isUserChangeLost) return false;
  const userTags = current.tags.filter(({ key }) => key === USER_TAG);
  expect({ schedule, userTags }).toEqual({ schedule, userTags: [{ key: USER_TAG, value: `${current.userChanges}` }] });
  return true;
}

/**
 * Checks every end of a scenario, and counts those in which a user's last change of a tag had to be
 * there. Tags are not looked at where nothing current is to be found: an older version may have
 * some.
 */
export async function explore(scenario: Scenario, extent: Extent) {
  let keptUserChanges = 0;
  let keptThumbnails = 0;
  const { ends, states } = await exploreInterleavings(
    () => new SharedWorld(scenario, extent),
    (world, schedule) => {
      const found = foundEnd(world);
      const expected = expectedEnd(scenario, extent, lastModel(scenario, found.record?.model));
      const tags = scenario.end === null ? null : found.tags;
      const { model: _, ...record } = found.record ?? {};
      expect({ schedule, ...found, record: found.record && record, tags }).toEqual({ schedule, ...expected });
      if (expectUserTag(world, schedule)) keptUserChanges += 1;
      if (world.thumbnail !== null) keptThumbnails += 1;
      expect([schedule, scenario.end === null ? null : eTagOf(scenario.end)]).toEqual([
        schedule,
        world.thumbnail ?? (scenario.end === null ? null : eTagOf(scenario.end)),
      ]);
      // Where there is another event, that one may replace tags and rows at any time.
      if (scenario.acts.length === 1) expect([schedule, world.publishedTooEarly]).toEqual([schedule, []]);
      if (expected.record) expect([...world.published]).toContain(`${expected.record.eTag} ${expected.record.state}`);
    },
    { maxInterruptions: scenario.maxInterruptions ?? MAX_INTERRUPTIONS },
  );
  return { ends, states, keptUserChanges, keptThumbnails };
}
