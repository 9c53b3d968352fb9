import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A backfill is under way already, or its name was used before. */
export class BackfillStartError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'backfill-not-started', status: 409, cause });
  }
}

/** An inventory cannot be read, or has not the columns that a backfill needs. */
export class InventoryError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'invalid-inventory', status: 422, cause });
  }
}
