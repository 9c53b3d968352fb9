import { mulberry32 } from '../../../classifier/mulberry32.ts';
import type { Answer } from '../../../cli/json-lines/parse-answer.ts';
import { type ManifestEntry, manifestEntries } from '../../../cli/select/manifest.ts';
import { shardLists } from '../../../cli/select/shard-lists.ts';
import { MixedModelsError, type SelectionSize, TeacherSelection } from '../../../cli/select/teacher-selection.ts';

const TABLES = 50;
const MOST_RECORDS = 100_000;

const sha256Of = (content: number) => content.toString(16).padStart(64, '0').split('').reverse().join('');

function prediction(index: number, probability: number) {
  return { rank: 1, label: `label ${index}`, wnid: null, index, probability };
}

function answer(uri: string, scores: Readonly<Record<number, number>>, sha256: string | null = null): Answer {
  const predictions = Object.entries(scores).map(([index, score]) => prediction(Number(index), score));
  return { uri, sha256, model: 'teacher', predictions };
}

/** Makes answers with many ties, and with contents that occur under several names and scores. */
function randomTable(seed: number): { answers: Answer[]; size: SelectionSize } {
  const random = mulberry32(seed);
  const below = (most: number) => random() % most;
  const records = seed === TABLES ? MOST_RECORDS : 1 + Math.floor(5_000 ** (seed / TABLES));
  const classes = 1 + below(40);
  const steps = 1 + below(200);
  const answers = Array.from({ length: records }, (_, record) => {
    const scores: Record<number, number> = {};
    for (let made = 0; made < 5; made += 1) scores[below(classes)] = below(steps + 1) / steps;
    const name = `${below(3)}${['', 'é', '😀', '/'][below(4)]}${below(records)}`;
    return answer(name, scores, below(4) === 0 ? null : sha256Of(below(Math.ceil(records / 2)) + (record % 2) * 1e6));
  });
  return { answers, size: { perClass: 1 + below(300), perImage: 1 + below(6) } };
}

/** Does the same by sorting everything. */
function inMemory(answers: readonly Answer[], { perClass, perImage }: SelectionSize): ManifestEntry[] {
  const classes = new Map<number, { uri: string; bytes: Buffer; content: string; score: number; label: string }[]>();
  for (const { uri, sha256, predictions } of answers) {
    const bytes = Buffer.from(uri);
    const best = predictions.toSorted((a, b) => b.probability - a.probability || a.index - b.index).slice(0, perImage);
    for (const { index, label, probability: score } of best) {
      const all = classes.get(index) ?? [];
      classes.set(index, all);
      all.push({ uri, bytes, content: sha256 ?? uri, score, label });
    }
  }
  return [...classes]
    .sort(([one], [other]) => one - other)
    .flatMap(([index, all]) => {
      const sorted = all.sort((a, b) => b.score - a.score || Buffer.compare(a.bytes, b.bytes));
      const contents = new Set<string>();
      const once = sorted.filter(({ content }) => !contents.has(content) && contents.add(content));
      return once
        .slice(0, perClass)
        .map(({ uri, score, label }, place) => ({ uri, class: label, wnid: null, index, rank: place + 1, score }));
    });
}

/** Makes one text, which is compared a hundred times faster than ten thousand objects. */
function linesOf(entries: Iterable<ManifestEntry>): string {
  return [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join('');
}

function select(answers: readonly Answer[], size: SelectionSize) {
  const selection = new TeacherSelection(size);
  for (const one of answers) selection.add(one);
  return selection.finish();
}

test(`on ${TABLES} random tables of up to ${MOST_RECORDS} records it selects what sorting all of them selects`, () => {
  for (let seed = 1; seed <= TABLES; seed += 1) {
    const { answers, size } = randomTable(seed);

    expect(linesOf(manifestEntries(select(answers, size)))).toBe(linesOf(inMemory(answers, size)));
  }
});

test('an image counts for its P highest classes only, even where a class has room', () => {
  const classes = select([answer('a', { 0: 0.5, 1: 0.3, 2: 0.2 }), answer('b', { 2: 0.9, 0: 0.1 })], {
    perClass: 5,
    perImage: 1,
  });

  expect([...manifestEntries(classes)]).toEqual([
    { uri: 'a', class: 'label 0', wnid: null, index: 0, rank: 1, score: 0.5 },
    { uri: 'b', class: 'label 2', wnid: null, index: 2, rank: 1, score: 0.9 },
  ]);
});

test('an answer of another model, or of other classes under the same name, is refused', () => {
  const selection = new TeacherSelection({ perClass: 1, perImage: 1 });
  selection.add(answer('a', { 0: 1 }));

  expect(() => selection.add({ ...answer('b', { 0: 1 }), model: 'other' })).toThrow(MixedModelsError);
  expect(() => selection.add({ ...answer('b', {}), predictions: [{ ...prediction(0, 1), label: 'cat' }] })).toThrow(
    /class 0 is "cat".*"label 0"/,
  );
});

test('every shard has an equal share of each class, goes through the classes in turn, and no key occurs twice', () => {
  const answers = Array.from({ length: 90 }, (_, image) =>
    answer(`image ${image}`, { [image % 3 === 0 ? 0 : 1]: 1 - image / 100 }),
  );
  const classes = select(answers, { perClass: 60, perImage: 1 });

  const lists = [...shardLists(classes, 20)];

  const samples = lists.flatMap((list) => list.samples);
  const entries = [...manifestEntries(classes)];
  expect(lists.map(({ name }) => name)).toEqual([0, 1, 2, 3, 4].map((shard) => `shard-00000${shard}.jsonl`));
  expect(lists.map((list) => list.samples.map(({ cls }) => cls).join(''))).toEqual(
    Array.from({ length: 5 }, () => '010101010101111111'),
  );
  expect(new Set(samples.map(({ __key__ }) => __key__)).size).toBe(90);
  expect(samples.map(({ uri }) => uri).sort()).toEqual(entries.map(({ uri }) => uri).sort());
  expect(lists[0]?.samples[0]).toEqual({ __key__: '000000000', uri: 'image 0', cls: 0, wnid: null, score: 1 });
});
