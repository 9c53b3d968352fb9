/**
 * The default heavy model: the best of the released models in timm's measurements. The larger
 * 32x16d is less accurate and needs twice the computation. The model is in half precision, which
 * suits a GPU best.
 */
export const DEFAULT_HEAVY_MODEL = 'resnext101_32x8d_swsl.fp16';
