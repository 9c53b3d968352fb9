import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** The table is busy and left items out, also after several attempts. */
export class TableBusyError extends AutoSwiftNetError {
  constructor(message: string) {
    super(message, { code: 'table-busy', status: 503 });
  }
}

/** This version did not write the item in the table: a newer version or a person did. */
export class StoredRecordError extends AutoSwiftNetError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'stored-record', status: 500, cause });
  }
}
