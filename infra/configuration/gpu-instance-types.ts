import { ConfigurationError } from '../../functions/errors.ts';

/**
 * Instance families with x86-64 processors and NVIDIA GPUs of compute capability 7.5 or more, which
 * is the least for which CUDA 13 has code:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/gpu-instances.html
 */
export const GPU_FAMILIES = ['g4dn', 'g5', 'g6', 'g6e', 'gr6', 'g7e', 'p4d', 'p4de', 'p5', 'p5e', 'p5en'] as const;

/** The families that have GPUs and cannot be used. All others have none, or are not known here. */
export const UNUSABLE_FAMILIES: Readonly<Record<string, string>> = {
  g5g: 'has arm64 processors, for which ONNX Runtime has no CUDA libraries',
  g4ad: 'has GPUs of AMD, which cannot run CUDA',
  g3: 'has GPUs that are too old for CUDA 13',
  g3s: 'has GPUs that are too old for CUDA 13',
  p2: 'has GPUs that are too old for CUDA 13',
  p3: 'has GPUs that are too old for CUDA 13',
  p3dn: 'has GPUs that are too old for CUDA 13',
};

/**
 * Refuses instance types on which the worker would find no GPU. ECS would start none of them, and
 * requests would wait for good.
 * @throws {ConfigurationError} about the first such type
 */
export function requireGpus(instanceTypes: readonly string[]): void {
  for (const type of instanceTypes) {
    const [family = ''] = type.split('.');
    if ((GPU_FAMILIES as readonly string[]).includes(family)) continue;
    const reason = UNUSABLE_FAMILIES[family] ?? 'has no NVIDIA GPU that the worker is known to run on';
    throw new ConfigurationError(`gpuInstanceTypes: ${type} ${reason}. Use types of ${GPU_FAMILIES.join(', ')}.`);
  }
}
