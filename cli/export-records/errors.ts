import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** The file that says how far an export is does not belong to this export, or is damaged. */
export class ExportStateError extends AutoSwiftNetError {
  constructor(path: string, fault: string) {
    super(`${path} ${fault}. Give the same table as before, or remove this file and the output to start again.`, {
      code: 'export-state',
      status: 409,
    });
  }
}
