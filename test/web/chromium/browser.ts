import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { hasProgram } from '../../has-program.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Starts nothing but the page: no updates, no accounts, no first-run questions. */
const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // All tests of a file use one process for their documents. A process costs as much as a short test.
  '--renderer-process-limit=1',
  '--disable-site-isolation-trials',
];

/** A test takes seconds, but on a busy machine a browser waits a long time for the processor. */
const TEST_TIMEOUT_MS = 90_000;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const hasChromium = existsSync(CHROMIUM);

/**
 * A test that needs Debian's Chromium. Without it the test is skipped, and its title says what to
 * install.
 */
export const testInChromium: (title: string, run: () => Promise<void>) => void = hasChromium
  ? (title, run) => test(title, run, TEST_TIMEOUT_MS)
  : (title, run) => test.skip(`${title} (needs Chromium: apt-get install --no-install-recommends chromium)`, run);

/** A test in Chromium that runs a command as people paste it. */
export const testWithCurl: typeof testInChromium = hasProgram('curl', ['--version'])
  ? testInChromium
  : (title, run) => test.skip(`${title} (needs curl: apt-get install curl)`, run);

/** Starts a browser with its own profile, which is deleted with it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/**
 * A page, and everything it did wrong: errors in its scripts, violations of its policy, requests to
 * others.
 */
export interface WatchedPage {
  readonly page: Page;
  /** One line per fault. Empty if there is none. */
  readonly complaints: string[];
}

/**
 * Opens the page in its own context.
 * @param origins that the page may contact
 */
export async function openWatched(
  browser: Browser,
  url: string,
  origins: readonly string[],
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium prints this for every answer with a status of 400 or more, which some tests cause on
    // purpose.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !origins.includes(origin)) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

/** Returns the findings of axe, one line each. */
export async function axeViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`),
    );
  });
}

/** Drops files on the page as a mouse does. */
export async function dropFiles(page: Page, files: readonly DroppedFile[]): Promise<void> {
  const encoded = await Promise.all(
    files.map(async ({ name, type, path }) => ({ name, type, base64: await readFile(path, 'base64') })),
  );
  await page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, type, base64 } of dropped) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name, { type }));
    }
    for (const event of ['dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(event, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, encoded);
}

/** Drops files and folders of this machine on the page, as a mouse does from a file manager. */
export async function dropPaths(page: Page, paths: readonly string[]): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devTools.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data });
  }
  await devTools.detach();
}

interface DroppedFile {
  readonly name: string;
  readonly type: string;
  readonly path: string;
}
