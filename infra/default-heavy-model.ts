/**
 * Of the released models the one that timm measures best; the larger 32x16d scores less at twice the computing. In half precision: what a GPU
 * runs best.
 */
export const DEFAULT_HEAVY_MODEL = 'resnext101_32x8d_swsl.fp16';
