import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../fixtures/events/s3');

/** Reads a fixture as the body of a queue message. */
export function bodyOf(name: string): string {
  return readFileSync(join(FOLDER, `${name}.json`), 'utf8');
}

/** Puts SNS's envelope around a body. */
export function throughSns(body: string): string {
  return JSON.stringify({ ...JSON.parse(bodyOf('sns-put')), Message: body });
}
