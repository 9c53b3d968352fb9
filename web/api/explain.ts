import { messageOf } from '../../classifier/message-of.ts';
import type * as Wire from '../../functions/wire.ts';
import { ApiError } from './api-error.ts';

/** An explanation of a failure, written for a person. */
export interface Explanation {
  /** What happened, in a few words. */
  readonly title: string;
  /** The exact reason, in the words of the API. */
  readonly detail: string;
  /** What the person can do. */
  readonly advice: string;
  /** Whether the same request may succeed later. */
  readonly canRetry: boolean;
}

type Words = Omit<Explanation, 'detail'>;

const SMALLER = 'Make the picture smaller, then drop it again. The model looks at no more than 224 × 224 pixels.';

/** The page's own code for a file that the browser cannot read. */
const UNREADABLE_FILE = 'unreadable-file';

/** Faults of the picture itself, for which trying again does not help. */
const PICTURE_WORDS = {
  'not-an-image': {
    title: 'Not a picture',
    advice: 'Choose a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.',
    canRetry: false,
  },
  'unsupported-format': {
    title: 'This file type is not supported',
    advice: 'Save it as JPEG or PNG, then drop it again.',
    canRetry: false,
  },
  'truncated-image': {
    title: 'The picture is damaged or cut off',
    advice: 'Download or export the picture again, then drop the new file.',
    canRetry: false,
  },
  'too-many-pixels': {
    title: 'The picture has too many pixels',
    advice: SMALLER,
    canRetry: false,
  },
  'image-too-large': {
    title: 'The file is too large',
    advice: SMALLER,
    canRetry: false,
  },
  'image-not-found': {
    title: 'This picture is no longer in the bucket',
    advice: 'Choose another picture.',
    canRetry: false,
  },
  [UNREADABLE_FILE]: {
    title: 'The file cannot be read',
    advice: 'It was moved, changed or deleted, or you may not read it. Check the file, then choose it again.',
    canRetry: false,
  },
} satisfies Partial<Record<Wire.ProblemCode | typeof UNREADABLE_FILE, Words>>;

const UNREADABLE: Words = {
  title: 'This file cannot be classified',
  advice: 'Choose another file, or save this one as JPEG or PNG.',
  canRetry: false,
};

const STATUS_WORDS: Readonly<Record<number, Words>> = {
  0: {
    title: 'The service cannot be reached',
    advice: 'Check that the service runs and that you are online, then try again.',
    canRetry: true,
  },
  400: { title: 'The request was refused', advice: 'Reload the page and try again.', canRetry: true },
  401: {
    title: 'You are not signed in',
    advice: 'Sign out at the top of the page, sign in again, then try once more.',
    canRetry: true,
  },
  403: {
    title: 'This is not allowed',
    advice: 'Sign in with an account that may use this service, or ask its administrator.',
    canRetry: true,
  },
  404: {
    title: 'Not found',
    advice: 'Choose a model from the list at the top of the page and try again.',
    canRetry: true,
  },
  413: PICTURE_WORDS['image-too-large'],
  415: PICTURE_WORDS['unsupported-format'],
  422: PICTURE_WORDS['truncated-image'],
  429: { title: 'Too many requests', advice: 'Wait a moment, then try again.', canRetry: true },
  503: {
    title: 'The service is not ready yet',
    advice: 'The model is loading, or the service is busy. Try again in a few seconds.',
    canRetry: true,
  },
};

const SERVER_FAULT: Words = {
  title: 'Something went wrong in the service',
  advice: 'Try again. If it fails again, look in the log of the service.',
  canRetry: true,
};

/** Explains any error: what failed and what to do. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof ApiError)) {
    return {
      title: 'Something went wrong on this page',
      detail: messageOf(error),
      advice: 'Reload the page and try again.',
      canRetry: true,
    };
  }
  const words = wordsOnPicture(error.code) ?? STATUS_WORDS[error.status] ?? SERVER_FAULT;
  return { ...words, detail: error.message };
}

/**
 * Explains why a picture was rejected or failed in the background. Its record or job has no status,
 * only a reason.
 */
export function explainOutcome(state: 'rejected' | 'failed', reason: Wire.Reason | null): Explanation {
  const detail = reason?.message ?? 'No reason was recorded.';
  if (state === 'failed') return { ...SERVER_FAULT, detail };
  return { ...(wordsOnPicture(reason?.code ?? '') ?? UNREADABLE), detail };
}

function wordsOnPicture(code: string): Words | undefined {
  return Object.hasOwn(PICTURE_WORDS, code) ? PICTURE_WORDS[code as keyof typeof PICTURE_WORDS] : undefined;
}
