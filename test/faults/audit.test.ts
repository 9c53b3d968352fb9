import { type AuditSettings, audit, type Expected } from './audit.ts';
import type { Found, FoundItem, FoundObject } from './found.ts';

const SETTINGS: AuditSettings = { bucket: 'pictures', deleted: ['gone.jpg'] };
const PREDICTIONS = [
  { label: 'daisy', probability: 0.8 },
  { label: 'pizza', probability: 0.15 },
  { label: 'maze', probability: 0.05 },
];
const TAGGED: Expected = {
  key: 'a.jpg',
  eTag: 'e1',
  state: 'tagged',
  predictions: PREDICTIONS,
  rows: [
    { id: 'n11669921', label: 'flower', probability: 0.85 },
    { id: 'daisy', label: 'daisy', probability: 0.8 },
  ],
  model: 'sample',
  userTags: { owner: 'me' },
};
const REJECTED: Expected = { ...TAGGED, key: 'b.txt', eTag: 'e2', state: 'rejected', predictions: [], rows: [] };

function record({ key, eTag, state, model, predictions }: Expected): FoundItem {
  return {
    pk: `IMAGE#pictures/${key}`,
    sk: 'IMAGE',
    key,
    sequencer: '5',
    stage: 0,
    eTag,
    state,
    model,
    predictions: [...predictions],
  };
}

function row(rank: number, label: string, probability: number, id = label): FoundItem {
  const place = { pk: 'IMAGE#pictures/a.jpg', sk: `RANK#${rank}`, key: 'a.jpg', sequencer: '5', stage: 0 };
  return { ...place, label, labelShard: `${id}#2`, probability };
}

function message({ key, state, predictions }: Expected) {
  return { bucket: 'pictures', key, state, predictions: [...predictions] };
}

const OBJECT: FoundObject = {
  eTag: 'e1',
  tags: {
    owner: 'me',
    'autoswiftnet:label': 'daisy',
    'autoswiftnet:confidence': '0.800',
    'autoswiftnet:model': 'sample',
  },
};
const RECORDS = [record(TAGGED), record(REJECTED)];
const FLOWER = row(1, 'flower', 0.85, 'n11669921');
const ROWS = [FLOWER, row(2, 'daisy', 0.8)];
const OTHER_OBJECT: [string, FoundObject] = ['b.txt', { eTag: 'e2', tags: { owner: 'me' } }];

function find(changes: Partial<Found> = {}): string[] {
  const found: Found = {
    objects: new Map([['a.jpg', OBJECT], OTHER_OBJECT]),
    items: [...RECORDS, ...ROWS],
    messages: [message(TAGGED), message(REJECTED)],
    queues: { uploads: 0 },
    ...changes,
  };
  return audit(found, [TAGGED, REJECTED], SETTINGS);
}

function withObject(object: FoundObject) {
  return { objects: new Map([['a.jpg', object], OTHER_OBJECT]) };
}

function withRecord(changes: Partial<FoundItem>) {
  return { items: [{ ...record(TAGGED), ...changes }, record(REJECTED), ...ROWS] };
}

function withRows(...rows: FoundItem[]) {
  return { items: [...RECORDS, ...rows] };
}

test('nothing is found where everything is as it must be', () => {
  const tombstone = { ...record(TAGGED), pk: 'IMAGE#pictures/gone.jpg', key: 'gone.jpg', deletedAt: '2026' };
  const messages = [message(TAGGED), message(REJECTED), message({ ...TAGGED, key: 'gone.jpg' })];

  expect(find()).toEqual([]);
  expect(find({ items: [...RECORDS, ...ROWS, tombstone], messages })).toEqual([]);
});

test.each<[string, Partial<Found>, string[]]>([
  ['a lost object', { objects: new Map([OTHER_OBJECT]) }, ['a.jpg: the object is gone']],
  ['other content', withObject({ ...OBJECT, eTag: 'x' }), ['a.jpg: the object has ETag x, expected e1']],
  [
    'a wrong tag, and a user’s lost tag',
    withObject({ ...OBJECT, tags: { ...OBJECT.tags, owner: 'you', 'autoswiftnet:label': 'maze' } }),
    ['a.jpg: tag autoswiftnet:label is maze, expected daisy', 'a.jpg: tag owner is you, expected me'],
  ],
  [
    'a tag that nobody gave',
    withObject({ ...OBJECT, tags: { ...OBJECT.tags, more: '1' } }),
    ['a.jpg: tag more is 1, expected undefined'],
  ],
  [
    'an object that should be gone',
    { objects: new Map([['a.jpg', OBJECT], OTHER_OBJECT, ['gone.jpg', OBJECT]]) },
    ['gone.jpg: the object is there'],
  ],
  ['no record', { items: [record(REJECTED), ...ROWS] }, expect.arrayContaining(['a.jpg: there is no record'])],
  ['a tombstone', withRecord({ deletedAt: '2026' }), ['a.jpg: there is a tombstone instead of a record']],
  ['a record of other content', withRecord({ eTag: 'x' }), ['a.jpg: the record has ETag x, expected e1']],
  ['a state', withRecord({ state: 'failed' }), ['a.jpg: the record has state failed, expected tagged']],
  ['a model', withRecord({ model: 'x' }), ['a.jpg: the record has model x, expected sample']],
  [
    'other predictions',
    withRecord({ predictions: PREDICTIONS.toReversed() }),
    ['a.jpg: the record has other predictions than expected'],
  ],
  ['a missing row', withRows(FLOWER), ['a.jpg: label row RANK#2 is missing']],
  ['a row too many', withRows(...ROWS, row(3, 'maze', 0.05)), ['a.jpg: there is a label row RANK#3 of maze']],
  [
    'a row of another label',
    withRows(FLOWER, row(2, 'maze', 0.8)),
    ['a.jpg: label row RANK#2 is of maze#2, expected daisy'],
  ],
  [
    'a row of another probability',
    withRows({ ...FLOWER, probability: 0.7 }, row(2, 'daisy', 0.8)),
    ['a.jpg: label row RANK#1 has another probability'],
  ],
  [
    'a row of an older event',
    withRows({ ...FLOWER, sequencer: '4' }, row(2, 'daisy', 0.8)),
    ['a.jpg: label row RANK#1 is of another position than the record'],
  ],
  [
    'a record and a row without an object',
    {
      items: [
        ...RECORDS,
        ...ROWS,
        { ...record(TAGGED), pk: 'IMAGE#pictures/gone.jpg', key: 'gone.jpg' },
        { ...row(1, 'daisy', 0.8), pk: 'IMAGE#pictures/gone.jpg', key: 'gone.jpg' },
      ],
    },
    ['gone.jpg: there is a record without an object', 'gone.jpg: there is a label row RANK#1 without an object'],
  ],
  [
    'no message, and one with another answer',
    { messages: [{ ...message(TAGGED), predictions: [] }] },
    [
      'a.jpg: 1 results were published, none of them the expected one',
      'b.txt: 0 results were published, none of them the expected one',
    ],
  ],
  [
    'a message about nothing',
    { messages: [message(TAGGED), message(REJECTED), message({ ...TAGGED, key: 'x' })] },
    ['x: a result was published'],
  ],
  ['a message that is left', { queues: { dead: 2, uploads: 0 } }, ['queue dead: 2 messages are left']],
])('%s is found', (_what, changes, faults) => {
  expect(find(changes)).toEqual(faults);
});
