/**
 * Characters that XML text cannot hold, and therefore neither a body nor an attribute of SQS and
 * SNS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
export const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/**
 * The units of UTF-16 that XML text cannot hold, and halves of a pair. AWS accepts whole pairs, but
 * the embedded SQS refuses them.
 */
const NOT_BASIC_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g;

/**
 * Writes JSON that a message can hold. JSON has U+FFFE, U+FFFF and pairs as they are, and a key may
 * contain them. They are escaped, so every reader gets the same value.
 */
export function toMessageJson(value: unknown): string {
  return JSON.stringify(value).replace(
    NOT_BASIC_XML,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
