import type { ExecutionProvider, GraphFile, ProviderRefusal } from '../../../classifier/onnx-runtime.ts';
import type { OpenModel } from '../../../classifier/open-model.ts';
import type { Fallback } from '../../../classifier/types.ts';

/** A request of the engine to its thread. Requests are answered in their order. */
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
      /** uint8 [count, 224, 224, 3]. Moved to the thread, and moved back with the answer. */
      readonly pixels: Uint8Array;
      readonly count: number;
      /** Indexes of the images for which the output of the last convolution is wanted. */
      readonly features: readonly number[];
    }
  /** Runs the model's own self-test. */
  | { readonly kind: 'test'; readonly id: number; readonly model: string }
  | { readonly kind: 'close'; readonly id: number; readonly model: string }
  /** Frees every model and ends the thread. There is no answer: the thread just ends. */
  | { readonly kind: 'stop' };

/** How a model was opened, and from which package. */
export interface OpenedModel extends Pick<OpenModel, 'packageDir' | 'manifest'> {
  /**
   * What is used instead because the model failed its self-test on this machine, or its graph for
   * CUDA does not work, and why. Null: the package itself is used.
   */
  readonly fallback: (Pick<Fallback, 'kind'> & { readonly reason: string }) | null;
  /** The graph in use: `model.cuda.onnx` on CUDA, if the package has it and it works. */
  readonly graph: GraphFile;
  readonly provider: ExecutionProvider;
  readonly refusals: readonly ProviderRefusal[];
  /** The only batch sizes that the model is run with, ascending. Null: any size. */
  readonly sizes: readonly number[] | null;
}

/** Result of one run. */
export interface RunResult {
  /** float32 [count, classes] */
  readonly logits: Float32Array;
  /** float32 [channels, 7, 7] of each requested image, in the order of the request. */
  readonly features: readonly Float32Array[];
  /** Milliseconds of the run alone. */
  readonly milliseconds: number;
}

export type ThreadAnswer =
  | ({ readonly kind: 'opened'; readonly id: number } & OpenedModel)
  | ({ readonly kind: 'ran'; readonly id: number; readonly pixels: Uint8Array } & RunResult)
  | { readonly kind: 'tested' | 'closed'; readonly id: number }
  | ThreadFault;

/**
 * An error in the form in which it is sent between threads. An Error object would lose its class.
 */
export interface ThreadFault {
  readonly kind: 'fault';
  readonly id: number;
  readonly name: string;
  /** The code of an AutoSwiftNetError, else null. */
  readonly code: string | null;
  readonly message: string;
  /** Pixels of a failed run, handed back. */
  readonly pixels: Uint8Array | null;
}
