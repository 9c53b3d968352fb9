import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

const HOST_TYPED_ARRAYS = [
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
];

/** Storages that the test file in progress has used. */
const usedStorages = new Set();

const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function remembered(...parameters) {
  usedStorages.add(this);
  return run.apply(this, parameters);
};

/**
 * Node's test environment with two differences.
 *
 * - Typed arrays are the host's, not the sandbox's own: onnxruntime-node fills tensors with the
 *   host's classes and compares them by identity with the classes that its JavaScript half sees.
 * - The AsyncLocalStorages of a test file are disabled when it ends. jest-circus makes one a file and
 *   never disables it. Before Node 24 each new promise is copied into every enabled storage: after a
 *   hundred files, promises cost three times as much.
 */
export default class TestEnvironment extends NodeEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const typedArray of HOST_TYPED_ARRAYS) this.global[typedArray.name] = typedArray;
  }

  async teardown() {
    await super.teardown();
    for (const storage of usedStorages) storage.disable();
    usedStorages.clear();
  }
}
