import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Stack } from '../../../../local/stack.ts';
import { ensureSamplePackage } from '../../../../models/sample/sample.ts';
import { startPublishedStack } from '../../../integration/published-stack.ts';
import { hasChromium, launchChromium } from '../browser.ts';
import { ReusedPage } from './reused-page.ts';

/** One local stack and one browser for all tests of a file. */
export interface OpenPages {
  /** For temporary files. */
  readonly folder: () => string;
  readonly stack: () => Stack;
  /** Opens the page as if nobody had opened it before. */
  readonly open: (hash?: string, options?: BrowserContextOptions) => Promise<Page>;
  /** What the page that was opened last did wrong. The test fails unless it takes them out. */
  readonly complaints: () => string[];
}

interface StackOptions {
  /** Environment variables besides those of the test. Default: none. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether the sample model also runs as a heavy one, named `sample.heavy`. Default: no. */
  readonly hasHeavyModel?: boolean;
}

/** Starts both before the first test, and closes the pages after each. */
export function useOpenPages({ variables = {}, hasHeavyModel = false }: StackOptions = {}): OpenPages {
  let folder: string;
  let stack: Stack;
  let browser: Browser;
  let complaints: string[];
  const reused = new ReusedPage();

  beforeAll(async () => {
    if (!hasChromium) return;
    folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-page-'));
    const packageDir = await ensureSamplePackage(join(folder, 'models'));
    [stack, browser] = await Promise.all([
      startPublishedStack({
        dataDir: join(folder, 'data'),
        packageDir,
        ...(hasHeavyModel ? { heavyPackageDir: packageDir } : {}),
        port: 0,
        variables: { ...process.env, ...variables },
      }),
      launchChromium(),
    ]);
  });

  beforeEach(() => {
    complaints = [];
  });

  afterEach(async () => {
    if (browser !== undefined) await reused.release(browser);
    expect(complaints).toEqual([]);
  });

  afterAll(async () => {
    if (!hasChromium) return;
    await Promise.all([browser.close(), stack.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  return {
    folder: () => folder,
    stack: () => stack,
    complaints: () => complaints,
    async open(hash = '', options = {}) {
      const origins = [stack.url, stack.health.endpoints.s3 ?? ''];
      const watched = await reused.open(browser, `${stack.url}/${hash}`, origins, options);
      complaints = watched.complaints;
      return watched.page;
    },
  };
}

export function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../../models/sample/images/${name}.jpg`, import.meta.url));
}

/** Returns the verdicts on the page, once there are this many. */
export async function verdicts(page: Page, count: number): Promise<string[]> {
  await page
    .locator('.result .verdict-label')
    .nth(count - 1)
    .waitFor();
  return page.locator('.result .verdict-label').allTextContents();
}

export async function choose(page: Page, files: readonly string[]): Promise<void> {
  await chooseBy(page, () => page.getByRole('button', { name: 'Choose pictures' }).click(), files);
}

/** @param open opens the browser's file dialog */
export async function chooseBy(page: Page, open: () => Promise<void>, files: readonly string[]): Promise<void> {
  const opened = page.waitForEvent('filechooser');
  await page.evaluate(() => {}); // after this the browser reports its dialogs
  await open();
  await (await opened).setFiles([...files]);
}
