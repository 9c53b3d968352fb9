import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { IMAGE_MEAN, IMAGE_STD } from '../../models/graph/input.ts';
import { quantizePackage } from '../../models/quantize.ts';
import { writeLegacyCheckpoint } from '../../test/models/checkpoint/write-legacy.ts';
import { RELEASED_NETWORKS, randomNetwork } from '../../test/models/graph/random-network.ts';
import { randomPackage } from '../random-package.ts';
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
const QUANTIZE = new URL('quantize-q8.py', import.meta.url).pathname;

/**
 * Makes a network of full size.
 * @param python a Python with onnx and onnxruntime, for transformers.js' q8 file
 */
export async function makeModels(architecture: string, folder: string, python: string | null): Promise<Models> {
  const fp32 = await randomPackage(architecture, folder);
  const int8 = `${fp32}.int8`;
  await quantizePackage({ package: fp32, out: int8 });
  const checkpoint = join(folder, `${architecture}.pth`);
  const network = RELEASED_NETWORKS[architecture];
  if (network) await writeLegacyCheckpoint(checkpoint, randomNetwork(network));

  const transformers = join(folder, 'transformers', architecture);
  const onnx = join(transformers, 'onnx/model.onnx');
  await mkdir(join(transformers, 'onnx'), { recursive: true });
  await writeOrdinaryOnnx(fp32, onnx);
  await writeConfiguration(transformers);
  if (python) await promisify(execFile)(python, [QUANTIZE, onnx, join(transformers, 'onnx/model_quantized.onnx')]);
  return { architecture, fp32, int8, checkpoint, onnx, transformers, q8: python !== null };
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
