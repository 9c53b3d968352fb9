import { comparePositions, type Position } from './position.ts';
import { type Entry, hasFailed, type ImageState, isTombstone } from './record.ts';

/**
 * When a write of an image's entry may happen. Decided here in words, and by the table in one
 * atomic step.
 */
export type WriteCondition =
  /** A later position than the stored one, or the same if that failed. */
  | { readonly kind: 'position'; readonly position: Position }
  /**
   * The same for a second answer (stage 1) about the content with this ETag. A backfill may have
   * put newer content in the place of the first answer: that content has an earlier position, and
   * this is no answer to it.
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

/** Whether `condition` lets a write replace `stored`: the decision itself, in words. */
export function holds(condition: WriteCondition, stored: Entry | null): boolean {
  switch (condition.kind) {
    case 'position':
      return isLater(condition.position, stored);
    case 'answer':
      return isLater(condition.position, stored) && !isOtherContent(condition, stored);
    case 'unchanged':
      return identity(condition.seen) === identity(stored);
  }
}

/**
 * The same decision for the table. AND binds closer than OR; parentheses would cost dynalite's
 * parser milliseconds each.
 */
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

/** When a label row may be written: nothing is stored, or a row of no later position. */
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

/**
 * Whether a write at `position` comes after what is stored, or at the same place and the stored one
 * failed.
 */
function isLater(position: Position, stored: Entry | null): boolean {
  if (stored === null) return true;
  const order = comparePositions(position, stored);
  return order > 0 || (order === 0 && hasFailed(stored));
}

/**
 * The same text for the same write about the same image. The model counts, too: another model's
 * answer about the same content is another write.
 */
function identity(entry: Entry | null): string {
  if (entry === null) return '';
  const { sequencer, stage, versionId } = entry;
  const answer = isTombstone(entry) ? [] : [entry.state, entry.eTag, entry.modelSha256, entry.escalatedTo];
  return JSON.stringify([sequencer, stage, versionId, ...answer]);
}

/** Whether the entry at an earlier stage of the same sequencer is about other content. */
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
  // A record that asks no heavy model has null in this attribute, or lacks it.
  const answers =
    escalatedTo === null ? 'NOT attribute_type(#escalatedTo, :escalatedTo)' : '#escalatedTo = :escalatedTo';
  return {
    ConditionExpression: `${place} AND #state = :state AND #eTag = :eTag AND #modelSha256 = :modelSha256 AND ${answers}`,
    ExpressionAttributeNames: {
      ...names,
      '#eTag': 'eTag',
      '#modelSha256': 'modelSha256',
      '#escalatedTo': 'escalatedTo',
    },
    ExpressionAttributeValues: {
      ...values,
      ':state': seen.state,
      ':eTag': seen.eTag,
      ':modelSha256': seen.modelSha256,
      ':escalatedTo': escalatedTo ?? 'S',
    },
  };
}

function positionValues({ sequencer, stage }: Position) {
  return { ':sequencer': sequencer, ':stage': stage };
}
