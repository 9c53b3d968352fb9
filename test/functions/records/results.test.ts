import { toResultMessage } from '../../../functions/records/results.ts';
import { validRecord } from './valid-record.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

test('a tagged image’s message, with attributes to filter by', () => {
  const record = validRecord({ versionId: 'v1' });
  const { bucket, key, model, predictions, concepts, concept } = record;
  const { Message, MessageAttributes } = toResultMessage(record);

  expect(JSON.parse(Message)).toEqual({
    bucket,
    key,
    versionId: 'v1',
    state: 'tagged',
    model,
    predictions,
    concepts,
    concept,
    reason: null,
  });
  expect(MessageAttributes).toEqual({
    state: text('tagged'),
    model: text('resnet50_swsl'),
    label: text('tabby'),
    concept: text('domestic cat'),
  });
});

test('an image without predictions has no label and no concept to filter by', () => {
  const reason = { code: 'not-an-image', message: 'expected a picture' };
  const { Message, MessageAttributes } = toResultMessage(
    validRecord({ state: 'rejected', predictions: [], concepts: [], concept: null, reason }),
  );

  expect(JSON.parse(Message)).toMatchObject({ state: 'rejected', predictions: [], reason });
  expect(MessageAttributes).toEqual({ state: text('rejected'), model: text('resnet50_swsl') });
});

test('characters that XML cannot carry are escaped in the message and become spaces in an attribute', () => {
  const key = 'bell \u0007, no character \uffff';
  const predictions = [{ rank: 1, label: 'a\u0000b\ufffec', wnid: null, index: 0, probability: 1 }];
  const { Message, MessageAttributes } = toResultMessage(validRecord({ key, predictions }));

  expect(Message).toContain('bell \\u0007, no character \\uffff');
  expect(Message).toContain('a\\u0000b\\ufffec');
  expect(JSON.parse(Message)).toMatchObject({ key, predictions });
  expect(MessageAttributes).toMatchObject({ label: text('a b c') });
});
