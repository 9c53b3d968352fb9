import { CheckpointError } from '../../../models/checkpoint/errors.ts';
import type { CheckpointOptions } from '../../../models/checkpoint/read.ts';
import { startProcessorClock } from '../../processor-time.ts';
import { openAndRead } from './open-and-read.ts';
import type { TemporaryFiles } from './temporary-files.ts';

/** The most processor time that an invalid checkpoint may take. */
const MAX_OPENING_MS = 2000;

/**
 * Checks the invariant of all fuzz tests here: opening and reading any bytes takes at most two
 * seconds of processor time, and either gives tensors with as many elements as their shapes say, or
 * throws a CheckpointError. Returns which of the two happened.
 */
export async function checkOnlyNamedErrors(
  files: TemporaryFiles,
  bytes: Uint8Array,
  options: CheckpointOptions = {},
): Promise<'opened' | 'refused'> {
  const path = await files.write(bytes);
  const usedMs = startProcessorClock();
  let outcome: 'opened' | 'refused' = 'opened';
  try {
    await openAndRead(path, options);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    outcome = 'refused';
  }
  const took = usedMs();
  if (took > MAX_OPENING_MS) throw new Error(`took ${took} ms of processor time`);
  return outcome;
}
