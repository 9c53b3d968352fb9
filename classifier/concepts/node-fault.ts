import type { HierarchyNode } from './hierarchy-node.ts';

/** Longest id, label or synonym, in UTF-16 units. ImageNet's have 41 at most. */
const MAX_TEXT_LENGTH = 200;

const TEXT = `a text of 1 to ${MAX_TEXT_LENGTH} characters`;

const FIELDS = 4;

/** Says what is wrong with the form of one node of a hierarchy, or returns null. */
export function nodeFault(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'expected an object';
  const { id, label, synonyms, parents } = entry as Record<string, unknown>;
  const known = 'id' in entry && 'label' in entry && 'synonyms' in entry && 'parents' in entry;
  if (!known || Object.keys(entry).length !== FIELDS)
    return 'expected the fields id, label, synonyms and parents, and no others';
  if (!isText(id)) return `id: expected ${TEXT}`;
  if (!isText(label)) return `label: expected ${TEXT}`;
  if (!areTexts(synonyms)) return `synonyms: expected an array, each entry ${TEXT}`;
  if (!areTexts(parents)) return `parents: expected an array, each entry ${TEXT}`;
  if (parents.length > 1 && new Set(parents).size < parents.length) return 'parents: one occurs twice';
  return null;
}

/**
 * Whether an entry has the form of a node. It is asked for each node in every cold start, before
 * anything is compiled, so it is written in plain comparisons.
 */
export function isNode(entry: unknown): entry is HierarchyNode {
  if (typeof entry !== 'object' || entry === null) return false;
  const { id, label, synonyms, parents } = entry as Record<string, unknown>;
  if (!isText(id) || !isText(label) || !Array.isArray(synonyms) || !Array.isArray(parents)) return false;
  for (let at = 0; at < synonyms.length; at += 1) if (!isText(synonyms[at])) return false;
  for (let at = 0; at < parents.length; at += 1) if (!isText(parents[at])) return false;
  if (parents.length > 1 && new Set(parents).size < parents.length) return false;
  return Object.keys(entry).length === FIELDS;
}

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

/** Whether a value can be an id, a label or a synonym. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_LENGTH;
}
