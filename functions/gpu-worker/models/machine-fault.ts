import { messageOf } from '../../../classifier/message-of.ts';
import { MachineError } from '../errors.ts';

/** What the system says when a disk is full, read-only or damaged, or files or memory run out. */
const MACHINE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Missing rights are the machine's in the cache, which the worker writes itself. Elsewhere a file
 * may have been delivered so.
 */
const RIGHTS_CODES = new Set(['EACCES', 'EPERM']);

/**
 * Tells whether the machine is to blame that a package was not found, stored or read. Another
 * machine may do it. A package that is missing, damaged or refused by S3 fails on all of them, and
 * so fails its requests alone.
 * @param cacheDir folder for packages from S3
 * @returns null if the machine is not to blame, or that is unknown
 */
export function machineFault(error: unknown, cacheDir: string): MachineError | null {
  const fault = findFault(error, cacheDir);
  if (fault === null) return null;
  return new MachineError(
    `this machine cannot store or read a model: ${messageOf(fault)}. The worker ends, and its messages go to another one. If the next one ends so, too, give it a larger disk, and the right to write to AUTOSWIFTNET_MODEL_CACHE (${cacheDir}).`,
    error,
  );
}

function findFault(error: unknown, cacheDir: string): Error | null {
  if (!(error instanceof Error)) return null;
  const { code, path } = error as NodeJS.ErrnoException;
  const isInCache = path?.startsWith(cacheDir) === true;
  const isOfMachine = code !== undefined && (MACHINE_CODES.has(code) || (RIGHTS_CODES.has(code) && isInCache));
  return isOfMachine ? error : findFault(error.cause, cacheDir);
}
