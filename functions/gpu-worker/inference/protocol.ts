import type { OpenModel } from '../../../classifier/open-model.ts';
import type { ExecutionProvider, ProviderRefusal } from '../../../classifier/session.ts';
import type { Fallback } from '../../../classifier/types.ts';

/** What the engine asks of its thread. Answered in the order in which it was asked. */
export type ThreadRequest =
  | {
      readonly kind: 'open';
      readonly id: number;
      readonly model: string;
      readonly packageDir: string;
      readonly providers: readonly ExecutionProvider[];
      readonly threads: number;
      readonly largestBatch: number;
    }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly model: string;
      /** uint8 [count, 224, 224, 3]. Handed over, and handed back with the answer. */
      readonly pixels: Uint8Array;
      readonly count: number;
      /** Indexes of the images whose last convolution's output is wanted. */
      readonly features: readonly number[];
    }
  /** Runs the model's own self-test. */
  | { readonly kind: 'test'; readonly id: number; readonly model: string }
  | { readonly kind: 'close'; readonly id: number; readonly model: string }
  /** Frees every model and ends the thread. Not answered: the thread's end is the answer. */
  | { readonly kind: 'stop' };

/** How a model was opened, and of which package. */
export interface OpenedModel extends Pick<OpenModel, 'packageDir' | 'manifest'> {
  /**
   * How a model that failed its self-test here was brought to give right answers after all, and
   * what the test said.
   */
  readonly fallback: (Pick<Fallback, 'kind'> & { readonly reason: string }) | null;
  readonly provider: ExecutionProvider;
  readonly refusals: readonly ProviderRefusal[];
  /** The only batch sizes that it is run at; null: any. */
  readonly sizes: readonly number[] | null;
}

/** What came out of a run. */
export interface RunResult {
  /** float32 [count, classes] */
  readonly logits: Float32Array;
  /** float32 [channels, 7, 7] of each image that was asked for, in that order. */
  readonly features: readonly Float32Array[];
  /** Milliseconds of the run alone. */
  readonly milliseconds: number;
}

export type ThreadAnswer =
  | ({ readonly kind: 'opened'; readonly id: number } & OpenedModel)
  | ({ readonly kind: 'ran'; readonly id: number; readonly pixels: Uint8Array } & RunResult)
  | { readonly kind: 'tested' | 'closed'; readonly id: number }
  | ThreadFault;

/** An error does not keep its class on the way between threads. */
export interface ThreadFault {
  readonly kind: 'fault';
  readonly id: number;
  readonly name: string;
  readonly message: string;
  /** Pixels of a failed run, handed back. */
  readonly pixels: Uint8Array | null;
}
