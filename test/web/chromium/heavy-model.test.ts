import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type Stack, startStack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { hasChromium, launchChromium, openWatched, testInChromium } from './browser.ts';

const HEAVY = 'sample.heavy';

/** Between the sample model's 0.80 for the pizza and its 0.86 for the daisy. */
const THRESHOLD = '0.83';

let folder: string;
let stack: Stack;
let browser: Browser;
let complaints: string[];

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-heavy-page-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  const variables = { ...process.env, AUTOSWIFTNET_CASCADE_THRESHOLD: THRESHOLD };
  const options = { dataDir: join(folder, 'data'), packageDir, heavyPackageDir: packageDir, port: 0, variables };
  [stack, browser] = await Promise.all([startStack(options), launchChromium()]);
});

afterEach(async () => {
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
  if (hasChromium) expect(complaints).toEqual([]);
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([browser.close(), stack.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** @param model to choose in the list */
async function classify(model: string, names: readonly string[]): Promise<Page> {
  const watched = await openWatched(browser, stack.url, [stack.url, stack.health.endpoints.s3 ?? '']);
  complaints = watched.complaints;
  const { page } = watched;
  await page.getByRole('combobox', { name: 'Model' }).selectOption(model);
  const files = names.map((name) =>
    fileURLToPath(new URL(`../../../models/sample/images/${name}.jpg`, import.meta.url)),
  );
  await page.locator('input[type=file]').setInputFiles(files);
  return page;
}

testInChromium('a heavy model’s answer appears when its job is done, with its map', async () => {
  const page = await classify(HEAVY, ['daisy-1', 'lemon-1']);

  await page.getByText(`The answer of the heavy model ${HEAVY} will appear here.`).first().waitFor();
  await page.getByRole('heading', { name: '2 pictures', exact: true }).waitFor();

  expect(await page.locator('.result .verdict').allTextContents()).toEqual(['daisy', 'lemon']);
  expect(await page.locator('.result .facts').first().textContent()).toContain(HEAVY);
  expect(await page.locator('.result .map').count()).toBe(2);
});

testInChromium(
  'with auto, a picture that the small model is not sure of gets a second look, and no other does',
  async () => {
    const page = await classify('auto', ['pizza-1', 'daisy-1']);

    await page
      .getByText(/sample was not sure \(pizza, 80\.\d%\), so the heavy model sample\.heavy was asked\./)
      .waitFor();

    expect(await page.locator('.result .verdict').allTextContents()).toEqual(['pizza', 'daisy']);
    const models = await page.locator('.result .facts span:first-child').allTextContents();
    expect(models).toEqual([HEAVY, 'sample']);
    expect(await page.getByText('second look').count()).toBe(1);
  },
);
