import * as z from 'zod';
import { reasonSchema } from '../wire.ts';

/** What became of one item of a run. */
export const ITEM_OUTCOMES = [
  /** The model's answer is recorded. */
  'tagged',
  /** It cannot be classified. The reason is recorded. */
  'rejected',
  /** Our fault. `failed` is recorded unless an answer was stored. Another run tries again. */
  'failed',
  /** The model had answered about this content before, or it was rejected before. */
  'already-answered',
  /** It was left to the heavy model, whose queue has the request. */
  'forwarded',
  /** The object is gone, or an upload that came meanwhile has its own answer. */
  'gone',
  'superseded',
  /** It is in an archive, and would have to be restored first. */
  'archived',
  /** Prefix, suffix or size are not those that the run asks for. */
  'filtered',
  'folder-marker',
  /** A line of an inventory about an older version, or a delete marker. */
  'not-latest',
] as const;

export type ItemOutcome = (typeof ITEM_OUTCOMES)[number];

/** A line of the results. */
export const itemResultSchema = z.object({
  key: z.string(),
  outcome: z.enum(ITEM_OUTCOMES),
  /** Why it was rejected or failed; null for all else. */
  reason: z.nullable(reasonSchema),
});

export type ItemResult = z.output<typeof itemResultSchema>;

/** How many items of one call came to each outcome. */
export const itemCountsSchema = z.object({
  items: z.record(z.enum(ITEM_OUTCOMES), z.int().nonnegative()),
  /** How many failed, by the code of the reason. */
  failures: z.record(z.string(), z.int().positive()),
  /** How many were rejected, by the code of the reason. */
  rejections: z.record(z.string(), z.int().positive()),
});

export type ItemCounts = z.output<typeof itemCountsSchema>;

/** Counts results. Every outcome has a count, 0 included. */
export function countItems(results: readonly ItemResult[]): ItemCounts {
  const items = Object.fromEntries(ITEM_OUTCOMES.map((outcome) => [outcome, 0])) as ItemCounts['items'];
  const failures: Record<string, number> = {};
  const rejections: Record<string, number> = {};
  for (const { outcome, reason } of results) {
    items[outcome] += 1;
    const reasons = outcome === 'failed' ? failures : rejections;
    if (reason !== null) reasons[reason.code] = (reasons[reason.code] ?? 0) + 1;
  }
  return { items, failures, rejections };
}
