import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** This version did not write the item in the table: a newer version or a person did. */
export class StoredRecordError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'stored-record', status: 500, cause });
  }
}
