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

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_LENGTH;
}
