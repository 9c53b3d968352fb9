import type * as z from 'zod';
import { StoredRecordError } from './errors.ts';

/**
 * Reads an item of the table or its index by its schema.
 * @param place says in the error where the item lies: `table item JOB#1`
 * @param kind says in the error what was expected there: `a job`
 * @throws {StoredRecordError} when the item is not one that this version writes
 */
export function parseItem<Schema extends z.ZodType>(
  schema: Schema,
  item: unknown,
  place: string,
  kind: string,
): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  throw new StoredRecordError(
    `${place} is not ${kind} that this version can read: ${parsed.error.message}. Upgrade autoswiftnet, or delete the item.`,
    parsed.error,
  );
}
