import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { NOT_XML } from '../xml-text.ts';
import type { ImageRecord } from './record.ts';

/**
 * Publishes a record's state to the results topic. Called again for the same record after a crash:
 * at least once.
 */
export type PublishResult = (record: ImageRecord) => Promise<void>;

export function openResultsTopic(client: SNSClient, topicArn: string): PublishResult {
  return async (record) => {
    await client.send(new PublishCommand({ TopicArn: topicArn, ...toResultMessage(record) }));
  };
}

/**
 * The message: JSON `{bucket, key, versionId, state, model, predictions, reason}`, with attributes
 * `state`, `model` and, of a tagged image, `label` (the most probable) for filters.
 */
export function toResultMessage({ bucket, key, versionId, state, model, predictions, reason }: ImageRecord) {
  const label = predictions[0]?.label.replace(NOT_XML, ' ');
  return {
    Message: JSON.stringify({ bucket, key, versionId, state, model, predictions, reason }).replace(
      NOT_XML,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
    MessageAttributes: {
      state: textAttribute(state),
      model: textAttribute(model),
      ...(label ? { label: textAttribute(label) } : {}),
    },
  };
}

function textAttribute(value: string) {
  return { DataType: 'String', StringValue: value };
}
