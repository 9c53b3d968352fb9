import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { samplePicture } from '../../../integration/uploads.ts';
import { dropFiles, dropPaths, testInChromium } from '../browser.ts';
import { choose, chooseBy, type OpenPages, pathOf, verdicts } from './open-pages.ts';

/** Without the bars of its browser. */
const PHONE = { width: 390, height: 664 };

/** The ways by which pictures come to the page. */
export function incomingTests({ folder, open }: OpenPages): void {
  testInChromium('a dropped folder is walked to the end, and what is no picture is named', async () => {
    const album = join(folder(), 'album');
    const inner = join(album, 'inner');
    await mkdir(inner, { recursive: true });
    // More than a browser lists at a time.
    const notes = Array.from({ length: 120 }, (_, at) => writeFile(join(album, `note-${at}.txt`), 'no picture'));
    await Promise.all([
      ...notes,
      copyFile(pathOf('daisy-1'), join(album, 'zz.jpg')),
      copyFile(pathOf('lemon-1'), join(inner, 'lemon.jpg')),
    ]);
    const page = await open();
    await page.getByRole('combobox', { name: 'Model' }).waitFor();

    await dropPaths(page, [album, pathOf('pizza-1')]);

    expect(await verdicts(page, 3)).toEqual(['lemon', 'daisy', 'pizza']);
    await page
      .getByText('Left out, because only pictures can be classified: note-0.txt, note-1.txt, note-2.txt and 117 more.')
      .waitFor();

    // The same without a mouse.
    const chooseFolder = page.getByRole('button', { name: 'Choose a folder' });
    await chooseBy(page, () => chooseFolder.press('Enter'), [inner]);
    expect(await verdicts(page, 4)).toEqual(['lemon', 'lemon', 'daisy', 'pizza']);
  });

  testInChromium('a file that is gone when it is sent is named, and the network is not blamed', async () => {
    const page = await open();
    await page.getByRole('combobox', { name: 'Model' }).waitFor();
    const gone = join(folder(), 'gone.jpg');
    await copyFile(pathOf('daisy-1'), gone);
    await page.context().setOffline(true);
    await choose(page, [gone]);
    await page.getByText('The service cannot be reached', { exact: true }).waitFor();
    await rm(gone);
    await page.context().setOffline(false);

    await page.getByRole('button', { name: 'Try again' }).click();

    await page.getByText('The file cannot be read', { exact: true }).waitFor();
    expect(await page.locator('.result').textContent()).toContain('gone.jpg');
    expect(await page.getByText('cannot be reached').count()).toBe(0);
  });

  testInChromium(
    'a phone offers its camera, and the examples on its first screen; a desktop has no camera',
    async () => {
      const camera = (page: Page) => page.getByRole('button', { name: 'Take a photo' });
      const phone = await open('', { hasTouch: true, isMobile: true, viewport: PHONE });
      await camera(phone).waitFor();
      const example = await phone
        .getByRole('button', { name: /^Drawing of/ })
        .last()
        .boundingBox();
      expect((example?.y ?? Number.NaN) + (example?.height ?? 0)).toBeLessThanOrEqual(PHONE.height);
      expect(await phone.getByText('Add pictures').isVisible()).toBe(true);
      expect(await phone.getByText(/drop/i).filter({ visible: true }).count()).toBe(0);
      expect(await phone.getByRole('button', { name: 'Choose a folder' }).isVisible()).toBe(false);
      const opened = phone.waitForEvent('filechooser');
      await phone.evaluate(() => {}); // after this the browser reports its dialogs
      await camera(phone).tap();
      const input = (await opened).element();
      expect(
        await input.evaluate((one: HTMLInputElement) => [one.accept, one.getAttribute('capture'), one.multiple]),
      ).toEqual(['image/*', 'environment', false]);
      await (await opened).setFiles(pathOf('daisy-1'));
      expect(await verdicts(phone, 1)).toEqual(['daisy']);

      const desktop = await open();
      await desktop.getByRole('button', { name: 'Choose pictures' }).waitFor();
      expect(await camera(desktop).isVisible()).toBe(false);
    },
  );

  testInChromium('a picture dropped on the gallery is classified, too', async () => {
    const page = await open('#gallery');
    await page.getByRole('combobox', { name: 'Label' }).waitFor();

    await dropFiles(page, [{ name: 'flower.jpg', type: 'image/jpeg', path: pathOf('daisy-1') }]);

    expect(await verdicts(page, 1)).toEqual(['daisy']);
    expect(new URL(page.url()).hash).toBe('#classify');
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
}
