import { type ImageRecord, isTombstone } from '../../../functions/records/record.ts';
import type { HeavyRequest } from '../../../functions/routing/heavy-message.ts';
import { chooseRoute, type RouteSettings } from '../../../functions/routing/route.ts';
import { UNLIMITED } from '../../../functions/side-by-side/memory.ts';
import type { CreatedEvent } from '../../../functions/tagging/image-event.ts';
import type { TagImageDependencies } from '../../../functions/tagging/tag-image.ts';
import type { Tag } from '../../../functions/tagging/tags.ts';
import { MemoryRecords } from '../records/memory-records.ts';
import { type Change, MemoryBucket } from './memory-bucket.ts';
import { MODEL_NAME, wordAnswerer } from './word-classifier.ts';

export const NAME = { bucket: 'pictures', key: 'holiday/a b.png' };
export const NOW = new Date('2026-11-24T12:00:00Z');

/** One object, its record, and all that is done to them, in the order in which it is done. */
export class TaggingWorld {
  readonly bucket: MemoryBucket;
  readonly records = new MemoryRecords();
  readonly published: ImageRecord[] = [];
  /** What heavy models were asked. */
  readonly asked: HeavyRequest[] = [];
  readonly steps: string[] = [];
  /** Without a heavy model, until a test says otherwise. */
  routes: RouteSettings = { small: [MODEL_NAME], heavy: [], rules: {}, cascadeThreshold: 0.5 };
  now = NOW;
  /** Steps that fail, by label. */
  readonly faults = new Map<string, Error>();

  constructor({ versioned = false } = {}) {
    this.bucket = new MemoryBucket({ versioned });
  }

  /** Uploads, and returns the event of it. */
  upload(content: string, tags: Tag[] = []): CreatedEvent {
    return toCreatedEvent(this.bucket.put(content, tags));
  }

  dependencies(changes: Partial<TagImageDependencies> = {}): TagImageDependencies {
    const step = async <Result>(label: string, act: () => Result): Promise<Result> => {
      this.steps.push(label);
      const fault = this.faults.get(label);
      if (fault !== undefined) throw fault;
      return act();
    };
    return {
      objects: this.bucket.connect(step),
      records: this.records.connect(step),
      thumbnails: { remove: () => step('remove thumbnail', () => {}) },
      publish: (record) => step('publish', () => void this.published.push(record)),
      answerer: {
        ...wordAnswerer,
        chooseRoute: (key, requestedByObject) =>
          chooseRoute({ requestedByCaller: null, requestedByObject, key }, this.routes),
      },
      askHeavy: (request) => step('SendMessage', () => void this.asked.push(request)),
      memory: UNLIMITED,
      maxImageBytes: 100,
      now: () => this.now,
      tags: { labels: 1, threshold: 0.1, concept: false },
      indexThreshold: 0.1,
      ...changes,
    };
  }
}

export function toCreatedEvent({ versionId, eTag, size, sequencer, time }: Change): CreatedEvent {
  return { kind: 'created', name: NAME, versionId, eTag, size, sequencer, time };
}

/** The record that must be there. */
export function recordOf({ records: { entry } }: TaggingWorld): ImageRecord {
  if (entry === null || isTombstone(entry)) throw new TypeError('expected a record');
  return entry;
}
