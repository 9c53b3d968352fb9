import { InvalidLineError } from '../../../cli/json-lines/errors.ts';
import { parseAnswer } from '../../../cli/json-lines/parse-answer.ts';

const PREDICTION = { rank: 1, label: 'daisy', wnid: 'n11939491', index: 985, probability: 0.9 };
const SHA256 = 'ab'.repeat(32);

const parse = (value: unknown) => parseAnswer({ text: JSON.stringify(value), number: 7 }, 'answers.jsonl');

test('lines of classify and of export are read', () => {
  expect(parse({ file: 'a.jpg', model: 'sample', predictions: [PREDICTION], concepts: [] })).toEqual({
    uri: 'a.jpg',
    sha256: null,
    model: 'sample',
    predictions: [PREDICTION],
  });
  expect(
    parse({ bucket: 'b', key: 'k é?#', state: 'tagged', sha256: SHA256, model: 'sample', predictions: [PREDICTION] }),
  ).toEqual({ uri: 's3://b/k é?#', sha256: SHA256, model: 'sample', predictions: [PREDICTION] });
});

test('lines about images that were not classified have a reason', () => {
  const reason = { code: 'not-an-image', message: 'text' };

  expect(parse({ file: 'a.txt', error: reason })).toEqual({ uri: 'a.txt', reason });
  expect(parse({ bucket: 'b', key: 'k', state: 'rejected', reason, model: 'sample', predictions: [] })).toEqual({
    uri: 's3://b/k',
    reason,
  });
});

test.each<[string, RegExp]>([
  ['', /expected a line of JSON, found ""/],
  ['{"file":"a.jpg","model":"samp', /expected a line of JSON, found "\{\\"file/],
  ['[1]', /expected a JSON object, found "\[1\]"/],
  ['null', /expected a JSON object/],
  ['{}', /bucket: .*; key: .*; model: .*; …/],
  [JSON.stringify({ file: 'a', model: 'm', predictions: [] }), /predictions: /],
  [JSON.stringify({ file: '', model: 'm', predictions: [PREDICTION] }), /file: /],
  [JSON.stringify({ file: 'a', model: 'm', predictions: 'x' }), /predictions: .*array/],
  [
    JSON.stringify({ file: 'a', model: 'm', predictions: [{ ...PREDICTION, probability: 1.5 }] }),
    /predictions\.0\.prob/,
  ],
  [JSON.stringify({ file: 'a', model: 'm', predictions: [{ ...PREDICTION, probability: null }] }), /predictions\.0\.p/],
  [JSON.stringify({ file: 'a', model: 'm', predictions: [{ ...PREDICTION, index: -1 }] }), /predictions\.0\.index/],
  [JSON.stringify({ file: 'a', model: 'm', predictions: [PREDICTION, PREDICTION] }), /the same index occurs twice/],
  [JSON.stringify({ file: 'a', model: 'm', sha256: 'x', predictions: [PREDICTION] }), /sha256: expected 64 lower-case/],
  [JSON.stringify({ file: '\ud800', model: 'm', predictions: [PREDICTION] }), /file: half a surrogate pair/],
  [JSON.stringify({ bucket: 'b', key: 'k', state: 'lost' }), /state: /],
])('%s is an error that names the file, the line and the fault', (text, fault) => {
  const parsing = () => parseAnswer({ text, number: 7 }, 'answers.jsonl');

  expect(parsing).toThrow(InvalidLineError);
  expect(parsing).toThrow(fault);
  expect(parsing).toThrow(/^answers\.jsonl, line 7: .*Give lines of classify --json, classify --output or export\.$/);
});
