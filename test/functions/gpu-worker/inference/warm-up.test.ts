import { warmUp } from '../../../../functions/gpu-worker/inference/warm-up.ts';

const SIZES = [1, 2, 4, 8];

function failing(from: number, message: string) {
  const runs: number[] = [];
  const run = async (size: number) => {
    runs.push(size);
    if (size >= from) throw new Error(message);
  };
  return { runs, run };
}

test.each([
  // BFCArena of ONNX Runtime, when cudaMalloc fails and when its own limit is reached.
  'Non-zero status code returned while running Conv node. Status Message: Failed to allocate memory for requested buffer of size 822083584',
  'Available memory of 1048576 is smaller than requested bytes of 822083584',
  'CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);',
  'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0',
  'CUDNN failure 4003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0',
])('a model is opened with the batch sizes that fit in memory: %s', async (message) => {
  const { runs, run } = failing(4, message);

  expect(await warmUp(SIZES, run)).toEqual([1, 2]);
  expect(runs).toEqual([1, 2, 4]);
});

test('a model of which not even one image fits is not opened', async () => {
  await expect(warmUp(SIZES, failing(1, 'out of memory').run)).rejects.toThrow('out of memory');
});

test('a batch size that fails for another reason is an error', async () => {
  await expect(warmUp(SIZES, failing(4, 'illegal memory access').run)).rejects.toThrow('illegal memory access');
});
