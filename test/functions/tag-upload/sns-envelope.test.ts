import { MalformedEventError } from '../../../functions/tag-upload/errors.ts';
import { parseUploadEvents } from '../../../functions/tag-upload/event.ts';
import { bodyOf, throughSns } from './wrapped-events.ts';

test.each(['put', 'delete-marker'])('SNS’s envelope around the notification %s is taken off', (name) => {
  const events = parseUploadEvents(bodyOf(`notification-${name}`));

  expect(events).toHaveLength(1);
  expect(parseUploadEvents(bodyOf(`sns-${name}`))).toEqual(events);
});

test('an event that went from EventBridge through SNS is read', () => {
  expect(parseUploadEvents(bodyOf('sns-eventbridge-put'))).toEqual(parseUploadEvents(bodyOf('notification-put')));
});

test('S3’s trial of a new notification is recognised inside SNS as well', () => {
  expect(parseUploadEvents(bodyOf('test-event'))).toEqual([{ kind: 'test-event' }]);
  expect(parseUploadEvents(bodyOf('sns-test-event'))).toEqual([{ kind: 'test-event' }]);
});

test('a request to confirm a subscription says which topic, and what to do', () => {
  const read = () => parseUploadEvents(bodyOf('sns-subscription-confirmation'));

  expect(read).toThrow(MalformedEventError);
  expect(read).toThrow(
    'it is a SubscriptionConfirmation of the SNS topic arn:aws:sns:eu-west-1:111122223333:pictures. ' +
      'To subscribe the queue to it, open the SubscribeURL in the message',
  );
});

test.each([
  ['a message that is not JSON', throughSns('hello'), 'the Message in its SNS envelope of 5 characters is not JSON'],
  ['a message that is no event', throughSns('{"hello":1}'), 'neither the Records'],
  ['an envelope in an envelope', throughSns(bodyOf('sns-put')), 'neither the Records'],
  ['an envelope of another type', '{"Type":"Other","Message":"{}"}', 'neither the Records'],
  ['a notification that is damaged', throughSns('{"Records":[{}]}'), 'eventName'],
])('%s is malformed, and the error says so', (_what, body, words) => {
  expect(() => parseUploadEvents(body)).toThrow(MalformedEventError);
  expect(() => parseUploadEvents(body)).toThrow(words);
});
