import { jest } from '@jest/globals';

/**
 * Keeps what each test of this file prints, and shows nothing of it. The exit code that a command
 * sets does not become that of the tests.
 */
export function keepOutput(): { printed: string } {
  const output = { printed: '' };
  beforeEach(() => {
    output.printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output.printed += text;
      return true;
    });
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = undefined;
  });
  return output;
}
