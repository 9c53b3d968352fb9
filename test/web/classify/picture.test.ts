import { drawingModels } from '../../../web/api/drawing-models.ts';
import { explainOutcome } from '../../../web/api/explain.ts';
import { announcement, finalFindings, progressLine, progressOf, type Step } from '../../../web/classify/picture.ts';
import { FINDINGS, picture } from './pictures.ts';

const DONE: Step = { kind: 'done', findings: FINDINGS, secondLook: null };
const FAILED: Step = {
  kind: 'failed',
  explanation: explainOutcome('rejected', { code: 'not-an-image', message: 'no picture format begins so' }),
};
const NO_DRAWERS = new Map();
const WAITING: Step = { kind: 'waiting' };
const UPLOADING: Step = { kind: 'uploading', part: 0.5 };

test('progress counts done, failed and open pictures', () => {
  const progress = progressOf([WAITING, UPLOADING, DONE, FAILED].map((step) => picture(step)));

  expect(progress).toEqual({ total: 4, done: 1, failed: 1, open: 2 });
});

test.each([
  [[WAITING, DONE, FAILED], '2 of 3 pictures done'],
  [[DONE], '1 picture'],
  [[DONE, DONE, FAILED], '3 pictures, 1 failed'],
])('the line above the results', (steps, line) => {
  expect(progressLine(progressOf(steps.map((step) => picture(step))))).toBe(line);
});

test.each([
  ['nothing', [], ''],
  ['one that is under way', [WAITING], 'Classifying 1 picture.'],
  ['one with an answer', [DONE], 'picture-1.jpg: daisy, 86.0%.'],
  [
    'one that failed',
    [FAILED],
    'picture-1.jpg: Not a picture. Choose a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.',
  ],
  ['many', [DONE, DONE], '2 pictures classified.'],
  ['many, one of which failed', [DONE, FAILED], '1 picture classified, 1 failed.'],
])('a screen reader hears of %s: "%s"', (_what, steps, text) => {
  expect(
    announcement(
      steps.map((step) => picture(step)),
      NO_DRAWERS,
    ),
  ).toBe(text);
});

test('a screen reader is not interrupted by every one of many pictures', () => {
  const before = announcement(
    [WAITING, WAITING, WAITING].map((step) => picture(step)),
    NO_DRAWERS,
  );
  const after = announcement(
    [DONE, DONE, WAITING].map((step) => picture(step)),
    NO_DRAWERS,
  );

  expect(after).toBe(before);
});

test('the answer of the heavy model counts, once there is one', () => {
  const heavy = { ...FINDINGS, model: 'heavy' };

  expect(finalFindings({ ...DONE, secondLook: { kind: 'working', model: 'heavy' } }).model).toBe('sample');
  expect(finalFindings({ ...DONE, secondLook: { kind: 'done', findings: heavy } }).model).toBe('heavy');
});

test('the label that a model of drawings gives a picture of the user is said with a condition', () => {
  const drawers = drawingModels([
    {
      name: FINDINGS.model,
      runs: 'now',
      precision: 'fp32',
      parameters: 1,
      macs: 1,
      classes: 1000,
      publishedTop1: null,
      publishedTop5: null,
      license: null,
      knows: { pictures: 'drawings', things: 32, note: 'drawings only', command: 'fetch' },
    },
  ]);

  expect(announcement([picture(DONE)], drawers)).toBe('picture-1.jpg: If it is a drawing: daisy, 86.0%.');
  expect(announcement([{ ...picture(DONE), exampleUrl: '/assets/daisy.webp' }], drawers)).toBe(
    'picture-1.jpg: daisy, 86.0%.',
  );
});
