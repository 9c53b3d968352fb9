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
const MAGIC = 0x41534801;
const KEY_BYTES = 32;
/** MAGIC, the key, and the lengths of the parts about nodes, classes, and several parents. */
const HEAD_WORDS = 12;
const WORD_BYTES = 4;
/** Between two nodes of `hierarchy.json`: a comma and the end of the line. */
const BYTES_BETWEEN = 2;

/**
 * Encodes a hierarchy in words of 32 bits: the head; for each node its parent, its depth, the
 * classes below it, and where it starts in `hierarchy.json`; where another node would start; the
 * node of each class; and for each node with several parents the node, how many stand above it, and
 * which.
 * @param starts where each node begins in `hierarchy.json`, in bytes, and where another one would
 */
export function encodePrepared(
  { classNodes, classesBelow, depths, ways }: Hierarchy,
  starts: readonly number[],
  origin: HierarchyOrigin,
): Buffer {
  const above = [...ways.above].flatMap(([node, others]) => [node, others.length, ...others]);
  const lengths = [depths.length, classNodes.length, above.length];
  const words = [ways.parents, depths, classesBelow, starts, classNodes, above].flatMap((part) => [...part]);
  const bytesOf = (numbers: readonly number[]) => Buffer.from(Int32Array.from(numbers).buffer);
  return Buffer.concat([bytesOf([MAGIC]), keyOf(origin), bytesOf([...lengths, ...words])]);
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
  const [nodes = 0, classes = 0, others = 0] = words.subarray(HEAD_WORDS - 3);
  const isOurs = words[0] === MAGIC && keyOf(origin).equals(prepared.subarray(WORD_BYTES, WORD_BYTES + KEY_BYTES));
  const isWhole =
    Math.min(nodes, classes, others) >= 0 &&
    words.length === HEAD_WORDS + 4 * nodes + 1 + classes + others &&
    classes === origin.labels.length;
  if (!isOurs || !isWhole || hashOf(json).toString('hex') !== origin.sha256) return null;
  const part = (start: number, length: number) => words.subarray(HEAD_WORDS + start, HEAD_WORDS + start + length);
  const starts = part(3 * nodes, nodes + 1);
  return {
    isPrepared: true,
    size: nodes,
    depths: part(nodes, nodes),
    classesBelow: part(2 * nodes, nodes),
    classNodes: part(4 * nodes + 1, classes),
    ways: { parents: part(0, nodes), above: readAbove(part(4 * nodes + 1 + classes, others)) },
    nodeAt(index) {
      return readNode(json.toString('utf8', starts[index], (starts[index + 1] ?? 0) - BYTES_BETWEEN), index, fail);
    },
    allNodes: () => parse().allNodes(),
  };
}

function readAbove(words: Int32Array): ReadonlyMap<number, Int32Array> {
  const above = new Map<number, Int32Array>();
  for (let at = 0; at + 1 < words.length; ) {
    const end = at + 2 + Math.max(0, words[at + 1] as number);
    above.set(words[at] as number, words.subarray(at + 2, end));
    at = end;
  }
  return above;
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
