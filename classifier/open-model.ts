import { basename, dirname, join } from 'node:path';
import { InvalidPackageError, SelfTestError } from './errors.ts';
import { CUDA_GRAPH_FILE, type Manifest, readManifest } from './manifest.ts';
import { messageOf } from './message-of.ts';
import { type ModelSession, openSession, type SessionOptions } from './session.ts';
import type { Fallback } from './types.ts';

/** A package that passed its self-test on this machine. */
export interface OpenModel {
  /** The package in use; another one than requested when the fallback is `fp32`. */
  readonly packageDir: string;
  readonly manifest: Manifest;
  readonly session: ModelSession;
  readonly fallback: Fallback | null;
}

const INT8_ENDING = '.int8';

/**
 * Opens a package and makes sure that its answers are right on this machine. If an int8 package
 * fails its self-test (on a CPU whose kernels saturate or are wrong), it is opened again with exact
 * kernels. If these fail too, the fp32 package beside it is used instead. If CUDA cannot use the
 * graph that is made for it, it runs `model.onnx`.
 * @param open opens and tests a session; it may test more than openSession does
 * @throws {SelfTestError} when the package and all its fallbacks fail the self-test
 * @throws {InvalidPackageError} and everything else that openSession throws
 */
export async function openModel(
  packageDir: string,
  options: Omit<SessionOptions, 'selfTest'> = {},
  open: typeof openSession = openSession,
): Promise<OpenModel> {
  const manifest = await readManifest(packageDir);
  if (manifest.files[CUDA_GRAPH_FILE] && options.providers?.includes('cuda')) {
    return openOnCuda({ packageDir, manifest, options, open });
  }
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

/**
 * Opens a package that has a graph for CUDA. If that graph does not work, CUDA runs model.onnx,
 * before any provider that comes after it.
 */
async function openOnCuda({ packageDir, manifest, options, open }: Omit<Failed, 'reason'>): Promise<OpenModel> {
  const { providers = [] } = options;
  try {
    const upToCuda = { ...options, providers: providers.slice(0, providers.indexOf('cuda') + 1) };
    return { packageDir, manifest, session: await open(packageDir, manifest, upToCuda), fallback: null };
  } catch (error) {
    const session = await open(packageDir, manifest, { ...options, plainGraph: true });
    const reason = error instanceof Error ? error : new Error(messageOf(error));
    // Another provider means that it was not the graph: CUDA does not work at all.
    return {
      packageDir,
      manifest,
      session,
      fallback: session.provider === 'cuda' ? { kind: 'plain-graph', reason } : null,
    };
  }
}

interface Failed {
  readonly packageDir: string;
  readonly manifest: Manifest;
  readonly reason: SelfTestError;
  readonly options: Omit<SessionOptions, 'selfTest'>;
  readonly open: typeof openSession;
}

async function openExactly({ packageDir, manifest, reason, options, open }: Failed): Promise<OpenModel | null> {
  // Other architectures have only one set of kernels.
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

/** Returns null when a package is missing, damaged or also wrong on this machine. */
async function unlessItFails<Opened>(attempt: () => Promise<Opened>): Promise<Opened | null> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof SelfTestError || error instanceof InvalidPackageError) return null;
    throw error;
  }
}
