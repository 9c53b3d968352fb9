import { S3Error } from './errors.ts';
import type { ObjectVersion } from './store/object-version.ts';

/** The four conditions of HTTP, of the object read or, in a copy, of its source. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

export type ReadOutcome = 'proceed' | 'not-modified';

/** @param prefix `x-amz-copy-source-` for those of a copy's source */
export function readConditions(headers: ReadonlyMap<string, string>, prefix = ''): Conditions {
  return {
    ifMatch: headers.get(`${prefix}if-match`),
    ifNoneMatch: headers.get(`${prefix}if-none-match`),
    ifModifiedSince: headers.get(`${prefix}if-modified-since`),
    ifUnmodifiedSince: headers.get(`${prefix}if-unmodified-since`),
  };
}

/** Decides a read, in HTTP's order: a date counts only where its ETag condition is absent. @throws S3Error PreconditionFailed */
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
 * Decides a write: `If-None-Match: *` wants no object there, `If-Match` that very one.
 *
 * @param current a delete marker counts as no object
 * @throws S3Error PreconditionFailed, NoSuchKey (If-Match and nothing there), NotImplemented (another If-None-Match)
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

/** HTTP dates are whole seconds. undefined: not a date, so the condition does not count. */
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
