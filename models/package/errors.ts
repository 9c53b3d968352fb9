import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** Something stands where the package is to be written, and may not be replaced. */
export class PackageExistsError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-exists', status: 409, cause });
  }
}

/** The disk or its permissions do not let the package be written. `cause` is the system's error. */
export class PackageWriteError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'package-not-written', status: 500, cause });
  }
}

/** A package that no other can be made of: it is int8 or fp16 already, or its graph is not one that this version converts to. */
export class NotAFloatPackageError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'not-an-fp32-package', status: 422, cause });
  }
}
