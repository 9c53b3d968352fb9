import { createHash } from 'node:crypto';
import type { ClassLabel } from '../manifest.ts';
import type { Hierarchy, HierarchyNode } from './hierarchy.ts';
import { isNode } from './node-fault.ts';

/** What a prepared hierarchy was made from. It is used only where both are the same. */
export interface HierarchyOrigin {
  /** SHA-256 of `hierarchy.json`, in lower-case hex. */
  readonly sha256: string;
  readonly labels: readonly ClassLabel[];
}

export interface PreparedFiles {
  /** The prepared hierarchy; its bytes may be anything. */
  readonly prepared: Buffer;
  /** `hierarchy.json` */
  readonly json: Buffer;
}

/** "ASH" and the version of the layout. Read in another byte order, it is another number. */
const MAGIC = 0x41534802;
const KEY_BYTES = 32;
/** MAGIC, the key, and the numbers of nodes, of classes, and of words about further ranges. */
const HEAD_WORDS = 12;
const WORD_BYTES = 4;
/** Between two nodes of `hierarchy.json`: a comma and the end of the line. */
const BYTES_BETWEEN = 2;

/**
 * Encodes a hierarchy in words of 32 bits: the head; for each node its depth, the classes below it,
 * and where it starts in `hierarchy.json`; where another node would start; the node of each class;
 * and the fields of ClassRanges.
 * @param textStarts where each node begins in `hierarchy.json`, in bytes, and where another would
 */
export function encodePrepared(
  { size, classNodes, classesBelow, depths, ranges }: Hierarchy,
  textStarts: readonly number[],
  origin: HierarchyOrigin,
): Buffer {
  const { order, nodes, nexts, starts, ends, moreStarts, more } = ranges;
  const lengths = [size, classNodes.length, more.length];
  const parts = [depths, classesBelow, textStarts, classNodes, order, nodes, nexts, starts, ends, moreStarts, more];
  const bytesOf = (numbers: readonly number[]) => Buffer.from(Int32Array.from(numbers).buffer);
  return Buffer.concat([bytesOf([MAGIC]), keyOf(origin), bytesOf([...lengths, ...parts.flatMap((part) => [...part])])]);
}

/**
 * Opens a prepared hierarchy. Its nodes are parsed one by one, when they are asked for.
 * @param parse parses all of `hierarchy.json`
 * @param fail makes the error for a node that is not where the prepared hierarchy says
 * @returns null unless it was prepared from this very file and these classes, by this version; then
 *   `hierarchy.json` has to be parsed
 */
export function openPrepared(
  { prepared, json }: PreparedFiles,
  origin: HierarchyOrigin,
  parse: () => Hierarchy,
  fail: (message: string) => Error,
): Hierarchy | null {
  if (prepared.length < HEAD_WORDS * WORD_BYTES || prepared.length % WORD_BYTES !== 0) return null;
  // A copy begins where words may begin.
  const words = new Int32Array(new Uint8Array(prepared).buffer);
  const [nodes = 0, classes = 0, furtherWords = 0] = words.subarray(HEAD_WORDS - 3);
  const isOurs = words[0] === MAGIC && keyOf(origin).equals(prepared.subarray(WORD_BYTES, WORD_BYTES + KEY_BYTES));
  const isWhole =
    Math.min(nodes, classes, furtherWords) >= 0 &&
    words.length === HEAD_WORDS + 8 * nodes + 2 + 2 * classes + furtherWords &&
    classes === origin.labels.length;
  if (!isOurs || !isWhole || hashOf(json).toString('hex') !== origin.sha256) return null;
  let end = HEAD_WORDS;
  const take = (length: number) => {
    end += length;
    return words.subarray(end - length, end);
  };
  const depths = take(nodes);
  const classesBelow = take(nodes);
  const textStarts = take(nodes + 1);
  return {
    isPrepared: true,
    size: nodes,
    depths,
    classesBelow,
    classNodes: take(classes),
    ranges: {
      order: take(classes),
      nodes: take(nodes),
      nexts: take(nodes),
      starts: take(nodes),
      ends: take(nodes),
      moreStarts: take(nodes + 1),
      more: take(furtherWords),
    },
    nodeAt(index) {
      return readNode(
        json.toString('utf8', textStarts[index], (textStarts[index + 1] ?? 0) - BYTES_BETWEEN),
        index,
        fail,
      );
    },
    allNodes: () => parse().allNodes(),
  };
}

function readNode(text: string, index: number, fail: (message: string) => Error): HierarchyNode {
  let node: unknown = null;
  try {
    node = JSON.parse(text);
  } catch {
    // Told below, like any other text that is not a node.
  }
  if (isNode(node)) return node;
  throw fail(`node ${index} does not stand where the prepared hierarchy says`);
}

/** A key that another hierarchy, other classes, or classes in another order do not have. */
function keyOf({ sha256, labels }: HierarchyOrigin): Buffer {
  return hashOf(sha256 + JSON.stringify(labels));
}

function hashOf(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
