import { basename, dirname, join } from 'node:path';
import { InvalidPackageError, SelfTestError } from './errors.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type ModelSession, openSession, type SessionOptions } from './session.ts';
import type { Fallback } from './types.ts';

/** A package that passed its self-test on this machine. */
export interface OpenModel {
  /** Of what answers: with the fallback `fp32` another one than was asked for. */
  readonly packageDir: string;
  readonly manifest: Manifest;
  readonly session: ModelSession;
  readonly fallback: Fallback | null;
}

const INT8_ENDING = '.int8';

/**
 * Opens a package so that it answers rightly or not at all. Where an int8 one computes something else here than its converter recorded
 * (a CPU whose kernels saturate or are wrong), it is opened again with exact kernels; where these are wrong too, the fp32 package beside
 * it takes its place.
 * @param open for tests
 * @throws {SelfTestError} when nothing of that passes
 * @throws {InvalidPackageError} and whatever else openSession throws
 */
export async function openModel(
  packageDir: string,
  options: Omit<SessionOptions, 'selfTest'> = {},
  open: typeof openSession = openSession,
): Promise<OpenModel> {
  const manifest = await readManifest(packageDir);
  try {
    return { packageDir, manifest, session: await open(packageDir, manifest, options), fallback: null };
  } catch (reason) {
    if (!(reason instanceof SelfTestError) || manifest.precision !== 'int8') throw reason;
    const failed = { packageDir, manifest, reason, options, open };
    const model = (await openExactly(failed)) ?? (await openFloatTwin(failed));
    if (model === null) throw reason;
    return model;
  }
}

interface Failed {
  readonly packageDir: string;
  readonly manifest: Manifest;
  readonly reason: SelfTestError;
  readonly options: SessionOptions;
  readonly open: typeof openSession;
}

async function openExactly({ packageDir, manifest, reason, options, open }: Failed): Promise<OpenModel | null> {
  // Elsewhere there is but one way to multiply.
  if (process.arch !== 'x64') return null;
  const session = await unlessItFails(() => open(packageDir, manifest, { ...options, exactInt8: true }));
  return session && { packageDir, manifest, session, fallback: { kind: 'exact-int8', reason } };
}

async function openFloatTwin({ packageDir, manifest: int8, reason, options, open }: Failed): Promise<OpenModel | null> {
  const name = basename(packageDir);
  if (!name.endsWith(INT8_ENDING)) return null;
  const twinDir = join(dirname(packageDir), name.slice(0, -INT8_ENDING.length));
  return unlessItFails(async () => {
    const manifest = await readManifest(twinDir);
    if (manifest.precision !== 'fp32' || manifest.source.sha256 !== int8.source.sha256) return null;
    const session = await open(twinDir, manifest, options);
    return { packageDir: twinDir, manifest, session, fallback: { kind: 'fp32', reason } };
  });
}

/** Null for a package that is missing, damaged or wrong on this machine as well. */
async function unlessItFails<Opened>(attempt: () => Promise<Opened>): Promise<Opened | null> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof SelfTestError || error instanceof InvalidPackageError) return null;
    throw error;
  }
}
