import type { ClassLabel } from '../manifest.ts';
import type { Hierarchy, HierarchyNode } from './hierarchy.ts';
import { isText } from './node-fault.ts';

/** What a prepared hierarchy was made from. It is used only where both are the same. */
export interface HierarchyOrigin {
  /** SHA-256 of `hierarchy.json`, in lower-case hex. */
  readonly sha256: string;
  readonly labels: readonly ClassLabel[];
}

/** What a prepared hierarchy needs from the package that it belongs to. */
export interface PreparedPackage extends HierarchyOrigin {
  /** Reads and parses all of `hierarchy.json`. */
  readNodes(): readonly HierarchyNode[];
  /** Makes the error for a node whose name is not where the prepared hierarchy says. */
  fail(message: string): Error;
}

/** "ASH" and the version of the layout. Read in another byte order, it is another number. */
const MAGIC = 0x41534803;
const SHA256_BYTES = 32;
/** MAGIC, the SHA-256, and the numbers of nodes, of classes, and of words about further ranges. */
const HEAD_WORDS = 12;
const WORD_BYTES = 4;

/**
 * Encodes a hierarchy: words of 32 bits, then texts in UTF-8. The words are the head; for each node
 * its depth and the classes below it; where the texts after the first begin, and where another one
 * would; the node of each class; and the fields of ClassRanges. The first text is the list of
 * classes; then come the id and the label of each node.
 * @returns null when UTF-8 does not hold a text, because it has half a surrogate pair
 */
export function encodePrepared(hierarchy: Hierarchy, { sha256, labels }: HierarchyOrigin): Buffer | null {
  const { size, classNodes, classesBelow, depths, ranges } = hierarchy;
  const names = hierarchy.allNodes().flatMap(({ id, label }) => [id, label]);
  const texts = [listClasses(labels), ...names].map((text) => Buffer.from(text));
  if (!names.every((name, index) => texts[index + 1]?.toString() === name)) return null;
  let end = 0;
  const textEnds = texts.map(({ length }) => (end += length));
  const { order, nodes, nexts, starts, ends, moreStarts, more } = ranges;
  const lengths = [size, classNodes.length, more.length];
  const parts = [depths, classesBelow, textEnds, classNodes, order, nodes, nexts, starts, ends, moreStarts, more];
  const bytesOf = (numbers: readonly number[]) => Buffer.from(Int32Array.from(numbers).buffer);
  const numbers = bytesOf([...lengths, ...parts.flatMap((part) => [...part])]);
  return Buffer.concat([bytesOf([MAGIC]), Buffer.from(sha256, 'hex'), numbers, ...texts]);
}

/**
 * Opens a prepared hierarchy. It holds all that an answer needs: `hierarchy.json` is neither read
 * nor hashed, but the SHA-256 in the manifest must be the one that it was made from.
 * @param bytes may be anything
 * @returns null unless it was prepared from a file with this SHA-256 and these classes, by this
 *   version; then `hierarchy.json` has to be parsed
 */
export function openPrepared(bytes: Buffer, { sha256, labels, readNodes, fail }: PreparedPackage): Hierarchy | null {
  if (bytes.length < HEAD_WORDS * WORD_BYTES) return null;
  // Words begin at multiples of four: a copy does.
  const { buffer, byteOffset, length } =
    bytes.byteOffset % WORD_BYTES === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  const wordsAt = (start: number, count: number) => new Int32Array(buffer, byteOffset + start * WORD_BYTES, count);
  const head = wordsAt(0, HEAD_WORDS);
  const nodes = head[9] as number;
  const classes = head[10] as number;
  const furtherWords = head[11] as number;
  if (head[0] !== MAGIC || Math.min(nodes, classes, furtherWords) < 0 || classes !== labels.length) return null;
  const textsStart = (HEAD_WORDS + 9 * nodes + 2 + 2 * classes + furtherWords) * WORD_BYTES;
  const textEnds = textsStart <= length ? wordsAt(HEAD_WORDS + 2 * nodes, 2 * nodes + 1) : [];
  const textBetween = (from: number, to: number) => bytes.toString('utf8', textsStart + from, textsStart + to);
  const isOurs =
    textsStart + (textEnds[2 * nodes] as number) === length &&
    bytes.toString('hex', WORD_BYTES, WORD_BYTES + SHA256_BYTES) === sha256 &&
    textBetween(0, textEnds[0] as number) === listClasses(labels);
  if (!isOurs) return null;
  const classesAt = HEAD_WORDS + 4 * nodes + 1;
  const stepsAt = classesAt + 2 * classes;
  return {
    isPrepared: true,
    size: nodes,
    depths: wordsAt(HEAD_WORDS, nodes),
    classesBelow: wordsAt(HEAD_WORDS + nodes, nodes),
    classNodes: wordsAt(classesAt, classes),
    ranges: {
      order: wordsAt(classesAt + classes, classes),
      nodes: wordsAt(stepsAt, nodes),
      nexts: wordsAt(stepsAt + nodes, nodes),
      starts: wordsAt(stepsAt + 2 * nodes, nodes),
      ends: wordsAt(stepsAt + 3 * nodes, nodes),
      moreStarts: wordsAt(stepsAt + 4 * nodes, nodes + 1),
      more: wordsAt(stepsAt + 5 * nodes + 1, furtherWords),
    },
    nameOf(node) {
      const at = 2 * node;
      const labelAt = textEnds[at + 1] as number;
      const id = textBetween(textEnds[at] as number, labelAt);
      const label = textBetween(labelAt, textEnds[at + 2] as number);
      if (isText(id) && isText(label)) return { id, label };
      throw fail(`the name of node ${node} is not where the prepared hierarchy says`);
    },
    allNodes: readNodes,
  };
}

/** What the node of each class is found by, in a text that other classes do not have. */
function listClasses(labels: readonly ClassLabel[]): string {
  return JSON.stringify(labels.map(({ wnid, label }) => wnid ?? label));
}
