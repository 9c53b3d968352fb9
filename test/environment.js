import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

/**
 * Node's test environment with the host's typed arrays in place of the sandbox's own: onnxruntime-node fills tensors with
 * the host's classes and compares them by identity with the ones its JavaScript half sees.
 */
export default class HostTypedArraysEnvironment extends NodeEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const typedArray of [
      Int8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
    ]) {
      this.global[typedArray.name] = typedArray;
    }
  }
}
