import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidLabelsError } from '../../../models/labels/errors.ts';
import { IMAGENET_LABELS, readLabels } from '../../../models/labels/labels.ts';

let folder: string;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labels-'));
  warnings = [];
});

afterEach(() => rm(folder, { recursive: true }));

async function labels(name: string, content: string | Uint8Array, classes: number) {
  const file = join(folder, name);
  await writeFile(file, content);
  return await readLabels(file, classes, (text) => warnings.push(text));
}

const named = (...names: string[]) => names.map((label) => ({ label, wnid: null }));

test("1000 classes get ImageNet's labels without a warning", async () => {
  const found = await readLabels(undefined, 1000, (text) => warnings.push(text));

  expect(found).toHaveLength(1000);
  expect(found[1]).toEqual({ label: 'goldfish', wnid: 'n01443537' });
  expect(warnings).toEqual([]);
});

test('any other number of classes gets numbered labels and a warning', async () => {
  expect(await readLabels(undefined, 2, (text) => warnings.push(text))).toEqual(named('class 0', 'class 1'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('--labels');
});

test.each([
  ['one a line', 'cat\ndog\n'],
  ['the last line unended', 'cat\ndog'],
  ["Windows' line ends and byte order mark", '\ufeffcat\r\ndog\r\n\r\n'],
])('text, %s', async (_, text) => {
  expect(await labels('labels.txt', text, 2)).toEqual(named('cat', 'dog'));
  expect(warnings).toEqual([]);
});

test('labels may contain any letters, commas and brackets', async () => {
  expect(await labels('labels.txt', '[0] Käse, weich\n猫', 2)).toEqual(named('[0] Käse, weich', '猫'));
});

test('JSON as imagenet1k.json, in the order of its indexes', async () => {
  const json = '[{"index": 1, "wnid": "n01443537", "label": "goldfish"}, {"index": 0, "label": "other"}]';

  const expected = [
    { label: 'other', wnid: null },
    { label: 'goldfish', wnid: 'n01443537' },
  ];
  expect(await labels('labels.json', json, 2)).toEqual(expected);
  expect(await labels('labels.txt', json, 2)).toEqual(expected);
});

test('JSON as an array of labels, in a file of any name or in its place', async () => {
  const json = ' [ "cat ", "[{"]\n';

  expect(await labels('labels.json', json, 2)).toEqual(named('cat', '[{'));
  expect(await labels('labels.txt', json, 2)).toEqual(named('cat', '[{'));
  expect(await readLabels(json, 2, () => {})).toEqual(named('cat', '[{'));
});

test.each<[string, string, string | Uint8Array, string]>([
  ['too few labels', 'l.txt', 'cat', 'has 1 labels, but the checkpoint has 2 classes'],
  ['too many labels', 'l.txt', 'cat\ndog\ncow', 'has 3 labels, but the checkpoint has 2 classes'],
  ['an empty line', 'l.txt', 'cat\n\ndog', 'line 2'],
  ['an empty file', 'l.txt', '', 'line 1'],
  ['no text', 'l.txt', Uint8Array.of(0xff, 0xfe, 0x00), 'UTF-8'],
  ['no JSON', 'l.json', 'cat', 'is not valid JSON'],
  ['JSON of another form', 'l.json', '{"0": "cat"}', 'l.json: expected an array, found a JSON object. JSON must be'],
  ['a text as JSON', 'l.json', '"cat"', 'l.json: expected an array, found a JSON string. JSON must be'],
  ['an empty label', 'l.json', '["cat", " "]', 'l.json, 1: the label is empty. JSON must be'],
  ['labels beside other values', 'l.json', '["cat", 1]', 'l.json, 1: Invalid input: expected string, received number'],
  ['labels in a second array', 'l.json', '[["cat", "dog"]]', 'l.json, 0: Invalid input: expected object'],
  ['an empty array', 'l.json', '[]', 'has 0 labels'],
  ['a cut array', 'l.txt', '["cat", "dog', 'is not valid JSON'],
  ['a wrong WordNet id', 'l.json', '[{"index": 0, "label": "a", "wnid": "x"}]', '0.wnid'],
  ['an unknown field', 'l.json', '[{"index": 0, "label": "a", "colour": "x"}]', 'colour'],
  ['an index twice', 'l.json', '[{"index": 0, "label": "a"}, {"index": 0, "label": "b"}]', 'index 1 is missing'],
])('%s is refused, naming the file', async (_, name, content, message) => {
  const attempt = labels(name, content, 2);

  await expect(attempt).rejects.toThrow(InvalidLabelsError);
  await expect(attempt).rejects.toThrow(join(folder, name));
  await expect(attempt).rejects.toThrow(message);
});

test.each([
  ['none.txt', 'cannot be read: it does not exist. Give a text or JSON file of labels.'],
  ['.', 'cannot be read: it is a folder, not a file.'],
  ['huge.txt', 'has more bytes than the limit for a file of labels, 20000000.'],
])('%s is refused, and the error says why', async (name, reason) => {
  const huge = join(folder, 'huge.txt');
  await writeFile(huge, '');
  await truncate(huge, 2 ** 40);

  const attempt = readLabels(join(folder, name), 2, () => {});

  await expect(attempt).rejects.toThrow(InvalidLabelsError);
  await expect(attempt).rejects.toThrow(`${join(folder, name)} ${reason}`);
});

test("the file of ImageNet's labels is valid itself", async () => {
  expect(await readLabels(IMAGENET_LABELS, 1000, () => {})).toHaveLength(1000);
});
