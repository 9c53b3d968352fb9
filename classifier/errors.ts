import { messageOf } from './message-of.ts';
/** What every error of ours carries beside its message. */
export interface ErrorFacts {
  /** Stable, kebab-case; programs match on it, never on the message. */
  readonly code: string;
  /** The HTTP status an API answers with. Below 500 the message may be shown to whoever sent the input. */
  readonly status: number;
  readonly cause?: unknown;
}

/**
 * Base of every error thrown on purpose. The message names the input, what was expected, what was found and what to do.
 * Anything that is not an AutoSwiftNetError is a defect or the platform's.
 */
export abstract class AutoSwiftNetError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(message: string, { code, status, cause }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.status = status;
  }
}

/**
 * The bytes cannot be classified, now or later: an upload is `rejected` with this reason and never retried.
 * Thrown as one of its subclasses.
 */
export abstract class ImageError extends AutoSwiftNetError {}

/** The leading bytes are those of no picture format that we know. */
export class NotAnImageError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'not-an-image', status: 415, cause });
  }
}

/** A picture, but of a format (or a kind within a format) that is not decoded here: HEIC, SVG, PDF, JPEG XL … */
export class UnsupportedFormatError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-format', status: 415, cause });
  }
}

/** A known format whose data ends early or is damaged. */
export class TruncatedImageError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'truncated-image', status: 422, cause });
  }
}

/** More bytes than the limit. */
export class ImageTooLargeError extends ImageError {
  constructor(message: string) {
    super(message, { code: 'image-too-large', status: 413 });
  }
}

/** More pixels than the limit, by the header's word: nothing was decoded. */
export class TooManyPixelsError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'too-many-pixels', status: 413, cause });
  }
}

/** One thing that is wrong with a model package. */
export interface PackageFault {
  readonly code: string;
  readonly message: string;
}

/** A model package is missing, incomplete, of a newer format or damaged. `faults` holds all that was found, not only the first. */
export class InvalidPackageError extends AutoSwiftNetError {
  readonly faults: readonly PackageFault[];

  constructor(packageDir: string, faults: readonly PackageFault[], cause?: unknown) {
    super(
      `model package ${packageDir} cannot be used: ${faults.map(({ message }) => message).join('; ')}. Fetch or convert it again (autoswiftnet models fetch, autoswiftnet models convert).`,
      { code: 'invalid-package', status: 500, cause },
    );
    this.faults = faults;
  }
}

/** The model does not compute on this machine what its converter recorded: damaged weights, or a wrong CPU kernel. It must not serve. */
export class SelfTestError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'self-test-failed', status: 500, cause });
  }
}

/** A native package (onnxruntime-node, sharp) cannot be loaded on this machine: no binary for its platform, or not installed. */
export class NativePackageError extends AutoSwiftNetError {
  constructor(packageName: string, cause: unknown) {
    super(
      `${packageName} cannot be loaded on ${process.platform}-${process.arch}, Node ${process.version}: ${messageOf(cause)}. ` +
        `Run npm ci on this machine to install its binary, which on Linux needs glibc 2.28 or newer; for a container, run npm ci --os=linux --cpu=${process.arch} --libc=glibc.`,
      { code: 'native-package-unavailable', status: 500, cause },
    );
  }
}

/** None of the execution providers that were asked for can be used on this machine. */
export class ExecutionProviderError extends AutoSwiftNetError {
  constructor(refusals: readonly { readonly provider: string; readonly reason: string }[]) {
    super(
      `none of the requested execution providers works on this machine (${refusals.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ')}). ` +
        "Install the GPU's driver and libraries, or add cpu to the list.",
      { code: 'no-execution-provider', status: 500 },
    );
  }
}

/** A classifier was used after it was closed. */
export class ClosedError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'closed', status: 500 });
  }
}

/** An argument of a library call that cannot be used: expected what, for which name, received which value. */
export class InvalidArgumentError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'invalid-argument', status: 400 });
  }
}
