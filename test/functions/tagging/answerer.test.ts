import { createTurns } from '../../../functions/side-by-side/turns.ts';
import { createSmallAnswerer, type ImageClassifier } from '../../../functions/tagging/answerer.ts';
import { wordClassifier } from './word-classifier.ts';

const ROUTES = { chooseRoute: () => ({ kind: 'small', model: 'words' }) as const, heavyModels: [] };

test('one image at a time is decoded and classified', async () => {
  let underWay = 0;
  let most = 0;
  const classifier: ImageClassifier = {
    ...wordClassifier,
    classify: async (images, options) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return wordClassifier.classify(images, options);
    },
  };
  const open = async () => classifier;
  const answerer = createSmallAnswerer('words', open, ROUTES, createTurns(1));
  const answers = await Promise.all(['cat', 'dog', 'cow'].map((word) => answerer.classify(Buffer.from(word))));

  expect(most).toBe(1);
  expect(answers.map(({ predictions: [best] }) => best?.label)).toEqual(['cat', 'dog', 'cow']);
});
