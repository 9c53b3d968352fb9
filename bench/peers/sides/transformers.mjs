/**
 * transformers.js as its documentation uses it: the image-classification pipeline, from a local
 * folder, without network.
 *
 *   transformers.mjs MODEL DTYPE
 *
 * MODEL is a folder with config.json, preprocessor_config.json and onnx/. DTYPE is fp32 or q8.
 */
import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { serve } from './serve.mjs';

const [, , model = '', dtype = 'fp32'] = process.argv;
env.allowRemoteModels = false;
env.localModelPath = dirname(model);
const classifier = await pipeline('image-classification', basename(model), {
  device: 'cpu',
  dtype,
  session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
});

await serve(async (bytes, top) => {
  const classes = await classifier(new Blob([bytes]), { top_k: top });
  return classes.map(({ label, score }) => ({ index: Number(label), probability: score }));
});
