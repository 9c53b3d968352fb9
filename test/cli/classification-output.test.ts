import { NotAnImageError } from '../../classifier/errors.ts';
import { classificationJson, classificationText, knowledgeText } from '../../cli/classification-output.ts';

const SAMPLE = { name: 'sample', knows: { pictures: 'drawings', things: 32 } } as const;

const ENTRY = {
  predictions: [
    { rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, probability: 0.87321 },
    { rank: 2, label: 'sly\u001b[31m fox', wnid: null, index: 3, probability: 0.0004 },
  ],
  concepts: [
    { id: 'n02123045', label: 'tabby', probability: 0.87321 },
    { id: 'n02121620', label: 'cat', probability: 0.934 },
  ],
  concept: { id: 'n02123045', label: 'tabby', probability: 0.87321 },
  image: { width: 640, height: 480, format: 'jpeg' as const, bytes: 1234 },
  timings: { decode: 3.5, run: 20.2, total: 23.9 },
};

test('the JSON of a picture is one line with exactly the promised fields', () => {
  const line = classificationJson('a\nb.jpg', ENTRY, SAMPLE);

  expect(line.trimEnd()).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({ file: 'a\nb.jpg', model: 'sample', knows: SAMPLE.knows, ...ENTRY });
});

test('a model of photographs has nothing to say about what it knows', () => {
  expect(JSON.parse(classificationJson('a.jpg', ENTRY, { name: 'large' }))).toEqual({
    file: 'a.jpg',
    model: 'large',
    ...ENTRY,
  });
  expect(knowledgeText({ name: 'large' })).toBeNull();
  expect(knowledgeText(SAMPLE)).toMatch(/^the model sample knows 32 drawn things, and no photographs/);
});

test('the JSON of a failed picture has its code and message', () => {
  const failed = { error: new NotAnImageError('these are no leading bytes of a picture') };

  expect(JSON.parse(classificationJson('x', failed, SAMPLE))).toEqual({
    file: 'x',
    error: { code: 'not-an-image', message: 'these are no leading bytes of a picture' },
  });
  expect(JSON.parse(classificationJson('x', { error: new TypeError('oh') }, SAMPLE))).toMatchObject({
    error: { code: 'internal' },
  });
});

test('the text aligns percentages and contains no control characters', () => {
  expect(classificationText('ca\u0007t.jpg', ENTRY, { name: 'sam\u001bple' })).toBe(
    ['ca t.jpg  (640 x 480 jpeg; sam ple, 24 ms)', '  87.3%  tabby', '   0.0%  sly [31m fox', ''].join('\n'),
  );
  expect(classificationText('x', { error: new NotAnImageError('no') }, SAMPLE)).toBe('');
});

test.each<[string, { id: string; label: string; probability: number } | null, string]>([
  ['a concept above the best label', { id: 'n02121620', label: 'cat', probability: 0.934 }, 'tabby 0.87, a cat 0.93\n'],
  ['no concept', null, ''],
  ['the best label itself', ENTRY.concept, ''],
])('the text of %s', (_, concept, expected) => {
  const [heading = '', ...labels] = classificationText('cat.jpg', ENTRY, SAMPLE).split(/^/m);
  const entry = { ...ENTRY, concept };

  expect(classificationText('cat.jpg', entry, SAMPLE)).toBe([heading, expected, ...labels].join(''));
});

test('labels without a WordNet id are compared by their name', () => {
  const [, fox] = ENTRY.predictions;
  const entry = {
    ...ENTRY,
    predictions: fox ? [fox] : [],
    concept: { id: fox?.label ?? '', label: 'fox', probability: 0.9 },
  };

  expect(classificationText('fox.jpg', entry, SAMPLE)).not.toContain('a fox');
});
