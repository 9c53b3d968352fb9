/**
 * ImageNet's mean and standard deviation of R, G, B on the scale 0 to 1: what torchvision's models
 * are trained with.
 */
export const IMAGE_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGE_STD = [0.229, 0.224, 0.225] as const;

/** A picture's bytes range from 0 to this. */
const MAX_BYTE = 255;

/**
 * (x / 255 - mean) / std = (x - 255 mean) / (255 std). The graph subtracts, channel by channel, so
 * that the zeros around the picture mean what they meant in training; the division is folded into
 * the first convolution's weights.
 */
export const IMAGE_OFFSET: readonly number[] = IMAGE_MEAN.map((mean) => MAX_BYTE * mean);
export const IMAGE_SCALE: readonly number[] = IMAGE_STD.map((std) => 1 / (MAX_BYTE * std));

/** The offset's name among the graph's initializers. */
export const INPUT_OFFSET = 'image.offset';
