import type { Architecture } from '../../layers/architecture.ts';
import type { FunctionCode } from '../../layers/function-code.ts';
import type { Tree } from '../../layers/measure-tree.ts';
import type { Layer } from '../../layers/runtime-layer.ts';
import type { ModelPackage } from './model-package.ts';

/** The functions that use the small model, with the layers that it needs. */
export const MODEL_FUNCTION_NAMES = ['tag-upload', 'api', 'backfill'] as const;

/** All Lambda functions. Each has a folder of the same name in `functions/`. */
export const FUNCTION_NAMES = [
  ...MODEL_FUNCTION_NAMES,
  'dead-letters',
  'ask-queue',
  'health',
  'limit-gpu-hours',
  'keep-task-count',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The files of the page, as they lie in its bucket. */
export interface PageFiles extends Tree {
  readonly folder: string;
}

/**
 * What the constructs upload, and which they do not make: it was made before, because a constructor
 * cannot wait.
 */
export interface ServiceCode {
  readonly functions: Readonly<Record<FunctionName, FunctionCode>>;
  /** Null where the page was not made, because it is not deployed. */
  readonly page: PageFiles | null;
  readonly runtimeLayer: (architecture: Architecture) => Layer;
  readonly modelLayer: (model: ModelPackage) => Layer;
}
