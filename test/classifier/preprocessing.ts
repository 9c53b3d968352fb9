import type { Preprocessing } from '../../classifier/types.ts';

/** The preprocessing of every released model. */
export const PREPROCESSING: Preprocessing = {
  resize: 256,
  crop: 224,
  interpolation: 'bilinear',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
