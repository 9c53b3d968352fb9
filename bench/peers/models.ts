import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { convertCheckpoint } from '../../models/convert.ts';
import { IMAGE_MEAN, IMAGE_STD } from '../../models/graph/input.ts';
import { quantizePackage } from '../../models/quantize.ts';
import { writeLegacyCheckpoint } from '../../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../../test/models/graph/random-network.ts';
import { writeOrdinaryOnnx } from './ordinary-onnx.ts';

/** One network with the same random weights in every form that a side reads. */
export interface Models {
  readonly architecture: string;
  /** Model packages. */
  readonly fp32: string;
  readonly int8: string;
  /** A checkpoint for PyTorch. */
  readonly checkpoint: string;
  /** An ONNX file in fp32. */
  readonly onnx: string;
  /** A folder for transformers.js, with the ONNX file, and the q8 one if it could be made. */
  readonly transformers: string;
  readonly q8: boolean;
}

const CLASSES = 1000;
const LAST_LAYER_SCALE = 0.1;
const QUANTIZE = new URL('quantize-q8.py', import.meta.url).pathname;

/**
 * Makes a network of full size.
 * @param images a folder of pictures that calibrate int8: random weights have no batch norms that
 *   tell the ranges
 * @param python a Python with onnx and onnxruntime, for transformers.js' q8 file
 */
export async function makeModels(
  architecture: string,
  folder: string,
  images: string,
  python: string | null,
): Promise<Models> {
  const checkpoint = join(folder, `${architecture}.pth`);
  await writeCheckpoint(architecture, checkpoint);
  const [fp32, int8] = [join(folder, architecture), join(folder, `${architecture}.int8`)];
  await convertCheckpoint({ checkpoint, out: fp32 });
  await quantizePackage({ package: fp32, out: int8, images, force: true });

  const transformers = join(folder, 'transformers', architecture);
  const onnx = join(transformers, 'onnx/model.onnx');
  await mkdir(join(transformers, 'onnx'), { recursive: true });
  await writeOrdinaryOnnx(fp32, onnx);
  await writeConfiguration(transformers);
  if (python) await promisify(execFile)(python, [QUANTIZE, onnx, join(transformers, 'onnx/model_quantized.onnx')]);
  return { architecture, fp32, int8, checkpoint, onnx, transformers, q8: python !== null };
}

/**
 * Writes random weights at full size. Those of the last layer are small, so that every class has a
 * probability that float32 holds, and all classes can be compared.
 */
async function writeCheckpoint(architecture: string, file: string): Promise<void> {
  const network = RELEASED_NETWORKS[architecture];
  if (network === undefined) {
    throw new TypeError(`expected one of ${Object.keys(RELEASED_NETWORKS).join(', ')}, received ${architecture}`);
  }
  const entries = randomNetwork(network).map((entry) => {
    if (entry.name !== 'fc.weight') return entry;
    const fill = (values: Float32Array) => {
      entry.fill(values);
      for (const [index, weight] of values.entries()) values[index] = weight * LAST_LAYER_SCALE;
    };
    return { ...entry, fill };
  });
  await writeLegacyCheckpoint(file, entries);
}

/**
 * Writes what transformers.js reads beside the ONNX file: labels, and torchvision's evaluation
 * transform.
 */
async function writeConfiguration(folder: string): Promise<void> {
  const id2label = Object.fromEntries(Array.from({ length: CLASSES }, (_, index) => [index, String(index)]));
  const model = { model_type: 'resnet', architectures: ['ResNetForImageClassification'], id2label };
  const preprocessor = {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { shortest_edge: 256 },
    resample: 2,
    do_center_crop: true,
    crop_size: { width: 224, height: 224 },
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: IMAGE_MEAN,
    image_std: IMAGE_STD,
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(model));
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
}
