import { comparePositions, type Position } from './position.ts';
import { type Entry, hasFailed, type ImageState, isTombstone } from './record.ts';

/**
 * The condition under which an image's entry may be written. `holds` checks it in code; the table
 * checks it in the same atomic step as the write.
 */
export type WriteCondition =
  /** The position is later than the stored one, or equal to that of a stored `failed`. */
  | { readonly kind: 'position'; readonly position: Position }
  /**
   * As `position`, for a second answer (stage 1) about the content with this ETag. A backfill may
   * have replaced the first answer by one about newer content. That answer has an earlier position,
   * but this one is about other content and must not replace it.
   */
  | { readonly kind: 'answer'; readonly position: Position; readonly eTag: string | null }
  /** The stored entry is still the one that was read. */
  | { readonly kind: 'unchanged'; readonly seen: Entry | null };

/** A DynamoDB condition, as DynamoDBDocumentClient takes it. */
export interface ConditionInput {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, string | number | null>;
}

const NAMES = { '#sequencer': 'sequencer', '#stage': 'stage' };

/** Whether `condition` lets a write replace `stored`. */
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
 * Makes the same check for the table. It has no parentheses (AND binds closer than OR), because
 * each pair would cost dynalite's parser milliseconds.
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

/**
 * Makes the condition under which a label row may be written: there is no row yet, or the stored
 * row is not from a later position.
 */
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
 * Whether a write at `position` is later than the stored entry, or at the same position as a stored
 * `failed`.
 */
function isLater(position: Position, stored: Entry | null): boolean {
  if (stored === null) return true;
  const order = comparePositions(position, stored);
  return order > 0 || (order === 0 && hasFailed(stored));
}

/**
 * Returns a text that is equal for equal writes about one image. The model counts, too: another
 * model's answer about the same content is a different write.
 */
function identity(entry: Entry | null): string {
  if (entry === null) return '';
  const { sequencer, stage, versionId } = entry;
  const answer = isTombstone(entry) ? [] : [entry.state, entry.eTag, entry.modelSha256, entry.escalatedTo];
  return JSON.stringify([sequencer, stage, versionId, ...answer]);
}

/**
 * Whether the stored entry is at an earlier stage of the same sequencer, and about other content.
 */
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
