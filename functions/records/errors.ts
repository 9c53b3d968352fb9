import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** An item of the table is not one that this version writes. It was made by hand, or by a newer version. */
export class StoredRecordError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'stored-record', status: 500, cause });
  }
}
