import type { CreatedEvent, RemovedEvent } from '../tagging/image-event.ts';

/**
 * One entry of a queue message. `test-event`: S3 tests a new notification. `ignored`: neither an
 * upload nor a deletion.
 */
export type UploadEvent =
  | CreatedEvent
  | RemovedEvent
  | { readonly kind: 'test-event' }
  | { readonly kind: 'ignored'; readonly eventName: string };
