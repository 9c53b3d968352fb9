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
AsyncLocalStorage.prototype.run = function remembered(store, callback, ...parameters) {
  if (isOfJest(store)) return callback(...parameters);
  usedStorages.add(this);
  return run.call(this, store, callback, ...parameters);
};

/** What jest-circus stores: the test or hook in progress. */
function isOfJest(store) {
  return typeof store === 'object' && store !== null && 'test' in store;
}

/**
 * Node's test environment with three differences.
 *
 * - Typed arrays are the host's, not the sandbox's own: onnxruntime-node fills tensors with the
 *   host's classes and compares them by identity with the classes that its JavaScript half sees.
 * - jest-circus does not store which test is in progress. Before Node 24 each new promise is copied
 *   into every enabled storage, and tests that make many promises took a fifth longer. An error that
 *   nobody caught fails the file instead of one test of it, and `test.concurrent` has no snapshots.
 * - The AsyncLocalStorages of a test file are disabled when it ends, because nothing else does it:
 *   after a hundred files that each used one, promises cost three times as much.
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
