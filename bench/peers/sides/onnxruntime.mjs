/**
 * onnxruntime-node as tutorials use it: sharp resizes and crops, a loop fills a Float32Array.
 *
 *   onnxruntime.mjs MODEL
 *
 * MODEL is an ONNX file with the input pixel_values, float32 [N, 3, 224, 224], normalised.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { serve } from './serve.mjs';

const SIDE = 224;
const SHORTER_SIDE = 256;
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];

const [, , model = ''] = process.argv;
const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });

await serve(async (bytes, top) => {
  const input = new Tensor('float32', await preprocess(bytes), [1, 3, SIDE, SIDE]);
  const { logits } = await session.run({ pixel_values: input });
  return best(softmax(logits.data), top);
});

async function preprocess(bytes) {
  const { autoOrient } = await sharp(bytes).metadata();
  const scale = SHORTER_SIDE / Math.min(autoOrient.width, autoOrient.height);
  const width = Math.round(autoOrient.width * scale);
  const height = Math.round(autoOrient.height * scale);
  const [left, top] = [Math.round((width - SIDE) / 2), Math.round((height - SIDE) / 2)];
  const pixels = await sharp(bytes)
    .autoOrient()
    .resize(width, height, { fit: 'fill' })
    .extract({ left, top, width: SIDE, height: SIDE })
    .removeAlpha()
    .raw()
    .toBuffer();
  const floats = new Float32Array(3 * SIDE * SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      floats[channel * SIDE * SIDE + pixel] = (pixels[pixel * 3 + channel] / 255 - MEAN[channel]) / STD[channel];
    }
  }
  return floats;
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function best(probabilities, top) {
  const classes = probabilities.map((probability, index) => ({ index, probability }));
  return classes.sort((one, other) => other.probability - one.probability).slice(0, top);
}
