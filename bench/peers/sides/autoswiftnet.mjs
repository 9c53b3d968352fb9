/**
 * AutoSwiftNet as its README uses it: the published package's openClassifier.
 *
 *   autoswiftnet.mjs MODEL ENTRY
 *
 * MODEL is a model package, ENTRY the built library/index.js.
 */
import { pathToFileURL } from 'node:url';
import { serve } from './serve.mjs';

const [, , model = '', entry = ''] = process.argv;
const { openClassifier } = await import(pathToFileURL(entry).href);
const classifier = await openClassifier(model, { threads: 1 });

await serve(async (bytes, top) => {
  const [answer] = await classifier.classify([bytes], { top });
  if (answer.error) throw answer.error;
  return answer.predictions.map(({ index, probability }) => ({ index, probability }));
});
await classifier.close();
