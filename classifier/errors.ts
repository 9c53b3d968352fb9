import { messageOf } from './message-of.ts';
/** What every AutoSwiftNetError carries besides its message. */
export interface ErrorFacts {
  /** Stable, in kebab-case. Programs compare the code, never the message. */
  readonly code: string;
  /**
   * The HTTP status that an API answers with. Below 500 the message may be shown to the person who
   * sent the input.
   */
  readonly status: number;
  readonly cause?: unknown;
}

/**
 * Base class of every error that is thrown on purpose. The message says what happened, to which
 * input, and what to do. Any other error is a bug or comes from the platform.
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
 * The bytes can never be classified: an upload is `rejected` with this reason and not tried again.
 * Always thrown as one of the subclasses.
 */
export abstract class ImageError extends AutoSwiftNetError {}

/** The leading bytes are not those of any known image format. */
export class NotAnImageError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'not-an-image', status: 415, cause });
  }
}

/**
 * An image of a format, or of a variant of a format, that is not supported, such as SVG.
 */
export class UnsupportedFormatError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'unsupported-format', status: 415, cause });
  }
}

/** An image of a supported format whose data ends early or is damaged. */
export class TruncatedImageError extends ImageError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'truncated-image', status: 422, cause });
  }
}

/** The image has more bytes than the limit. */
export class ImageTooLargeError extends ImageError {
  constructor(message: string) {
    super(message, { code: 'image-too-large', status: 413 });
  }
}

/** The image has more pixels than the limit, according to its header. Nothing was decoded. */
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

const COMMANDS = '(autoswiftnet models fetch, autoswiftnet models convert)';

const CONVERT_AGAIN = `Fetch or convert it again ${COMMANDS}`;

/** What to do about the faults that need another cure than a new package, by their codes. */
const CURES: Readonly<Record<string, string>> = {
  'no-manifest': `Give the folder of a model package (autoswiftnet models list shows those on disk), or make one ${COMMANDS}`,
  'newer-format': 'Upgrade autoswiftnet, or use a package that this version made',
  'renamed-folder': 'Rename the folder back, or make the package again in a folder of the wanted name',
  'no-file': `Give its files their names back, or fetch or convert it again ${COMMANDS}`,
};

/**
 * A model package is missing, incomplete, renamed, damaged or of a newer format. `faults` lists
 * everything that was found, not only the first fault.
 */
export class InvalidPackageError extends AutoSwiftNetError {
  readonly faults: readonly PackageFault[];
  /** What to do, as a part of the message. */
  readonly cure: string;

  constructor(packageDir: string, faults: readonly PackageFault[], cause?: unknown) {
    const cure = [...new Set(faults.map(({ code }) => CURES[code] ?? CONVERT_AGAIN))].join('. ');
    super(`model package ${packageDir} cannot be used: ${faults.map(({ message }) => message).join('; ')}. ${cure}.`, {
      code: 'invalid-package',
      status: 500,
      cause,
    });
    this.faults = faults;
    this.cure = cure;
  }
}

/**
 * A file is not a hierarchy of the model's classes: it has another form, unknown parents or a
 * circle, or lacks a class.
 */
export class InvalidHierarchyError extends AutoSwiftNetError {
  /** What is wrong, without the cure. */
  readonly fault: string;

  constructor(source: string, faults: readonly string[], cause?: unknown) {
    const fault = `${source} is not a hierarchy of the model's classes: ${faults.join('; ')}`;
    super(
      `${fault}. It must be a JSON array of {"id", "label", "synonyms": [], "parents": [ids]}, with a node for each class: its WordNet id, or else its label, is the node's id.`,
      { code: 'invalid-hierarchy', status: 422, cause },
    );
    this.fault = fault;
  }
}

/**
 * The model computes other results on this machine than the converter recorded: its weights are
 * damaged or a CPU kernel is wrong. It must not be used.
 */
export class SelfTestError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'self-test-failed', status: 500, cause });
  }
}

/**
 * A package with binaries (onnxruntime-node, sharp or libheif-js) cannot be loaded on this machine:
 * it is not installed, or it has no binary for this platform.
 */
export class NativePackageError extends AutoSwiftNetError {
  constructor(packageName: string, cause: unknown) {
    super(
      `${packageName} cannot be loaded on ${process.platform}-${process.arch}, Node ${process.version}: ${messageOf(cause)}. ` +
        `Run npm ci on this machine to install its binary, which on Linux needs glibc 2.28 or newer; for a container, run npm ci --os=linux --cpu=${process.arch} --libc=glibc.`,
      { code: 'native-package-unavailable', status: 500, cause },
    );
  }
}

/** None of the requested execution providers works on this machine. */
export class ExecutionProviderError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'no-execution-provider', status: 500 });
  }
}

/** The classifier was used after it was closed. */
export class ClosedError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'closed', status: 500 });
  }
}

/**
 * A library function was called with an invalid argument. The message says what was expected, for
 * which name, and what was received.
 */
export class InvalidArgumentError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'invalid-argument', status: 400 });
  }
}
