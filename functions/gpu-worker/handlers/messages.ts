import type { BatchedModel, ImageResult } from '../inference/batcher.ts';
import type { ServedModel } from '../models/model-shelf.ts';
import type { WireError } from './wire-error.ts';

/** What a handler process tells the worker. */
export type HandlerMessage =
  /** It receives messages from now on. */
  | { readonly kind: 'ready' }
  /** Asks for a model, which stays in memory until it is given back. */
  | { readonly kind: 'use'; readonly id: number; readonly model: string }
  | { readonly kind: 'give-back'; readonly lease: number }
  /** Asks for one image to be run. The handler uses the model meanwhile. */
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly model: BatchedModel;
      /** uint8 [224, 224, 3] */
      readonly pixels: Uint8Array;
      readonly wantsFeatures: boolean;
    }
  /** Number of messages that it holds, whenever that has changed. */
  | { readonly kind: 'held'; readonly count: number };

/** What the worker tells a handler process. */
export type WorkerMessage =
  | { readonly kind: 'lease'; readonly id: number; readonly lease: number; readonly model: SentModel }
  | { readonly kind: 'ran'; readonly id: number; readonly result: ImageResult }
  | { readonly kind: 'fault'; readonly id: number; readonly error: WireError }
  /** Finish what is held, hand back after `withinMs` what is left, and end. */
  | { readonly kind: 'stop'; readonly withinMs: number };

/**
 * A model, and which opening of it this is. A manifest may have 1000 labels, so it is sent only if
 * the handler did not get that opening before. Functions cannot be sent: a handler reads the
 * hierarchy itself.
 */
export interface SentModel {
  readonly name: string;
  readonly opening: number;
  readonly opened: Omit<ServedModel, 'hierarchy'> | null;
}
