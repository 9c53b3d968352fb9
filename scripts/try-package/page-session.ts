/**
 * One fenced block of a page: a command to run, a file to save, or the output of the last command.
 */
export type Step =
  | { readonly kind: 'command'; readonly line: string }
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'output'; readonly text: string };

/**
 * What a reader does in one section of a page, in order, and the image that the section tells them
 * to use.
 */
export interface PageSession {
  readonly steps: readonly Step[];
  /** Path of the image from the repository's root. */
  readonly picture: string;
}

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;
const PICTURE = /\]\(([^()\s]+\.jpg)\)/g;

const NEEDED: Readonly<Record<Step['kind'], string>> = { command: 'commands', file: 'a program', output: 'output' };

/** The first line of a program has the name under which it is saved: `// classify.mjs`. */
const FILE_NAME = /^\/\/ (\S+\.mjs)\n/;

/**
 * Reads the blocks of a section. `sh` has commands, one per line; `js` a program whose first line
 * names its file; `text` the output of the command before it.
 * @param heading the section's heading, without the `##`
 * @throws {Error} when the section is missing, has no command, program, output or image, or has a
 *   block of another kind
 */
export function pageSession(page: string, heading: string): PageSession {
  const section = sectionOf(page, heading);
  const steps = [...section.matchAll(BLOCK)].flatMap(([, language = '', text = '']) =>
    stepsOf(language, text, heading),
  );
  for (const [kind, what] of Object.entries(NEEDED)) {
    if (!steps.some((step) => step.kind === kind)) throw new Error(`"${heading}" has no block with ${what}`);
  }
  const pictures = new Set([...section.matchAll(PICTURE)].map(([, path = '']) => path));
  const [picture] = pictures;
  if (picture === undefined || pictures.size > 1) {
    throw new Error(
      `"${heading}" must link one picture (.jpg), so that its output can be checked; it links ${pictures.size}`,
    );
  }
  return { steps, picture };
}

function sectionOf(page: string, heading: string): string {
  const start = page.indexOf(`\n## ${heading}\n`);
  if (start === -1) throw new Error(`the page has no section "${heading}"`);
  const end = page.indexOf('\n## ', start + 1);
  return page.slice(start, end === -1 ? undefined : end);
}

function stepsOf(language: string, text: string, heading: string): Step[] {
  switch (language) {
    case 'sh':
      return text
        .trim()
        .split('\n')
        .map((line) => ({ kind: 'command', line }));
    case 'js': {
      const [, name] = FILE_NAME.exec(text) ?? [];
      if (name === undefined)
        throw new Error(`"${heading}": the first line of a program must name its file: // NAME.mjs`);
      return [{ kind: 'file', name, text }];
    }
    case 'text':
      return [{ kind: 'output', text }];
    default:
      throw new Error(`"${heading}": a block is marked '${language}'; use sh, js or text`);
  }
}
