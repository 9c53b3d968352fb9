import { copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { type Stack, startStack } from '../../../local/stack.ts';
import { ensureSamplePackage } from '../../../models/sample/sample.ts';
import { eventually, samplePicture, tagsOf, upload, userS3 } from '../../integration/uploads.ts';
import { axeViolations, dropFiles, hasChromium, launchChromium, openWatched, testInChromium } from './browser.ts';

const NARROW = { width: 360, height: 740 };

let folder: string;
let stack: Stack;
let browser: Browser;
let complaints: string[];

beforeAll(async () => {
  if (!hasChromium) return;
  folder = await mkdtemp(join(tmpdir(), 'autoswiftnet-page-'));
  const packageDir = await ensureSamplePackage(join(folder, 'models'));
  [stack, browser] = await Promise.all([
    startStack({ dataDir: join(folder, 'data'), packageDir, port: 0 }),
    launchChromium(),
  ]);
});

beforeEach(() => {
  complaints = [];
});

afterEach(async () => {
  await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
  expect(complaints).toEqual([]);
});

afterAll(async () => {
  if (!hasChromium) return;
  await Promise.all([browser.close(), stack.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function open(hash = '', options: BrowserContextOptions = {}): Promise<Page> {
  const origins = [stack.url, stack.health.endpoints.s3 ?? ''];
  const watched = await openWatched(browser, `${stack.url}/${hash}`, origins, options);
  complaints = watched.complaints;
  return watched.page;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../models/sample/images/${name}.jpg`, import.meta.url));
}

/** Returns the verdicts on the page, once there are this many. */
async function verdicts(page: Page, count: number): Promise<string[]> {
  await page
    .locator('.result .verdict')
    .nth(count - 1)
    .waitFor();
  return page.locator('.result .verdict').allTextContents();
}

async function choose(page: Page, files: readonly string[]): Promise<void> {
  await chooseBy(page, () => page.getByRole('button', { name: 'Choose pictures' }).click(), files);
}

/** @param open opens the browser's file dialog */
async function chooseBy(page: Page, open: () => Promise<void>, files: readonly string[]): Promise<void> {
  const opened = page.waitForEvent('filechooser');
  await page.evaluate(() => {}); // after this the browser reports its dialogs
  await open();
  await (await opened).setFiles([...files]);
}

testInChromium('a dropped picture gets its label, bars, and the map of where it was seen', async () => {
  const page = await open();

  await dropFiles(page, [{ name: 'flower.jpg', type: 'image/jpeg', path: pathOf('daisy-1') }]);

  expect(await verdicts(page, 1)).toEqual(['daisy']);
  expect(await page.locator('.bar').count()).toBe(5);
  expect(await page.locator('.bar').first().textContent()).toMatch(/^daisy86\.\d%$/);
  const map = page.getByRole('img', { name: 'Where the model sees daisy' });
  await map.waitFor();
  expect(await map.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)).toBe(true);
  const [over, under] = await Promise.all([
    map.boundingBox(),
    page.getByRole('img', { name: 'flower.jpg' }).boundingBox(),
  ]);
  for (const side of ['x', 'y', 'width', 'height'] as const) expect(over?.[side]).toBeCloseTo(under?.[side] ?? 0, 0);
});

testInChromium('a picture dropped on the gallery is classified, too', async () => {
  const page = await open('#gallery');
  await page.getByRole('combobox', { name: 'Label' }).waitFor();

  await dropFiles(page, [{ name: 'flower.jpg', type: 'image/jpeg', path: pathOf('daisy-1') }]);

  expect(await verdicts(page, 1)).toEqual(['daisy']);
  expect(new URL(page.url()).hash).toBe('#classify');
});

testInChromium('the map can be hidden, and is not requested if it is switched off', async () => {
  const page = await open();
  await choose(page, [pathOf('daisy-1')]);
  await verdicts(page, 1);
  const map = page.getByRole('img', { name: 'Where the model sees daisy' });
  const toggle = page.getByRole('button', { name: /^Map/ });

  expect(await toggle.getAttribute('aria-pressed')).toBe('true');
  expect(await map.evaluate((image) => getComputedStyle(image).opacity)).toBe('1');
  await toggle.click();
  expect(await toggle.getAttribute('aria-pressed')).toBe('false');
  expect(await map.evaluate((image) => getComputedStyle(image).opacity)).toBe('0');

  await page.getByRole('checkbox', { name: 'Show where it looks' }).uncheck();
  await choose(page, [pathOf('lemon-1')]);
  expect(await verdicts(page, 2)).toEqual(['lemon', 'daisy']);
  expect(await page.locator('.map').count()).toBe(1);
});

testInChromium('a pasted picture is classified', async () => {
  const page = await open();
  const base64 = (await samplePicture('goldfish-2')).toString('base64');

  await page.evaluate((encoded) => {
    const clipboardData = new DataTransfer();
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, base64);

  expect(await verdicts(page, 1)).toEqual(['goldfish']);
});

testInChromium('ten chosen pictures get ten answers, and the line above them says so', async () => {
  const names = ['acorn', 'balloon', 'banana', 'candle', 'daisy', 'envelope', 'goldfish', 'lemon', 'maze', 'pizza'];
  const page = await open();

  await choose(
    page,
    names.map((name) => pathOf(`${name}-1`)),
  );

  expect(await verdicts(page, 10)).toEqual(names);
  await page.getByRole('heading', { name: '10 pictures', exact: true }).waitFor();
  expect(await page.getByRole('status').textContent()).toBe('10 pictures classified.');
  expect(await page.getByRole('progressbar').count()).toBe(0);
});

testInChromium(
  'a file that cannot be read shows the reason and what to do, and the other files show their labels',
  async () => {
    const notes = join(folder, 'notes.txt');
    const cut = join(folder, 'cut.jpg');
    await writeFile(notes, 'no picture at all');
    await copyFile(pathOf('daisy-1'), cut);
    await truncate(cut, 4_000);
    const page = await open();

    await choose(page, [notes, cut, pathOf('daisy-2')]);
    await verdicts(page, 1);
    await page.getByRole('heading', { name: '3 pictures, 2 failed' }).waitFor();

    const [first, second] = await page.locator('.result .notice').allTextContents();
    expect(first).toContain('Not a picture');
    expect(first).toContain('unsupported file type; the file starts with 6e 6f 20 70');
    expect(first).toContain('Use a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.Choose another file.');
    expect(second).toContain('The picture is damaged or cut off');
  },
);

testInChromium('a picture in a format that browsers cannot show still gets its label', async () => {
  const tiff = join(folder, 'lemon.tiff');
  await sharp(pathOf('lemon-1')).tiff().toFile(tiff);
  const page = await open();

  await choose(page, [tiff]);

  expect(await verdicts(page, 1)).toEqual(['lemon']);
  await page.getByText('Browsers cannot show TIFF').waitFor();
});

testInChromium(
  'a picture that is too large for a request goes through the bucket, and appears in the gallery',
  async () => {
    const large = join(folder, 'large.jpg');
    await copyFile(pathOf('volcano-1'), large);
    await truncate(large, 5_000_000); // trailing bytes are allowed in a JPEG
    const page = await open();

    await choose(page, [large]);
    expect(await verdicts(page, 1)).toEqual(['volcano']);
    await page.getByRole('link', { name: 'Show in the gallery' }).click();

    const tile = page.getByRole('button', { name: /volcano/ });
    await tile.waitFor();
    expect(await tile.textContent()).toMatch(/volcano.*\.jpg/);
  },
);

testInChromium('the gallery shows the bucket, filters it by label, and opens a picture', async () => {
  const s3 = userS3(stack.health.endpoints.s3 ?? '');
  const kept = ['umbrella-1', 'umbrella-2', 'starfish-1'];
  for (const name of kept) await upload(s3, `kept/${name}.jpg`, await samplePicture(name));
  await upload(s3, 'kept/notes.jpg', Buffer.from('no picture'));
  for (const name of kept) {
    await eventually(
      () => tagsOf(s3, `kept/${name}.jpg`),
      (tags) => 'autoswiftnet:label' in tags,
    );
  }
  s3.destroy();
  const page = await open('#gallery');
  await page.getByRole('button', { name: /umbrella-1\.jpg/ }).waitFor();
  await page.getByRole('button', { name: /Not classified.*notes\.jpg/ }).waitFor();

  await page.getByRole('combobox', { name: 'Label' }).fill('umbrella');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('button', { name: /starfish/ }).waitFor({ state: 'detached' });
  const tiles = page.locator('.tile');
  await tiles.nth(1).waitFor();
  expect(await tiles.allTextContents()).toEqual([
    expect.stringMatching(/^umbrella/),
    expect.stringMatching(/^umbrella/),
  ]);
  const picture = tiles.first().locator('img');
  await picture.evaluate((image: HTMLImageElement) => image.decode());
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);

  await tiles.first().click();
  const dialog = page.getByRole('dialog', { name: 'umbrella' });
  await dialog.waitFor();
  expect(await dialog.textContent()).toContain('kept/umbrella-');
  expect(await axeViolations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await tiles.first().evaluate((tile) => tile === document.activeElement)).toBe(true);

  await page.getByRole('link', { name: 'Show all' }).click();
  await page.getByRole('button', { name: /starfish/ }).waitFor();
});

testInChromium('a label without pictures says so', async () => {
  const page = await open('#gallery?label=unicorn&min=0.5');

  await page.getByRole('heading', { name: 'No picture shows “unicorn”' }).waitFor();
  expect(await page.getByRole('combobox', { name: 'Label' }).inputValue()).toBe('unicorn');
  expect(await page.getByRole('status').textContent()).toBe('0 pictures with the label unicorn, at least 50.0%.');
});

testInChromium('everything can be done by keyboard', async () => {
  const page = await open();
  await page.getByRole('combobox', { name: 'Model' }).waitFor();

  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Choose pictures');
  await chooseBy(page, () => page.keyboard.press('Enter'), [pathOf('daisy-1'), pathOf('lemon-1')]);
  await verdicts(page, 2);

  await page.getByRole('button', { name: 'Remove daisy-1.jpg' }).focus();
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('Remove lemon-1.jpg');
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('Choose pictures');

  await page.getByRole('link', { name: 'Gallery' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Label' }).waitFor();
  expect(await page.getByRole('heading', { name: 'Gallery' }).evaluate((it) => it === document.activeElement)).toBe(
    true,
  );
  expect(await page.title()).toBe('Gallery, AutoSwiftNet');
});

function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  testInChromium(
    'axe finds no fault in the start page, results with a failure, the gallery, and an empty search',
    async () => {
      const notes = join(folder, `notes-${colorScheme}.txt`);
      await writeFile(notes, 'no picture at all');
      const page = await open('', { colorScheme });
      await page.getByRole('combobox', { name: 'Model' }).waitFor();

      const found: Record<string, string[]> = { start: await axeViolations(page) };
      await choose(page, [pathOf('daisy-1'), notes]);
      await verdicts(page, 1);
      await page.locator('.result .notice').waitFor();
      found['results'] = await axeViolations(page);
      await page.getByRole('link', { name: 'Gallery' }).click();
      await page.locator('.tile, .empty').first().waitFor();
      found['gallery'] = await axeViolations(page);
      await page.goto(`${stack.url}/#gallery?label=unicorn`);
      await page.locator('.empty').waitFor();
      found['no match'] = await axeViolations(page);

      expect(found).toEqual({ start: [], results: [], gallery: [], 'no match': [] });
    },
  );
});

testInChromium(
  'the policy is in force: no pictures or requests from elsewhere, no inline styles, no markup from text',
  async () => {
    const page = await open();
    await page.getByRole('combobox', { name: 'Model' }).waitFor();

    const outcomes = await page.evaluate(async () => {
      const attempt = async (action: () => unknown) => {
        try {
          await action();
          return 'done';
        } catch {
          return 'refused';
        }
      };
      const image = Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' });
      document.body.setAttribute('style', 'opacity: 0.5');
      return [
        getComputedStyle(document.body).opacity,
        await attempt(() => image.decode()),
        await attempt(() => fetch('https://example.com/')),
        await attempt(() => document.body.insertAdjacentHTML('beforeend', '<p>text</p>')),
      ];
    });

    expect(outcomes).toEqual(['1', 'refused', 'refused', 'refused']);
    // Any violation of the policy would also show in every other test.
    const words = complaints.splice(0).join();
    for (const rule of ['style-src', 'img-src', 'connect-src', 'TrustedHTML']) expect(words).toContain(rule);
  },
);

testInChromium('axe reports a fault that is put there on purpose', async () => {
  const page = await open();
  await page.evaluate(() => document.body.append(document.createElement('button')));

  expect(await axeViolations(page)).toEqual([expect.stringMatching(/^button-name: /)]);
});

testInChromium('360 pixels are wide enough', async () => {
  const page = await open('', { viewport: NARROW });
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.getByRole('combobox', { name: 'Model' }).waitFor();
  const widths = [await overflow()];

  await choose(page, [pathOf('daisy-1')]);
  await verdicts(page, 1);
  widths.push(await overflow());
  await page.getByRole('link', { name: 'Gallery' }).click();
  await page.locator('.tile, .empty').first().waitFor();
  widths.push(await overflow());

  expect(widths).toEqual([0, 0, 0]);
});

testInChromium('without an answer the page says what is wrong, and continues when the service is back', async () => {
  const page = await open();
  await page.getByRole('combobox', { name: 'Model' }).waitFor();
  await page.context().setOffline(true);

  await choose(page, [pathOf('daisy-1')]);
  await page.getByText('The service cannot be reached', { exact: true }).waitFor();
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Try again' }).click();

  expect(await verdicts(page, 1)).toEqual(['daisy']);
});
