import { AutoSwiftNetError } from '../../classifier/errors.ts';
import { messageOf } from '../../classifier/message-of.ts';
import type { Reason } from '../wire.ts';
import { toReason } from './record.ts';

/**
 * Returns the reason that a record or a job keeps for a failed attempt. An error of ours keeps its
 * code, anything else becomes `internal`.
 * @example
 * toFailureReason(new TypeError('no kernel'))
 * // { code: 'internal', message: 'TypeError: no kernel' }
 */
export function toFailureReason(error: unknown): Reason {
  if (error instanceof AutoSwiftNetError) return toReason(error.code, error.message);
  const name = error instanceof Error ? `${error.name}: ` : '';
  return toReason('internal', `${name}${messageOf(error)}`);
}
