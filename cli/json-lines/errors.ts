import { AutoSwiftNetError } from '../../classifier/errors.ts';

/** A line of a file of JSON Lines is not what a command reads. The message names file and line. */
export class InvalidLineError extends AutoSwiftNetError {
  /**
   * @param file as the user named it; `-` is standard input
   * @param line 1 is the first; or which one it is, in words
   * @param fault what is wrong and what to do, without the file and the line
   */
  constructor(file: string, line: number | string, fault: string) {
    const place = typeof line === 'number' ? `line ${line}` : line;
    super(`${file === '-' ? 'standard input' : file}, ${place}: ${fault}`, { code: 'invalid-line', status: 422 });
  }
}

/** A command would replace a file that it did not write in this run. */
export class OutputExistsError extends AutoSwiftNetError {
  constructor(path: string) {
    super(`${path} already exists. Choose another name, or add --force to replace it.`, {
      code: 'output-exists',
      status: 409,
    });
  }
}
