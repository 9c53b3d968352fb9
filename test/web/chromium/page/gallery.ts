import { copyFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, samplePicture, tagsOf, upload, userS3 } from '../../../integration/uploads.ts';
import { axeViolations, testInChromium } from '../browser.ts';
import { choose, type OpenPages, pathOf, verdicts } from './open-pages.ts';

/** What the gallery shows of the bucket. */
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

      const tile = page.getByRole('button', { name: /volcano/ });
      await tile.waitFor();
      expect(await tile.textContent()).toMatch(/volcano.*\.jpg/);
    },
  );

  testInChromium('the gallery shows the bucket, filters it by label, and opens a picture', async () => {
    const s3 = userS3(stack().health.endpoints.s3 ?? '');
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
}
