import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHierarchy } from '../classifier/concepts/read-hierarchy.ts';
import { AutoSwiftNetError, InvalidPackageError, type PackageFault } from '../classifier/errors.ts';
import {
  findRenaming,
  HIERARCHY_FILE,
  type Manifest,
  PREPARED_HIERARCHY_FILE,
  readManifestFile,
  WEIGHTS_FILE,
} from '../classifier/manifest.ts';
import { messageOf } from '../classifier/message-of.ts';
import { checkSelfTest, maxLogitDifference, selfTestImage } from '../classifier/self-test.ts';
import { openSession } from '../classifier/session.ts';
import { prepareHierarchy } from './hierarchy/prepare-hierarchy.ts';
import { checkFiles } from './package/check-files.ts';

export interface Verification {
  /** The package folder, as it was given. */
  readonly package: string;
  readonly ok: boolean;
  /** Everything that is wrong, empty when `ok`. */
  readonly faults: readonly PackageFault[];
  /**
   * How much the logits differ from the recorded ones. Null when the network could not be run, or
   * its files are not those of the manifest.
   */
  readonly selfTest: { readonly maxDifference: number; readonly tolerance: number } | null;
}

const FLOAT32_BYTES = 4;
const INT8_BYTES = 1;

/**
 * Checks a whole model package: the manifest against its schema, its name against the folder's,
 * the size and SHA-256 of its files, and the results of the network on this machine. A bad package
 * is a result, not an error.
 * @example
 * await verifyPackage('models/cache/sample')
 * // { package: 'models/cache/sample', ok: true, faults: [],
 * //   selfTest: { maxDifference: 4.8e-6, tolerance: 0.0017 } }
 */
export async function verifyPackage(packageDir: string): Promise<Verification> {
  const faults: PackageFault[] = [];
  let selfTest: Verification['selfTest'] = null;
  try {
    const manifest = await readManifestFile(packageDir);
    const files = await checkFiles(packageDir, manifest);
    faults.push(...findRenaming(packageDir, manifest), ...files, ...checkClassifierWeights(manifest));
    faults.push(...(await checkHierarchy(packageDir, manifest)));
    // A changed graph did not come from the converter, so it is not run. With changed weights the
    // results differ anyway, and say nothing of this machine.
    if (files.length === 0) selfTest = await runSelfTest(packageDir, manifest, faults);
  } catch (error) {
    faults.push(...toFaults(error));
  }
  return { package: packageDir, ok: faults.length === 0, faults, selfTest };
}

function checkClassifierWeights({ classes, classifierWeights, files }: Manifest): PackageFault[] {
  const { offset, shape, scalesOffset } = classifierWeights;
  const bytesEach = scalesOffset === undefined ? FLOAT32_BYTES : INT8_BYTES;
  const end = offset + shape[0] * shape[1] * bytesEach;
  const scalesEnd = scalesOffset === undefined ? 0 : scalesOffset + shape[0] * FLOAT32_BYTES;
  const total = files[WEIGHTS_FILE].bytes;
  const aligned = offset % bytesEach === 0 && (scalesOffset ?? 0) % FLOAT32_BYTES === 0;
  if (shape[0] === classes && aligned && Math.max(end, scalesEnd) <= total) return [];
  return [
    {
      code: 'classifier-weights',
      message: `classifierWeights describes [${shape}] values from byte ${offset} on, but it must describe ${classes} rows within the ${total} bytes of ${WEIGHTS_FILE}`,
    },
  ];
}

/** A hierarchy that is missing or of another size is among the files' faults already. */
async function checkHierarchy(packageDir: string, manifest: Manifest): Promise<readonly PackageFault[]> {
  try {
    const hierarchy = (await readHierarchy(packageDir, manifest))?.();
    // Where the prepared one is used, the text is only now parsed.
    hierarchy?.allNodes();
    return hierarchy?.isPrepared ? await checkPrepared(packageDir, manifest) : [];
  } catch (error) {
    return toFaults(error).filter(({ code }) => code === 'hierarchy');
  }
}

async function checkPrepared(packageDir: string, manifest: Manifest): Promise<readonly PackageFault[]> {
  const expected = prepareHierarchy(packageDir, manifest);
  if (expected?.equals(await readFile(join(packageDir, PREPARED_HIERARCHY_FILE)))) return [];
  const message = `${PREPARED_HIERARCHY_FILE} says something else than ${HIERARCHY_FILE}; delete it, or make the package again`;
  return [{ code: 'hierarchy', message }];
}

async function runSelfTest(
  packageDir: string,
  manifest: Manifest,
  faults: PackageFault[],
): Promise<Verification['selfTest']> {
  const session = await openSession(packageDir, manifest, { selfTest: false });
  try {
    const logits = await session.run(selfTestImage(manifest.selfTest.seed), 1);
    try {
      checkSelfTest(logits, manifest.selfTest, packageDir);
    } catch (error) {
      faults.push(...toFaults(error));
    }
    return { maxDifference: maxLogitDifference(logits, manifest.selfTest), tolerance: manifest.selfTest.tolerance };
  } finally {
    await session.release();
  }
}

function toFaults(error: unknown): readonly PackageFault[] {
  if (error instanceof InvalidPackageError) return error.faults;
  return [{ code: error instanceof AutoSwiftNetError ? error.code : 'cannot-run', message: messageOf(error) }];
}
