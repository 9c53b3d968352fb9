import { AutoSwiftNetError } from '../classifier/errors.ts';

/** A layer cannot be built: package-lock.json lacks a package, or npm could not install it. */
export class LayerBuildError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'layer-build-failed', status: 500, cause });
  }
}

/** A function and its layers together are larger than Lambda allows. */
export class LayerBudgetError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'layer-budget-exceeded', status: 500 });
  }
}
