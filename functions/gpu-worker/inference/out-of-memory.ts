/**
 * Matches the messages of CUDA, cuBLAS, cuDNN and ONNX Runtime's allocators. ONNX Runtime has no
 * code for this error.
 */
const OUT_OF_MEMORY =
  /out of memory|failed to allocate memory|smaller than requested bytes|bad_alloc|bad allocation|OUT_OF_MEMORY|ALLOC(ATION)?_FAILED|AllocateRawInternal/i;

/** Tells whether a run failed because the device has too little memory. */
export function isOutOfMemory(message: string): boolean {
  return OUT_OF_MEMORY.test(message);
}
