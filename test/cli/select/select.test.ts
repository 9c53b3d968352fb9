import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLines, type RunOptions, runCli } from '../run-cli.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asn-select-'));
});

afterAll(() => rm(folder, { recursive: true }));

function run(args: readonly string[], options: Omit<RunOptions, 'cwd'> = {}) {
  return runCli(['select', ...args], { cwd: folder, ...options });
}

function line(place: object, model: string, ...scores: number[]): string {
  const predictions = scores.map((probability, index) => ({
    rank: index + 1,
    label: ['daisy', 'cat\u0007'][index],
    wnid: index === 0 ? 'n11939491' : null,
    index,
    probability,
  }));
  return `${JSON.stringify({ ...place, model, predictions })}\n`;
}

test('writes the manifest and the shards of several files and standard input, and reports the classes', async () => {
  const failed = JSON.stringify({ file: 'text.jpg', error: { code: 'not-an-image', message: 'text' } });
  await writeFile(join(folder, 'a.jsonl'), `${line({ file: 'a.jpg' }, 'm', 0.9, 0.1)}${failed}\n`);
  const args = ['a.jsonl', '-', '--per-class', '2', '--per-image', '2', '--model', 'm', '--out', 'out.jsonl'];
  const input = Buffer.from(
    line({ bucket: 'b', key: 'b.jpg', state: 'tagged' }, 'm', 0.8, 0.2) +
      line({ file: 'c.jpg' }, 'm', 0.7) +
      line({ file: 'd.jpg' }, 'heavy', 1),
  );

  const [text, json] = [
    await run([...args, '--shards', 'shards', '--shard-size', '3'], { input }),
    await run([...args, '--force', '--json'], { input }),
  ];

  const shortAnswer = '1 answers have fewer predictions than --per-image 2: ';
  expect(text).toMatchObject({ code: 0, err: expect.stringContaining(shortAnswer) });
  expect(text.out).toBe(`index  class  WordNet id  images  lowest score
    0  daisy  n11939491        2        0.8000
    1  cat    -                2        0.1000

3 answers (left out: 1 not classified, 1 of other models): 4 images selected for 2 classes, of which 2 have 2
`);
  expect(jsonLines(json.out)).toEqual([
    {
      answers: 3,
      unclassified: 1,
      otherModels: 1,
      selected: 4,
      classes: [
        { class: 'daisy', wnid: 'n11939491', index: 0, images: 2, lowestScore: 0.8 },
        { class: 'cat\u0007', wnid: null, index: 1, images: 2, lowestScore: 0.1 },
      ],
    },
  ]);
  expect(jsonLines(await readFile(join(folder, 'out.jsonl'), 'utf8'))).toEqual([
    { uri: 'a.jpg', class: 'daisy', wnid: 'n11939491', index: 0, rank: 1, score: 0.9 },
    { uri: 's3://b/b.jpg', class: 'daisy', wnid: 'n11939491', index: 0, rank: 2, score: 0.8 },
    { uri: 's3://b/b.jpg', class: 'cat\u0007', wnid: null, index: 1, rank: 1, score: 0.2 },
    { uri: 'a.jpg', class: 'cat\u0007', wnid: null, index: 1, rank: 2, score: 0.1 },
  ]);
  const shards = await readdir(join(folder, 'shards'));
  const lists = await Promise.all(shards.map((name) => readFile(join(folder, 'shards', name), 'utf8')));
  expect(lists.map((list) => jsonLines(list).length)).toEqual([2, 2]);
});

test('a hostile line is named, nothing is written, and a manifest is replaced only with --force', async () => {
  await writeFile(
    join(folder, 'torn.jsonl'),
    line({ file: 'a.jpg' }, 'm', 1) + line({ file: 'b.jpg' }, 'm', 1).slice(0, 40),
  );
  await writeFile(join(folder, 'mixed.jsonl'), line({ file: 'a.jpg' }, 'm', 1) + line({ file: 'b.jpg' }, 'heavy', 1));
  await writeFile(join(folder, 'kept.jsonl'), 'kept');

  const [torn, mixed, kept] = await Promise.all([
    run(['torn.jsonl', '--per-class', '2', '--out', 'no.jsonl']),
    run(['mixed.jsonl', '--per-class', '2', '--out', 'no.jsonl']),
    run(['torn.jsonl', '--per-class', '2', '--out', 'kept.jsonl']),
  ]);

  expect(torn).toMatchObject({ code: 1, out: '', err: expect.stringContaining('torn.jsonl, line 2: expected a line') });
  expect(mixed.err).toMatch(/^autoswiftnet: mixed\.jsonl, line 2: the answer is by the model heavy, .* Add --model/);
  expect(kept.err).toMatch(/kept\.jsonl already exists\. .*--force/);
  expect(await readFile(join(folder, 'kept.jsonl'), 'utf8')).toBe('kept');
  expect((await readdir(folder)).filter((name) => /^no|part$/.test(name))).toEqual([]);
});

test('a folder with lists is refused before reading; --force leaves no list of the earlier selection', async () => {
  await writeFile(join(folder, 'few.jsonl'), line({ file: 'a.jpg' }, 'm', 1));
  const lists = join(folder, 'lists');
  await mkdir(lists);
  for (const name of ['shard-000000.jsonl', 'shard-000001.jsonl', 'notes.jsonl'])
    await writeFile(join(lists, name), '');
  const args = ['--per-class', '2', '--per-image', '1', '--out', 'few-out.jsonl', '--shards', 'lists'];

  const refused = await run(['missing.jsonl', ...args]);
  const afterRefusal = await readdir(folder);
  const forced = await run(['few.jsonl', ...args, '--force']);

  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringMatching(/shard-000000\.jsonl already exists\. .*--force/),
  });
  expect(afterRefusal.filter((name) => name.startsWith('few-out'))).toEqual([]);
  expect(forced.code).toBe(0);
  expect((await readdir(lists)).sort()).toEqual(['notes.jsonl', 'shard-000000.jsonl']);
  expect(jsonLines(await readFile(join(lists, 'shard-000000.jsonl'), 'utf8'))).toMatchObject([{ uri: 'a.jpg' }]);
});
