import type { Position } from './position.ts';
import { applies, type Entry, type ImageState, isSameWrite, isTombstone } from './record.ts';

/** When a write of an image's entry may happen. Decided here in words, and by the table in one atomic step. */
export type WriteCondition =
  /** A later position than the stored one, or the same while that is not final. */
  | { readonly kind: 'position'; readonly position: Position }
  /**
   * The same for a second answer (stage 1) about the content with this ETag. A backfill may have put newer content in the place of the first
   * answer: that is of an earlier position, and no answer to it.
   */
  | { readonly kind: 'answer'; readonly position: Position; readonly eTag: string | null }
  /** What is stored is still the write that was read. */
  | { readonly kind: 'unchanged'; readonly seen: Entry | null };

/** A DynamoDB condition, as DynamoDBDocumentClient takes it. */
export interface ConditionInput {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, string | number | null>;
}

const NAMES = { '#sequencer': 'sequencer', '#stage': 'stage' };

/** The decision itself: whether `condition` lets a write replace `stored`. */
export function holds(condition: WriteCondition, stored: Entry | null): boolean {
  switch (condition.kind) {
    case 'position':
      return applies(condition.position, stored);
    case 'answer':
      return applies(condition.position, stored) && !isOtherContent(condition, stored);
    case 'unchanged':
      return isSameWrite(condition.seen, stored);
  }
}

/** The same decision for the table. AND binds closer than OR; parentheses would cost dynalite's parser milliseconds each. */
export function toConditionInput(condition: WriteCondition): ConditionInput {
  switch (condition.kind) {
    case 'position':
      return later(condition.position, '#sequencer = :sequencer AND #stage < :stage');
    case 'answer': {
      const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = later(
        condition.position,
        '#sequencer = :sequencer AND #stage < :stage AND #eTag = :eTag',
      );
      return {
        ConditionExpression,
        ExpressionAttributeNames: { ...ExpressionAttributeNames, '#eTag': 'eTag' },
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ':eTag': condition.eTag },
      };
    }
    case 'unchanged':
      return unchanged(condition.seen);
  }
}

/** Of a label row: nothing stored, or a row that is not of a later position. */
export function toRowConditionInput(position: Position): ConditionInput {
  return {
    ConditionExpression:
      'attribute_not_exists(pk) OR #sequencer < :sequencer OR #sequencer = :sequencer AND #stage <= :stage',
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: positionValues(position),
  };
}

function later(position: Position, earlierStage: string): ConditionInput {
  return {
    ConditionExpression:
      `attribute_not_exists(pk) OR #sequencer < :sequencer OR ${earlierStage} OR ` +
      '#sequencer = :sequencer AND #stage = :stage AND #state = :failed',
    ExpressionAttributeNames: { ...NAMES, '#state': 'state' },
    ExpressionAttributeValues: {
      ...positionValues(position),
      ':failed': 'failed' satisfies ImageState,
    },
  };
}

/** Whether what stands at an earlier stage of the same sequencer is not this content's. */
function isOtherContent(
  { position, eTag }: { position: Position; eTag: string | null },
  stored: Entry | null,
): boolean {
  if (stored === null || stored.sequencer !== position.sequencer || stored.stage >= position.stage) return false;
  return isTombstone(stored) || stored.eTag !== eTag;
}

function unchanged(seen: Entry | null): ConditionInput {
  if (seen === null) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const place = '#sequencer = :sequencer AND #stage = :stage AND #versionId = :versionId';
  const names = { ...NAMES, '#versionId': 'versionId', '#state': 'state' };
  const values = { ...positionValues(seen), ':versionId': seen.versionId };
  if (isTombstone(seen)) {
    return {
      ConditionExpression: `${place} AND attribute_not_exists(#state)`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    };
  }
  const { escalatedTo } = seen;
  // Of a record that asks no heavy model the attribute is null, or not there at all.
  const answers =
    escalatedTo === null ? 'NOT attribute_type(#escalatedTo, :escalatedTo)' : '#escalatedTo = :escalatedTo';
  return {
    ConditionExpression: `${place} AND #state = :state AND #eTag = :eTag AND ${answers}`,
    ExpressionAttributeNames: { ...names, '#eTag': 'eTag', '#escalatedTo': 'escalatedTo' },
    ExpressionAttributeValues: {
      ...values,
      ':state': seen.state,
      ':eTag': seen.eTag,
      ':escalatedTo': escalatedTo ?? 'S',
    },
  };
}

function positionValues({ sequencer, stage }: Position) {
  return { ':sequencer': sequencer, ':stage': stage };
}
