import { copyFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { samplePicture, upload, userS3 } from '../../../integration/uploads.ts';
import { hasChromium, testInChromium } from '../browser.ts';
import { keepFiles, keepPictures, nextSecond } from './kept-pictures.ts';
import { choose, type OpenPages, pathOf, verdicts } from './open-pages.ts';

const FIRST_SCREEN_BYTES = 500_000;

/** What the gallery shows of the bucket, and when. */
export function galleryTests({ folder, stack, open }: OpenPages): void {
  testInChromium(
    'a picture that is too large for a request goes through the bucket, and appears in the gallery',
    async () => {
      const large = join(folder(), 'large.jpg');
      await copyFile(pathOf('volcano-1'), large);
      await truncate(large, 5_000_000); // trailing bytes are allowed in a JPEG
      const page = await open();

      await choose(page, [large]);
      expect(await verdicts(page, 1)).toEqual(['volcano']);
      await page.getByRole('link', { name: 'Show in the gallery' }).click();

      const tile = page.locator('.tile', { hasText: 'volcano' });
      await tile.waitFor();
      expect(await tile.textContent()).toMatch(/volcano.*\.jpg/);
    },
  );

  testInChromium('the newest pictures come first, and a file that is no picture says so', async () => {
    for (const picture of ['acorn-1', 'basketball-1']) {
      await nextSecond();
      await keepPictures(stack(), 'order', [picture]);
    }
    await nextSecond();
    await upload(userS3(stack().health.endpoints.s3 ?? ''), 'order/notes.jpg', Buffer.from('no picture'));
    const page = await open('#gallery');
    await page.locator('.tile', { hasText: /Not classified.*notes\.jpg/ }).waitFor();

    const keys = await page.locator('.tile-key').allTextContents();

    expect(keys.slice(0, 3)).toEqual(['notes.jpg', 'order-basketball-1.jpg', 'order-acorn-1.jpg']);
  });

  testInChromium(
    'a new upload appears by itself, in front of the others, and its thumbnail is tried again',
    async () => {
      await keepPictures(stack(), 'live', ['candle-1']);
      const page = await open('#gallery');
      await tileOf(page, 'live-candle-1').locator('img').waitFor();
      let isDown = true;
      await page.route('**/thumbnail', (route) => (isDown ? route.fulfill({ status: 500 }) : route.continue()));

      await nextSecond();
      await keepPictures(stack(), 'live', ['candle-2']);
      const tile = tileOf(page, 'live-candle-2').filter({ hasText: /^No previewcandle/ });
      await tile.waitFor();

      expect(await page.locator('.tile-key').first().textContent()).toBe('live-candle-2.jpg');
      expect(await page.getByRole('status').textContent()).toMatch(/^\d+ pictures/);
      isDown = false;
      await tileOf(page, 'live-candle-2').locator('img').waitFor();
    },
  );

  testInChromium(
    'for somebody who has scrolled, nothing moves: a button says that there are new pictures',
    async () => {
      await keepPictures(stack(), 'scrolled', ['banana-1', 'banana-2', 'maze-1', 'maze-2']);
      const page = await open('#gallery', { viewport: { width: 390, height: 600 } });
      await tileOf(page, 'scrolled-banana-1').waitFor();
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      const placeOf = () => tileOf(page, 'scrolled-banana-1').boundingBox();
      const before = await placeOf();

      await keepPictures(stack(), 'scrolled', ['pizza-1']);
      const news = page.getByRole('button', { name: 'Show 1 new picture' });
      await news.waitFor();
      expect((await placeOf())?.x).toBe(before?.x);
      expect(await tileOf(page, 'scrolled-pizza-1').count()).toBe(0);
      await news.click();

      await tileOf(page, 'scrolled-pizza-1').waitFor();
      expect(await news.count()).toBe(0);
      expect((await tileOf(page, 'scrolled-pizza-1').boundingBox())?.y).toBeLessThan(600);
    },
  );

  testInChromium(
    'a hidden page does not look for new pictures, and shows what is new as soon as it is seen again',
    async () => {
      const page = await open('#gallery');
      await page.locator('.tile').first().waitFor();
      await turnVisibility(page, 'hidden');
      // What was under way when the page was hidden ends meanwhile.
      await keepPictures(stack(), 'hidden', ['maze-1']);
      const asked: string[] = [];
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/images') asked.push(request.url());
      });

      await keepPictures(stack(), 'hidden', ['lemon-1']);
      expect(asked).toEqual([]);
      await turnVisibility(page, 'visible');

      await tileOf(page, 'hidden-lemon-1').waitFor();
    },
  );

  testInChromium('without an answer the page says that new pictures are missing, and catches up', async () => {
    const page = await open('#gallery');
    await page.locator('.tile').first().waitFor();
    await page.context().setOffline(true);
    const late = page.locator('.late');
    await late.waitFor();
    expect(await page.getByRole('status').textContent()).toContain('New pictures do not appear at the moment');

    // One message is enough.
    await page.locator('.chip').first().click();
    await page.getByText('The service cannot be reached', { exact: true }).waitFor();
    expect(await late.count()).toBe(0);
    expect(await page.locator('#cut-off-effect').textContent()).toBe('Hides nothing.');
    await page.goBack();
    await page.getByText('The service cannot be reached', { exact: true }).waitFor();

    await page.context().setOffline(false);

    await page.locator('.tile').first().waitFor();
    await page.locator('.notice, .late').first().waitFor({ state: 'detached' });
  });
}

/** More pictures than a page of the gallery has. Runs last, because they would slow down the others. */
export function longGalleryTests({ stack, open }: OpenPages): void {
  beforeAll(async () => {
    if (!hasChromium) return;
    const [original, small] = await Promise.all([noise(1200, 900), samplePicture('daisy-1')]);
    expect(original.length).toBeGreaterThan(700_000);
    // Three rows of six are on the screen.
    const files = Array.from({ length: 25 }, (_, at) => [`long/${at}.jpg`, at < 7 ? small : original] as const);
    await keepFiles(stack(), files);
  });

  testInChromium(
    'the first screen loads less than 500 kB, however large the originals are, and stays put',
    async () => {
      const page = await open('', { viewport: { width: 1920, height: 1080 } });
      await page.goto('about:blank');
      const bytes = await countBytes(page);

      await page.goto(`${stack().url}/#gallery`);
      await page.locator('.tile img').first().waitFor();
      await page.waitForFunction(() => {
        const tiles = [...document.querySelectorAll('.tile')];
        const onScreen = tiles.filter((tile) => tile.getBoundingClientRect().top < innerHeight);
        return onScreen.every((tile) => tile.querySelector('img') !== null);
      });

      expect(bytes()).toBeGreaterThan(50_000);
      expect(bytes()).toBeLessThan(FIRST_SCREEN_BYTES);
      expect(await layoutShift(page)).toBe(0);
    },
  );

  testInChromium('when the next page does not come, that is told where its button was', async () => {
    const page = await open('#gallery');
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    const tiles = page.locator('.tile');
    const before = await tiles.count();
    await page.context().setOffline(true);

    await page.getByRole('button', { name: 'Show more' }).click();

    const failure = page.getByText('The service cannot be reached', { exact: true });
    await failure.waitFor();
    const { y = Number.NaN } = (await failure.boundingBox()) ?? {};
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(720);
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await tiles.nth(before).waitFor();
  });
}

function tileOf(page: Page, name: string) {
  return page.locator('.tile', { hasText: `${name}.jpg` });
}

/** Returns how much of the page has moved by itself, as Chromium measures it: Cumulative Layout Shift. */
function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const seen = (list: PerformanceObserverEntryList) =>
          resolve(list.getEntries().reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0));
        new PerformanceObserver(seen).observe({ type: 'layout-shift', buffered: true });
        setTimeout(resolve, 100, 0); // without a shift the observer is not called
      }),
  );
}

/** Does as if the tab were hidden or shown: a headless browser shows every tab. */
function turnVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

/** A photograph of noise, the largest that a picture of this size can be. */
function noise(width: number, height: number): Promise<Buffer> {
  return sharp({
    create: { width, height, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 60 } },
  })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Counts what a page loads from now on, as it goes over the wire. */
async function countBytes(page: Page): Promise<() => number> {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  return () => bytes;
}
