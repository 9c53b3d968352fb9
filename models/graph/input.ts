/**
 * ImageNet's mean and standard deviation of R, G and B on the scale 0 to 1, with which
 * torchvision's models are trained.
 */
export const IMAGE_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGE_STD = [0.229, 0.224, 0.225] as const;

/** The largest value of an image's byte. */
const MAX_BYTE = 255;

/**
 * Normalisation is (x / 255 - mean) / std = (x - 255 mean) / (255 std). The graph subtracts the
 * offset per channel, so that the zeros around the image mean the same as in training. The division
 * is folded into the weights of the first convolution.
 */
export const IMAGE_OFFSET: readonly number[] = IMAGE_MEAN.map((mean) => MAX_BYTE * mean);
export const IMAGE_SCALE: readonly number[] = IMAGE_STD.map((std) => 1 / (MAX_BYTE * std));

/** Name of the initializer that holds IMAGE_OFFSET. */
export const INPUT_OFFSET = 'image.offset';
