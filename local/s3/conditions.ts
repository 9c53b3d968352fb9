import { S3Error } from './errors.ts';
import type { ObjectVersion } from './store/object-version.ts';

/** The four HTTP conditions on the object that is read or, in a copy, on its source. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

export type ReadOutcome = 'proceed' | 'not-modified';

/** @param prefix `x-amz-copy-source-` for the conditions on the source of a copy */
export function readConditions(headers: ReadonlyMap<string, string>, prefix = ''): Conditions {
  return {
    ifMatch: headers.get(`${prefix}if-match`),
    ifNoneMatch: headers.get(`${prefix}if-none-match`),
    ifModifiedSince: headers.get(`${prefix}if-modified-since`),
    ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
  };
}

/**
 * Decides on a read in HTTP's order: a date counts only if the matching ETag condition is absent.
 * @throws S3Error PreconditionFailed
 */
export function checkRead(conditions: Conditions, version: Pick<ObjectVersion, 'eTag' | 'lastModified'>): ReadOutcome {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.eTag)) throw failed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && isAfter(version.lastModified, ifUnmodifiedSince)) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, version.eTag) ? 'not-modified' : 'proceed';
  const isOld = ifModifiedSince !== undefined && isAfter(version.lastModified, ifModifiedSince) === false;
  return isOld ? 'not-modified' : 'proceed';
}

/**
 * Decides on a write. `If-None-Match: *` requires that there is no object, and `If-Match` requires
 * that the object has this ETag.
 *
 * @param current a delete marker counts as no object
 * @throws S3Error PreconditionFailed, NoSuchKey (If-Match without an object), NotImplemented (any
 * other If-None-Match)
 */
export function checkWrite(conditions: Conditions, current: ObjectVersion | undefined): void {
  const isThere = current !== undefined && !current.deleteMarker;
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new S3Error('NotImplemented', 'A write accepts no other If-None-Match value than *.');
  }
  if (ifNoneMatch === '*' && isThere) throw failed('If-None-Match');
  if (ifMatch === undefined) return;
  if (!isThere) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  if (!matches(ifMatch, current.eTag)) throw failed('If-Match');
}

function matches(condition: string, eTag: string): boolean {
  return condition.split(',').some((one) => {
    const value = one
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return value === '*' || value === eTag;
  });
}

/**
 * Compares in whole seconds, because HTTP dates have no fractions. Returns undefined if the text is
 * not a date; the condition then does not count.
 */
function isAfter(lastModified: number, date: string): boolean | undefined {
  const bound = Date.parse(date);
  return Number.isNaN(bound) ? undefined : Math.floor(lastModified / 1000) * 1000 > bound;
}

function failed(condition: string): S3Error {
  return new S3Error(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold: ${condition}`,
  );
}
