import type { CheckpointTensor } from './checkpoint.ts';
import { UnsupportedNetworkError } from './errors.ts';
import { countElements } from './tensor-layout.ts';

const WEIGHT = 'fc.weight';
const BIAS = 'fc.bias';

/** Where a linear layer inside `fc` has its weights: `fc.1.weight`, `fc.head.linear.weight`. */
const INNER_WEIGHT = /^fc\.(.+)\.weight$/;

/** Names that every network has for which a missing bias may be filled in. */
const NETWORK = ['conv1.weight', 'layer1.0.conv1.weight'];

/**
 * Gives the classifier the names that torchvision gives it. A sole linear layer inside `fc`, as
 * `fc = Sequential(Dropout, Linear)` has it, becomes `fc`. A bias that is missing becomes zeros.
 * Any other layer inside `fc` keeps its name, and is refused later as one of another network.
 * @throws {UnsupportedNetworkError} when `fc` has several linear layers
 */
export function withClassifier(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  path: string,
  onWarning: (text: string) => void,
): Map<string, CheckpointTensor> {
  const named = NETWORK.every((name) => tensors.has(name)) ? renamed(tensors, path) : new Map(tensors);
  const weight = named.get(WEIGHT);
  const classes = weight?.shape[0] ?? 0;
  if (weight === undefined || !isLinear(weight) || named.has(BIAS) || !NETWORK.every((name) => named.has(name)))
    return named;
  onWarning(`${path}: the classifier has no bias, so it is zero`);
  named.set(BIAS, { name: BIAS, dtype: 'float32', shape: [classes], read: async () => new Float32Array(classes) });
  return named;
}

function renamed(tensors: ReadonlyMap<string, CheckpointTensor>, path: string): Map<string, CheckpointTensor> {
  if (tensors.has(WEIGHT)) return new Map(tensors);
  const layers = [...tensors.values()].filter(isLinear).flatMap(({ name }) => INNER_WEIGHT.exec(name)?.[1] ?? []);
  const [layer] = layers;
  if (layers.length > 1) {
    const names = layers.map((inner) => `fc.${inner}`).slice(0, 4);
    throw new UnsupportedNetworkError(
      `${path}: fc has ${layers.length} linear layers (${names.join(', ')}${layers.length > 4 ? ' …' : ''}), and a package can have only one. Only a classifier of one linear layer can be converted.`,
    );
  }
  if (layer === undefined) return new Map(tensors);
  const names = new Map([
    [`fc.${layer}.weight`, WEIGHT],
    [`fc.${layer}.bias`, BIAS],
  ]);
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const own = names.get(name) ?? name;
      return [own, { ...tensor, name: own }] as const;
    }),
  );
}

/** Tells whether these are the weights of a linear layer: floats [out, in]. */
function isLinear({ dtype, shape }: CheckpointTensor): boolean {
  return dtype.includes('float') && shape.length === 2 && countElements(shape) > 0;
}
