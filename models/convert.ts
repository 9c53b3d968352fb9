import { basename, resolve } from 'node:path';
import { FORMAT_VERSION, GRAPH_FILE, type Manifest, WEIGHTS_FILE } from '../classifier/manifest.ts';
import type { Checkpoint } from './checkpoint/checkpoint.ts';
import { openCheckpoint } from './checkpoint/read.ts';
import type { Architecture } from './graph/architecture.ts';
import { encodeFloatModel } from './graph/float-model.ts';
import { IMAGE_MEAN, IMAGE_STD } from './graph/input.ts';
import { readArchitecture } from './graph/read-architecture.ts';
import { CLASSIFIER_WEIGHTS, type StoredWeights, writeWeights } from './graph/write-weights.ts';
import { chooseHierarchy, writeHierarchy } from './hierarchy/choose-hierarchy.ts';
import { writePrepared } from './hierarchy/prepare-hierarchy.ts';
import { readLabels } from './labels/labels.ts';
import { hashFile } from './package/hash-file.ts';
import { packageName, requireName } from './package/package-name.ts';
import { recordSelfTest } from './package/record-self-test.ts';
import { writeGraph, writeManifest } from './package/write-files.ts';
import { writePackage } from './package/write-package.ts';
import { describeOrigin, type Release } from './zoo/origin.ts';

/**
 * What to convert, and what to record about it. For a released checkpoint, which is recognised by
 * its SHA-256, the zoo supplies everything that Release and `source` leave out; for any other
 * checkpoint it is null.
 */
export interface ConvertOptions extends Partial<Release> {
  /** A checkpoint file: torch.save's legacy or zip format, or safetensors. */
  readonly checkpoint: string;
  /** The package folder to create; missing folders above it are created too. */
  readonly out: string;
  /**
   * The package's name. Default: the name of the folder `out`. With another name the folder must be
   * renamed before the package is used.
   */
  readonly name?: string | undefined;
  /**
   * A file of labels, see readLabels. Default: ImageNet's labels for 1000 classes, else `class 0` …
   */
  readonly labels?: string | undefined;
  /** A file of concepts, see chooseHierarchy. Default: ImageNet's for its classes, else none. */
  readonly hierarchy?: string | undefined;
  /** Which of several networks to convert, and what to leave out: see CheckpointOptions. */
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly skipObjects?: boolean | undefined;
  /** Whether to replace a package at `out`. Default false. */
  readonly force?: boolean | undefined;
  /** Where the checkpoint came from. */
  readonly source?: { readonly url: string | null } | undefined;
  /**
   * Receives what the user should know about a conversion that succeeds. Default: nobody is told.
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** torchvision's evaluation transform, for which these models were trained. */
const PREPROCESSING: Manifest['preprocessing'] = {
  resize: 256,
  crop: 224,
  interpolation: 'bilinear',
  mean: [...IMAGE_MEAN],
  std: [...IMAGE_STD],
};

/**
 * Converts a checkpoint into a model package: the folder `out` with graph, weights and manifest.
 * The folder appears only when everything is written and self-tested.
 * @returns the manifest
 * @throws {CheckpointError} as the subclass that says what is wrong with the file, its network or
 *   its weights
 * @throws {InvalidLabelsError} when there is not one label per class
 * @throws {InvalidHierarchyError} when `hierarchy` is not a hierarchy of the classes
 * @throws {InvalidArgumentError} when a package cannot have this name
 * @throws {PackageExistsError} when `out` exists and may not be replaced
 * @throws {PackageWriteError} when the package cannot be written to disk
 * @example
 * const { architecture, classes } = await convertCheckpoint({
 *   checkpoint: 'resnet18.pth',
 *   out: 'models/cache/resnet18',
 * });
 * // 'resnet18', 1000
 */
export async function convertCheckpoint(options: ConvertOptions): Promise<Manifest> {
  const { out, force = false, onWarning = () => {} } = options;
  const name = chooseName(options, onWarning);
  const { key, prefix, skipObjects } = options;
  const checkpoint = await openCheckpoint(options.checkpoint, { key, prefix, skipObjects, onWarning });
  try {
    const architecture = readArchitecture(checkpoint.tensors, nameOf(checkpoint));
    const labels = await readLabels(options.labels, architecture.classes, onWarning);
    const hierarchy = await chooseHierarchy(options.hierarchy, labels, onWarning);
    return await writePackage(out, { force }, async (folder) => {
      const weights = await writeWeights(folder, checkpoint, architecture);
      const graph = await writeGraph(folder, encodeFloatModel({ architecture, ...weights }));
      const draft: Omit<Manifest, 'selfTest'> = {
        formatVersion: FORMAT_VERSION,
        name,
        ...describeOrigin(options, await hashFile(checkpoint.path), onWarning),
        ...describeNetwork(architecture, weights),
        files: { [GRAPH_FILE]: graph, [WEIGHTS_FILE]: weights.file, ...(await writeHierarchy(folder, hierarchy)) },
        labels,
      };
      writePrepared(folder, draft);
      return await writeManifest(folder, { ...draft, selfTest: await recordSelfTest(folder, draft) });
    });
  } finally {
    await checkpoint.close();
  }
}

function describeNetwork(architecture: Architecture, { tensors }: StoredWeights) {
  const { name, classes, features, parameters, macs } = architecture;
  return {
    architecture: name,
    precision: 'fp32',
    classes,
    parameters,
    macs,
    preprocessing: PREPROCESSING,
    classifierWeights: { offset: tensors.get(CLASSIFIER_WEIGHTS)?.offset ?? 0, shape: [classes, features] },
    fidelity: null,
  } satisfies Partial<Manifest>;
}

/** Names the checkpoint and the part of it that is converted, for messages. */
function nameOf({ path, part }: Checkpoint): string {
  return part ? `${path} (${part})` : path;
}

function chooseName({ name, out }: ConvertOptions, onWarning: (text: string) => void): string {
  if (name === undefined) return packageName(out, 'fp32');
  requireName(name);
  if (basename(resolve(out)) !== name)
    onWarning(`the package in ${out} is named ${name}: rename the folder to ${name} before it is used`);
  return name;
}
