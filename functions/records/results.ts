import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { NOT_XML, toMessageJson } from '../xml-text.ts';
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
 * The message: JSON `{bucket, key, versionId, state, model, predictions, concepts, concept,
 * reason}`. Its attributes, for filters, are `state`, `model` and, of a tagged image, `label` (the
 * most probable) and `concept` (the hedged one).
 */
export function toResultMessage(record: ImageRecord) {
  const { bucket, key, versionId, state, model, predictions, concepts, concept, reason } = record;
  const message = { bucket, key, versionId, state, model, predictions, concepts, concept, reason };
  return {
    Message: toMessageJson(message),
    MessageAttributes: {
      state: textAttribute(state),
      model: textAttribute(model),
      ...labelAttribute('label', predictions[0]),
      ...labelAttribute('concept', concept),
    },
  };
}

function labelAttribute(name: string, named: { readonly label: string } | null | undefined) {
  return named ? { [name]: textAttribute(named.label.replace(NOT_XML, ' ')) } : {};
}

function textAttribute(value: string) {
  return { DataType: 'String', StringValue: value };
}
