import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** Something else exists where the package is to be written, and may not be replaced. */
export class PackageExistsError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-exists', status: 409, cause });
  }
}

/** The package cannot be written to disk. `cause` is the system's error. */
export class PackageWriteError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-not-written', status: 500, cause });
  }
}

/**
 * No other package can be made from this one: it is already int8 or fp16, or this version did not
 * write its graph.
 */
export class NotAFloatPackageError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'not-an-fp32-package', status: 422, cause });
  }
}
