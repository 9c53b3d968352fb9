import type { Random } from '../random.ts';
import { hostileText } from './hostile-texts.ts';

const NESTED = 100_000;

/** Changes a JSON text: a value, a name, an order, or its characters. */
export const JSON_CHANGES: Readonly<Record<string, (text: string, random: Random) => string>> = {
  'a value replaced': (text, random) => withPath(text, random, (holder, name) => put(holder, name, anything(random))),
  'a text replaced': (text, random) => withPath(text, random, (holder, name) => put(holder, name, hostileText(random))),
  'a value left out': (text, random) =>
    withPath(text, random, (holder, name) => void Reflect.deleteProperty(holder, name)),
  'a value in a list': (text, random) =>
    withPath(text, random, (holder, name) => put(holder, name, Array(random.below(4)).fill(Reflect.get(holder, name)))),
  'an unknown name added': (text, random) =>
    withPath(text, random, (holder) => put(holder, hostileText(random), anything(random))),
  'a value of another place': (text, random) => {
    const root: unknown = JSON.parse(text);
    const places = placesIn(root);
    const [to, from] = [random.oneOf(places), random.oneOf(places)];
    put(to.holder, to.name, structuredClone(Reflect.get(from.holder, from.name)));
    return JSON.stringify(root);
  },
  'a list made long': (text, random) =>
    withPath(text, random, (holder, name) =>
      put(holder, name, Array(1 + random.below(200)).fill(Reflect.get(holder, name))),
    ),
  'names given twice': (text, random) => {
    const at = text.indexOf('{');
    const name = random.oneOf(['Records', 's3', 'key', 'detail', 'id', '__proto__', 'Type']);
    return `${text.slice(0, at + 1)}${JSON.stringify(name)}:${JSON.stringify(anything(random))},${text.slice(at + 1)}`;
  },
  'nested deeply': (text, random) => {
    const [open, close] = random.oneOf([['[', ']'] as const, ['{"a":', '}'] as const]);
    const at = random.below(text.length);
    return `${text.slice(0, at)}${open.repeat(NESTED)}1${random.isChance(0.8) ? close.repeat(NESTED) : ''}${text.slice(at)}`;
  },
  'cut off': (text, random) => text.slice(0, random.below(text.length)),
  'characters changed': (text, random) => {
    const at = random.below(text.length);
    const by = random.oneOf(['', '"', '\\', '\0', ',', '}', ']', '\\ud800', '\u2028', '1e999', '-', 'null']);
    return text.slice(0, at) + by + text.slice(at + random.below(3));
  },
};

interface Place {
  readonly holder: object;
  readonly name: string;
}

function withPath(text: string, random: Random, change: (holder: object, name: string) => void): string {
  const root: unknown = JSON.parse(text);
  const places = placesIn(root);
  if (places.length === 0) return text;
  const { holder, name } = random.oneOf(places);
  change(holder, name);
  return JSON.stringify(root);
}

/** Every property and item, at any depth. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [{ holder: value, name }, ...placesIn(inner)]);
}

/** Also for `__proto__`, which an assignment would take for the prototype. */
function put(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

export function anything(random: Random): unknown {
  return random.oneOf([
    () => null,
    () => random.isChance(0.5),
    () => random.oneOf([0, -1, 1, 0.5, 2 ** 31, 2 ** 53, 1e300, -0]),
    () => '',
    () => hostileText(random),
    () => [],
    () => ({}),
    () => [hostileText(random), null],
    () => ({ [hostileText(random)]: 1 }),
    () => ({ __proto__: null, toString: 1 }),
  ])();
}
