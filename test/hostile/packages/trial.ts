import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Hierarchy, lineageOf, parseHierarchy } from '../../../classifier/concepts/hierarchy.ts';
import { readHierarchy } from '../../../classifier/concepts/read-hierarchy.ts';
import { hedge, sumConcepts } from '../../../classifier/concepts/sum-concepts.ts';
import { InvalidHierarchyError, InvalidPackageError } from '../../../classifier/errors.ts';
import { HIERARCHY_FILE, PREPARED_HIERARCHY_FILE, parseManifest } from '../../../classifier/manifest.ts';
import { formatNodes } from '../../../models/hierarchy/format-nodes.ts';
import { prepareHierarchy } from '../../../models/hierarchy/prepare-hierarchy.ts';
import { SMALL_LABELS, SMALL_NODES } from '../../classifier/concepts/small-hierarchy.ts';
import { validManifest } from '../../classifier/valid-manifest.ts';
import { type Attempt, HostileFault, refusalOf, type Trial, VALID } from '../kind.ts';
import type { Random } from '../random.ts';
import { JSON_CHANGES } from '../texts/change-json.ts';

/**
 * The words of a prepared hierarchy before its numbers: see
 * classifier/concepts/prepared-hierarchy.ts.
 */
const HEAD_WORDS = 12;
const WORDS_A_NODE = 9;
/** Behind the key: the numbers of nodes, of classes, and of words about further ranges. */
const COUNT_WORDS = [9, 10, 11];
const WORDS = [0, 1, 2, 3, -1, -2, 7, 8, 9, 100, 0x7fff, 0x7fffffff, -0x80000000];
/** More than a call takes arguments. */
const MANY = [150_000, 1_000_000];
const MANIFEST = JSON.stringify(validManifest());
const JSON_TEXT = formatNodes(SMALL_NODES);
const FILES = {
  ...validManifest().files,
  [HIERARCHY_FILE]: {
    bytes: Buffer.byteLength(JSON_TEXT),
    sha256: createHash('sha256').update(JSON_TEXT).digest('hex'),
  },
};
const PROBABILITIES = Float64Array.from([0.4, 0.3, 0.2, 0.1]);

/** Opens the packages: manifests, hierarchies and prepared hierarchies, changed. */
export async function openPackages(folder: string): Promise<Trial> {
  const packageDir = await mkdtemp(join(folder, 'package-'));
  await writeFile(join(packageDir, HIERARCHY_FILE), JSON_TEXT);
  const prepared = prepareHierarchy(packageDir, { files: FILES, labels: SMALL_LABELS });
  if (prepared === null) throw new TypeError('expected a prepared hierarchy');
  return { make: (random) => packageAttempt(random, packageDir, prepared), close: async () => undefined };
}

function packageAttempt(random: Random, packageDir: string, prepared: Buffer): Attempt {
  const change = random.oneOf(Object.keys(JSON_CHANGES));
  const changed = (text: string) => JSON_CHANGES[change]?.(text, random) ?? text;
  return random.oneOf([
    () => {
      const text = changed(MANIFEST);
      return { mutation: `manifest: ${change}`, file: text, run: async () => tryManifest(text) };
    },
    () => {
      const text = changed(JSON_TEXT);
      return { mutation: `hierarchy: ${change}`, file: text, run: async () => tryHierarchy(text) };
    },
    () => {
      const [name, file] = changePrepared(prepared, random);
      return { mutation: `prepared hierarchy: ${name}`, file, run: () => tryPrepared(packageDir, file) };
    },
  ])();
}

function changePrepared(prepared: Buffer, random: Random): readonly [string, Buffer] {
  const bytes = Buffer.from(prepared);
  // Behind them are texts: where the list of classes is another one, the file is passed over.
  const words = listStart(bytes) + bytes.readInt32LE(4 * (HEAD_WORDS - 1));
  switch (random.below(5)) {
    case 0:
      return ['cut off', bytes.subarray(0, random.below(bytes.length))];
    case 1: {
      const places = random.isChance(0.5) ? COUNT_WORDS : [random.below(words)];
      bytes.writeInt32LE(random.oneOf(WORDS), 4 * random.oneOf(places));
      return ['a number of the head', bytes];
    }
    case 2:
      return ['very many ranges', withManyRanges(bytes, random)];
    case 3:
      for (let at = HEAD_WORDS; at < words; at += 1)
        if (random.isChance(0.3)) bytes.writeInt32LE(random.oneOf(WORDS), 4 * at);
      return ['many numbers', bytes];
    default:
      for (let count = 1 + random.below(4); count > 0; count -= 1) {
        bytes.writeInt32LE(random.oneOf(WORDS), 4 * (HEAD_WORDS + random.below(words - HEAD_WORDS)));
      }
      return ['numbers', bytes];
  }
}

/** Says that a node has so many further ranges of classes; the texts follow its list of them. */
function withManyRanges(bytes: Buffer, random: Random): Buffer {
  const nodes = bytes.readInt32LE(4 * (HEAD_WORDS - 3));
  const others = bytes.readInt32LE(4 * (HEAD_WORDS - 1));
  const words = random.oneOf(MANY);
  const ranges = Int32Array.from({ length: words }, () => random.oneOf([0, 1, 2, 3, 4]));
  bytes.writeInt32LE(words, 4 * (HEAD_WORDS - 1));
  const start = 4 * listStart(bytes);
  bytes.writeInt32LE(words, start - 4 * (1 + random.below(nodes)));
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(ranges.buffer), bytes.subarray(start + 4 * others)]);
}

/** Where the last numbers begin, the list of further ranges of classes, in words. */
function listStart(bytes: Buffer): number {
  const nodes = bytes.readInt32LE(4 * (HEAD_WORDS - 3));
  const classes = bytes.readInt32LE(4 * (HEAD_WORDS - 2));
  return HEAD_WORDS + WORDS_A_NODE * nodes + 2 + 2 * classes;
}

function tryManifest(text: string): string {
  try {
    const { labels, classes } = parseManifest(text, 'package');
    if (labels.length !== classes) throw new HostileFault('there is not one label a class');
    return VALID;
  } catch (error) {
    return refusalOf(error, InvalidPackageError);
  }
}

function tryHierarchy(text: string): string {
  try {
    useHierarchy(parseHierarchy(text, SMALL_LABELS, 'hierarchy'));
    return VALID;
  } catch (error) {
    return refusalOf(error, InvalidHierarchyError);
  }
}

async function tryPrepared(packageDir: string, prepared: Buffer): Promise<string> {
  await writeFile(join(packageDir, PREPARED_HIERARCHY_FILE), prepared);
  try {
    const hierarchy = await readHierarchy(packageDir, { files: FILES, labels: SMALL_LABELS });
    if (hierarchy === null) throw new HostileFault('the hierarchy is listed and was not read');
    useHierarchy(hierarchy());
    return VALID;
  } catch (error) {
    return refusalOf(error, InvalidPackageError);
  }
}

/** Asks a hierarchy for everything that an answer needs. */
function useHierarchy(hierarchy: Hierarchy): void {
  const concepts = sumConcepts(hierarchy, PROBABILITIES);
  hedge(concepts, 0.8);
  for (const { probability } of concepts) {
    if (!(probability >= 0 && probability <= 1)) throw new HostileFault(`a probability is ${probability}`);
  }
  for (const index of SMALL_LABELS.keys()) lineageOf(hierarchy, index);
  hierarchy.allNodes();
}
