import {
  conceptText,
  countOf,
  fileName,
  formatBytes,
  formatDuration,
  formatMillions,
  formatProbability,
} from '../../web/format.ts';

test.each([
  [0, '0.0%'],
  [0.0004, '<0.1%'],
  [0.0006, '0.1%'],
  [0.8604, '86.0%'],
  [0.9996, '>99.9%'],
  [1, '100.0%'],
])('the probability %d reads %s', (probability, text) => {
  expect(formatProbability(probability)).toBe(text);
});

test('a concept is told if it says more than the best label', () => {
  const tabby = { rank: 1, label: 'tabby', wnid: 'n02123045', index: 281, probability: 0.41 };
  const concept = { id: 'n02121808', label: 'domestic cat', probability: 0.93 };

  expect(conceptText(concept, tabby)).toBe('A kind of domestic cat: 93.0%');
  expect(conceptText(null, tabby)).toBeNull();
  expect(conceptText({ ...concept, id: 'n02123045' }, tabby)).toBeNull();
  expect(conceptText({ ...concept, id: 'tabby' }, { ...tabby, wnid: null })).toBeNull();
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [11_398, '11.4 kB'],
  [4_400_000, '4.4 MB'],
  [5e13, '50 TB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('durations and counts', () => {
  expect([formatDuration(84.4), formatDuration(1290)]).toEqual(['84 ms', '1.3 s']);
  expect(formatMillions(25_560_000)).toBe('25.6 M');
  expect([countOf(1, 'picture'), countOf(0, 'picture')]).toEqual(['1 picture', '0 pictures']);
});

test.each([
  ['daisy.jpg', 'daisy.jpg'],
  ['uploads/2024/daisy.jpg', 'daisy.jpg'],
  ['folder/', 'folder/'],
])('the name of the key %s is %s', (key, name) => {
  expect(fileName(key)).toBe(name);
});
