import type { PickleDict, PickleValue } from './pickle-values.ts';
import { isTensor } from './saved-object.ts';

/** Two names that every such network has. */
const FIRST = 'conv1.weight';
const IN_FIRST_BLOCK = 'layer1.0.conv1.weight';

/**
 * Returns every prefix P for which P + `conv1.weight` and P + `layer1.0.conv1.weight` are tensors:
 * '' for a bare state dict, `_orig_mod.` after torch.compile, `model.backbone.` and so on.
 */
export function findPrefixes({ entries }: PickleDict): string[] {
  const prefixes: string[] = [];
  for (const [name, value] of entries) {
    if (typeof name !== 'string' || !name.endsWith(IN_FIRST_BLOCK) || !isTensor(value)) continue;
    const prefix = name.slice(0, -IN_FIRST_BLOCK.length);
    if (isTensor(entries.get(prefix + FIRST))) prefixes.push(prefix);
  }
  return prefixes;
}

/** Yields the entries whose names begin with `prefix` and with none of `others`, without it. */
export function* namesUnder(
  { entries }: PickleDict,
  prefix: string,
  others: readonly string[],
): Generator<[name: string, value: PickleValue]> {
  for (const [name, value] of entries) {
    if (typeof name !== 'string' || !name.startsWith(prefix) || others.some((other) => name.startsWith(other)))
      continue;
    yield [name.slice(prefix.length), value];
  }
}

/** Returns the longest prefix, up to a dot, with which all names begin: `encoder.`, or ''. */
export function commonPrefix(names: Iterable<string>): string {
  let common: string | undefined;
  for (const name of names) {
    common ??= name;
    let length = Math.min(common.length, name.length);
    if (!name.startsWith(common.slice(0, length))) {
      length = 0;
      while (common[length] === name[length]) length++;
    }
    common = common.slice(0, length);
    if (common === '') break;
  }
  return common?.slice(0, common.lastIndexOf('.') + 1) ?? '';
}
