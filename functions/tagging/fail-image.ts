import type { ImageRecord } from '../records/record.ts';
import type { Reason } from '../wire.ts';
import { decideOnFailure, type Upload } from './decide.ts';
import type { Effects } from './effects.ts';
import type { CreatedEvent } from './image-event.ts';
import { settle } from './settle.ts';

export interface FailImageDependencies extends Effects, Pick<Upload, 'answerer'> {}

/**
 * Records `failed` after the last attempt at an event. A later success replaces it.
 * @returns null when a better or later result is stored
 */
export async function failImage(
  event: CreatedEvent,
  reason: Reason,
  dependencies: FailImageDependencies,
): Promise<ImageRecord | null> {
  const { records, publish, answerer, now } = dependencies;
  const seen = await records.read(event.name);
  const decision = decideOnFailure({ event, stored: seen.entry, answerer }, reason, now());
  if (decision.kind === 'skip') return null;
  const { entry, condition } = decision;
  if (!(await records.write(entry, condition))) return null;
  // Published before rows and tags are updated: the update may fail, and there is no next attempt.
  await publish(entry);
  await settle(event.name, { entry, rows: seen.rows }, dependencies);
  return entry;
}
