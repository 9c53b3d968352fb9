import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { samplePicture } from '../../../integration/uploads.ts';
import { axeViolations, testInChromium, testWithCurl } from '../browser.ts';
import { keepFiles, keepPictures } from './kept-pictures.ts';
import type { OpenPages } from './open-pages.ts';

/** One picture of the gallery, open. */
export function galleryDetailTests({ stack, open }: OpenPages): void {
  testInChromium('an open picture has an address, which can be linked, and Back closes it', async () => {
    await keepPictures(stack(), 'opened', ['pizza-1']);
    const page = await open('#gallery?label=pizza', { viewport: { width: 390, height: 844 } });
    const tile = page.locator('.tile', { hasText: 'opened-pizza-1.jpg' });

    await tile.click();
    const dialog = dialogOf(page, 'pizza');
    await dialog.waitFor();
    expect(new URL(page.url()).hash).toMatch(/^#gallery\/[A-Za-z0-9_-]+\?label=pizza$/);
    expect(await dialog.textContent()).toContain('kept/opened-pizza-1.jpg');
    expect(await page.title()).toBe('pizza: opened-pizza-1.jpg, AutoSwiftNet');
    expect(await axeViolations(page)).toEqual([]);
    await page.reload();
    await dialog.waitFor();
    await page.goBack();

    await dialog.waitFor({ state: 'detached' });
    expect(await page.title()).toBe('Gallery, AutoSwiftNet');
    expect(new URL(page.url()).hash).toBe('#gallery?label=pizza');
  });

  testInChromium('Escape closes it as Back does, and the focus returns to the picture', async () => {
    await keepPictures(stack(), 'closed', ['balloon-1']);
    const page = await open('#gallery');
    const tile = page.locator('.tile', { hasText: 'closed-balloon-1.jpg' });
    await tile.click();
    const steps = await page.evaluate(() => history.length);

    await page.keyboard.press('Escape');
    await dialogOf(page, 'balloon').waitFor({ state: 'detached' });

    expect(await tile.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(new URL(page.url()).hash).toBe('#gallery');
    expect(await page.evaluate(() => history.length)).toBe(steps);
    await page.goForward();
    await dialogOf(page, 'balloon').waitFor();
  });

  testInChromium('the arrow keys and buttons lead to the pictures beside it', async () => {
    await keepPictures(stack(), 'beside', ['volcano-1', 'acorn-1', 'candle-1']);
    const page = await open('#gallery');
    await page.locator('.tile').nth(2).waitFor();
    const [first = '', second = '', third = ''] = await page.locator('.tile-key').allTextContents();
    const opened = (name: string) => page.getByRole('dialog').getByText(`/${name}`).waitFor();
    await page.locator('.tile').nth(1).click();
    await opened(second);

    await page.keyboard.press('ArrowRight');
    await opened(third);
    await page.keyboard.press('ArrowLeft');
    await opened(second);
    await page.getByRole('button', { name: 'Previous' }).click();
    await opened(first);
    expect(await page.getByRole('dialog').textContent()).toMatch(/1 of \d+/);
    expect(await page.getByRole('button', { name: 'Previous' }).getAttribute('aria-disabled')).toBe('true');
    await page.goBack();

    // Going through the pictures left no steps behind.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const tile = page.locator('.tile', { hasText: first });
    expect(await tile.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  testInChromium(
    'it shows where the model sees the label, over the whole picture, until that is turned off',
    async () => {
      await keepPictures(stack(), 'mapped', ['starfish-1', 'starfish-2']);
      const page = await open('#gallery?label=starfish');
      await page.locator('.tile').nth(1).waitFor();
      const [first = '', second = ''] = await page.locator('.tile-key').allTextContents();
      // The thumbnail is there as long as the original is not.
      let send = () => {};
      const sent = new Promise<void>((resolve) => {
        send = resolve;
      });
      await page.route(`**/${first}?*`, (route) => sent.then(() => route.continue()));
      await page.locator('.tile').first().click();
      await page.locator('.backdrop[src^="data:"]').waitFor();
      send();
      const map = page.getByRole('img', { name: 'Where the model sees starfish' });
      await map.waitFor();
      const [over, under] = await Promise.all([
        map.boundingBox(),
        page.getByRole('img', { name: first, exact: true }).boundingBox(),
      ]);
      for (const side of ['x', 'y', 'width', 'height'] as const)
        expect(over?.[side]).toBeCloseTo(under?.[side] ?? 0, 0);
      await page.getByRole('button', { name: /^Map/ }).click();
      expect(await map.evaluate((image) => getComputedStyle(image).opacity)).toBe('0');

      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.keyboard.press('ArrowRight');
      await page.getByRole('img', { name: second, exact: true }).waitFor();

      expect(await page.getByRole('button', { name: /^Map/ }).getAttribute('aria-pressed')).toBe('false');
      expect(asked).not.toContain('/classify');
    },
  );

  testInChromium('a picture that browsers cannot show is shown as its thumbnail, with the map', async () => {
    const tiff = await sharp(await samplePicture('goldfish-1'))
      .tiff()
      .toBuffer();
    await keepFiles(stack(), [['shown/goldfish.tiff', tiff]]);
    const page = await open('#gallery');
    await page.locator('.tile', { hasText: 'goldfish.tiff' }).click();

    const picture = page.getByRole('img', { name: 'goldfish.tiff' });
    await page.getByRole('img', { name: 'Where the model sees goldfish' }).waitFor();

    expect(
      await picture.evaluate((image: HTMLImageElement) => [image.src.slice(0, 5), image.naturalWidth > 0]),
    ).toEqual(['data:', true]);
  });

  testInChromium('a picture that is gone says so', async () => {
    const page = await open('#gallery/bm9uZS5qcGc');

    await page.getByText('This picture is no longer in the bucket').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#gallery');
  });

  testWithCurl('its record can be copied as JSON, and the copied command gets the same', async () => {
    await keepPictures(stack(), 'copied', ['daisy-1']);
    const page = await open('#gallery', { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('.tile', { hasText: 'copied-daisy-1.jpg' }).click();
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

    await press(page.getByRole('button', { name: 'Copy JSON' }));
    const record = JSON.parse(await clipboard());
    await press(page.getByRole('button', { name: 'Copy curl' }));
    const { stdout } = await promisify(execFile)('sh', ['-c', await clipboard()]);

    expect(record).toMatchObject({ state: 'tagged', predictions: { 0: { label: 'daisy' } } });
    const { url: _url, urlExpiresAt: _urlExpiresAt, ...facts } = record;
    expect(JSON.parse(stdout)).toMatchObject(facts);
  });
}

function dialogOf(page: Page, label: string): Locator {
  return page.getByRole('dialog', { name: label });
}

/** Presses a button that copies, and waits until it has. */
async function press(button: Locator): Promise<void> {
  await button.click();
  await button.page().getByText('Copied').first().waitFor();
}
