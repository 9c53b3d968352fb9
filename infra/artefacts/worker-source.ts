import type { ImageContext } from './image-context.ts';

/** Where the image of the heavy worker comes from: it is in ECR, or Docker builds it. */
export type WorkerSource = { readonly uri: string } | { readonly context: ImageContext };
