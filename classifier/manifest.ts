import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { InvalidPackageError, type PackageFault } from './errors.ts';

/** The newest manifest format that this code reads, and the one that it writes. */
export const FORMAT_VERSION = 2;

export const MANIFEST_FILE = 'model.json';
export const GRAPH_FILE = 'model.onnx';
/**
 * The same network over the same weights, as CUDA runs it fastest; other providers do not know its
 * operators. Only fp16 packages have it, and not all of them.
 */
export const CUDA_GRAPH_FILE = 'model.cuda.onnx';
export const WEIGHTS_FILE = 'weights.bin';
/** The concepts above the classes. Not every package has it. */
export const HIERARCHY_FILE = 'hierarchy.json';
/**
 * HIERARCHY_FILE in a form that needs no parsing. The manifest does not list it: it holds what it
 * was made from, and is not used for anything else.
 */
export const PREPARED_HIERARCHY_FILE = 'hierarchy.bin';

/**
 * The manifest contains a label and a logit for each class; for 1000 classes it has 70 kB. A larger
 * file than this cannot be a manifest.
 */
const MAX_MANIFEST_BYTES = 64_000_000;

/** Width and height, in pixels, of the image that every model takes. */
export const INPUT_SIDE = 224;
/** The largest size that an image is enlarged to, whatever a manifest says. */
const MAX_RESIZE_PIXELS = 1024;

// Without this, zod/mini says only "Invalid input".
z.config(en());

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'));
const count = z.int().check(z.positive());
const offset = z.int().check(z.nonnegative());
const share = z.number().check(z.gte(0), z.lte(1));
const percent = z.nullable(z.number().check(z.gte(0), z.lte(100)));
const channels = z.tuple([z.number(), z.number(), z.number()]);
const file = z.strictObject({ bytes: offset, sha256 });

const preprocessing = z.strictObject({
  /** The shorter side after resizing, in pixels. */
  resize: z.int().check(z.gte(INPUT_SIDE), z.lte(MAX_RESIZE_PIXELS)),
  /** Side of the centre crop, in pixels. */
  crop: z.literal(INPUT_SIDE),
  interpolation: z.literal('bilinear'),
  /** Mean of R, G and B on the scale 0 to 1. For information only: the graph itself normalises. */
  mean: channels,
  std: channels,
});

/**
 * How well an int8 or fp16 package agrees with the fp32 package that it was made from, on images
 * that it was not calibrated with.
 */
const fidelity = z.strictObject({
  /** Share of images with the same top-1, 0 to 1. */
  top1Agreement: share,
  /** Mean share of the five best classes that both have in common, 0 to 1. */
  top5Overlap: share,
  /** Mean absolute difference of the probabilities of fp32's five best classes, 0 to 1. */
  meanProbabilityDifference: share,
  /**
   * Power of fp32's logits around their mean, divided by the power of the difference, in decibels;
   * 150 when there is no difference.
   */
  logitSignalToNoiseDb: z.number(),
  images: count,
  /**
   * `own`: from the user's folder. `generated`: drawn images and noise, which say little about
   * photographs.
   */
  imageSource: z.enum(['own', 'generated']),
  /** Where the ranges of the activations come from, in words; null when there are none. */
  calibration: z.nullable(z.string()),
});

/** A class's name, and its WordNet id if it is one of ImageNet's. */
export interface ClassLabel {
  readonly label: string;
  readonly wnid: string | null;
}

const labels = arrayOf<readonly ClassLabel[]>(labelFault);
const logits = arrayOf<number[]>((entry) => (Number.isFinite(entry) ? null : 'expected a finite number'));

/**
 * An array that is checked by hand: a schema takes 10 ms of a cold start for a thousand labels, as
 * long as all other fields together. In a manifest without faults only `every` goes through the
 * entries: V8 would compile a loop of ours in the background, twice, for this one call.
 */
function arrayOf<Entries>(faultOf: (entry: unknown) => string | null) {
  return z.custom<Entries>(Array.isArray, 'expected an array').check(
    z.superRefine((value, context) => {
      const entries = value as readonly unknown[];
      if (entries.every((entry) => faultOf(entry) === null)) return;
      for (const [index, entry] of entries.entries()) {
        const message = faultOf(entry);
        if (message !== null) context.addIssue({ code: 'custom', path: [index], message });
      }
    }),
  );
}

function labelFault(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null) return 'expected an object with label and wnid';
  const { label, wnid } = entry as Partial<Record<keyof ClassLabel, unknown>>;
  const unknown = Object.keys(entry).find((field) => field !== 'label' && field !== 'wnid');
  if (unknown !== undefined) return `unknown field ${unknown}`;
  if (typeof label !== 'string' || label === '') return 'label: expected a text that is not empty';
  if (wnid === null || (typeof wnid === 'string' && /^n\d{8}$/.test(wnid))) return null;
  return 'wnid: expected n and eight digits, or null';
}

export const manifestSchema = z
  .strictObject({
    /** Version 1 has no hierarchy and no graph for CUDA. */
    formatVersion: z.literal([1, FORMAT_VERSION]),
    name: z
      .string()
      .check(
        z.regex(
          /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
          'expected at most 128 letters, digits, dots, underscores and hyphens, starting with a letter or digit',
        ),
      ),
    architecture: z.string().check(z.minLength(1)),
    supervision: z.nullable(z.enum(['ssl', 'swsl'])),
    precision: z.enum(['fp32', 'int8', 'fp16']),
    classes: count,
    parameters: count,
    /** Multiply-accumulates of one image. */
    macs: count,
    preprocessing,
    labels,
    publishedTop1: percent,
    publishedTop5: percent,
    measuredTop1: percent,
    measuredTop5: percent,
    source: z.strictObject({ url: z.nullable(z.string()), sha256 }),
    license: z.nullable(z.string()),
    /**
     * What the model knows, if that is less than photographs of all its labels: drawings of so many
     * things.
     */
    knows: z.exactOptional(z.strictObject({ pictures: z.literal('drawings'), things: count })),
    files: z.strictObject({
      [GRAPH_FILE]: file,
      [CUDA_GRAPH_FILE]: z.exactOptional(file),
      [WEIGHTS_FILE]: file,
      [HIERARCHY_FILE]: z.exactOptional(file),
    }),
    /** Where weights.bin holds the rows of the fully connected layer; see readClassifierRow. */
    classifierWeights: z.strictObject({
      /** Byte offset of the first row. */
      offset,
      /** [classes, features] */
      shape: z.tuple([count, count]),
      /**
       * Byte offset of the rows' scales, one float32 per row; only in int8 packages. A row's int8
       * values times its scale are its weights. Without this field the rows are float32.
       */
      scalesOffset: z.optional(offset),
    }),
    selfTest: z.strictObject({
      seed: z.int().check(z.nonnegative()),
      logits,
      /** The largest difference of a logit that rounding can explain. */
      tolerance: z.number().check(z.positive()),
    }),
    fidelity: z.nullable(fidelity),
  })
  .check(
    z.superRefine((manifest, context) => {
      for (const name of [HIERARCHY_FILE, CUDA_GRAPH_FILE] as const) {
        if (manifest.formatVersion !== 1 || manifest.files[name] === undefined) continue;
        const message = `formatVersion 1 has no ${name}, expected formatVersion ${FORMAT_VERSION}`;
        context.addIssue({ code: 'custom', path: ['files', name], message });
      }
      const lengths = { labels: manifest.labels.length, 'selfTest.logits': manifest.selfTest.logits.length };
      for (const [path, length] of Object.entries(lengths)) {
        if (length !== manifest.classes) {
          context.addIssue({
            code: 'custom',
            path: path.split('.'),
            message: `expected ${manifest.classes} entries, one per class, found ${length}`,
          });
        }
      }
    }),
  );

/** A model package's `model.json`. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Preprocessing = z.infer<typeof preprocessing>;
export type Precision = Manifest['precision'];

/**
 * Reads and validates `model.json` in a package folder. The folder must be named like the package:
 * models are listed and requested by the folder's name, and answers carry the package's.
 * @throws {InvalidPackageError} listing every fault at once: the file is missing, not JSON, of a
 *   newer format, has missing, unknown or wrong fields, or the folder has another name
 */
export async function readManifest(packageDir: string): Promise<Manifest> {
  const manifest = await readManifestFile(packageDir);
  const faults = findRenaming(packageDir, manifest);
  if (faults.length > 0) throw new InvalidPackageError(packageDir, faults);
  return manifest;
}

/** Finds the fault of a package whose folder was renamed: none if both have the same name. */
export function findRenaming(packageDir: string, { name }: Pick<Manifest, 'name'>): PackageFault[] {
  const folder = basename(resolve(packageDir));
  if (folder === name) return [];
  return [{ code: 'renamed-folder', message: `the folder is named ${folder}, but it holds the package ${name}` }];
}

/**
 * The same for a package that is looked at, not used: its folder may have any name.
 * @throws {InvalidPackageError} listing every fault at once
 */
export async function readManifestFile(packageDir: string): Promise<Manifest> {
  const path = join(packageDir, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const message = await whyNoManifest(packageDir);
    throw new InvalidPackageError(packageDir, [{ code: 'no-manifest', message }], cause);
  }
  return parseManifest(text, packageDir);
}

async function whyNoManifest(packageDir: string): Promise<string> {
  const found = await stat(packageDir).catch(() => null);
  if (found === null) return 'there is no such folder';
  return found.isDirectory() ? `it has no ${MANIFEST_FILE} that can be read` : 'it is a file, not a folder';
}

/**
 * Validates the text of a manifest. `packageDir` is only used in the error.
 * @throws {InvalidPackageError} listing every fault at once
 */
export function parseManifest(text: string, packageDir: string): Manifest {
  if (text.length > MAX_MANIFEST_BYTES) {
    throw new InvalidPackageError(packageDir, [
      {
        code: 'manifest-too-large',
        message: `${MANIFEST_FILE} has ${text.length} characters; the limit is ${MAX_MANIFEST_BYTES}`,
      },
    ]);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidPackageError(
      packageDir,
      [{ code: 'manifest-not-json', message: `${MANIFEST_FILE} is not valid JSON` }],
      cause,
    );
  }
  const version = z.looseObject({ formatVersion: z.number() }).safeParse(json);
  if (version.success && version.data.formatVersion > FORMAT_VERSION) {
    throw new InvalidPackageError(packageDir, [
      {
        code: 'newer-format',
        message: `${MANIFEST_FILE} has formatVersion ${version.data.formatVersion}, but this version of autoswiftnet reads only up to ${FORMAT_VERSION}`,
      },
    ]);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw new InvalidPackageError(packageDir, parsed.error.issues.map(toFault), parsed.error);
  return parsed.data;
}

function toFault({ path, message }: z.core.$ZodIssue): PackageFault {
  return {
    code: 'manifest-field',
    message: path.length > 0 ? `${MANIFEST_FILE}, field ${path.join('.')}: ${message}` : `${MANIFEST_FILE}: ${message}`,
  };
}
