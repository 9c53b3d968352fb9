import { execFile } from 'node:child_process';
import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { samplePicture } from '../../../integration/uploads.ts';
import { dropFiles, testInChromium } from '../browser.ts';
import { choose, type OpenPages, pathOf, verdicts } from './open-pages.ts';

const run = promisify(execFile);

/** Pictures that are dropped, pasted and chosen. */
export function classifyingTests({ folder, open }: OpenPages): void {
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

  testInChromium('an answer can be copied as JSON, and its request as a curl command that works', async () => {
    const page = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
    await choose(page, [pathOf('daisy-1')]);
    await verdicts(page, 1);
    const copied = async (name: string) => {
      await page.getByRole('button', { name: `${name} of daisy-1.jpg` }).click();
      await page.getByText(`${name}: Copied`).waitFor({ state: 'attached' });
      return page.evaluate(() => navigator.clipboard.readText());
    };

    const { timings: _, ...answer } = JSON.parse(await copied('Copy JSON'));
    const command = await copied('Copy curl');

    expect(answer).toMatchObject({ model: 'sample', predictions: { length: 5 }, explanation: { label: 'daisy' } });
    const { stdout } = await run('sh', ['-c', command], { cwd: dirname(pathOf('daisy-1')) });
    expect(JSON.parse(stdout)).toMatchObject(answer);
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
      const notes = join(folder(), 'notes.txt');
      const cut = join(folder(), 'cut.jpg');
      await writeFile(notes, 'no picture at all');
      await copyFile(pathOf('daisy-1'), cut);
      await truncate(cut, 4_000);
      const page = await open();

      await choose(page, [notes, cut, pathOf('daisy-2')]);
      await verdicts(page, 1);
      await page.getByRole('heading', { name: '3 pictures, 2 failed' }).waitFor();

      const [first, second] = await page.locator('.result .notice').allTextContents();
      expect(first).toContain('Not a pictureChoose a JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC file.');
      expect(second).toContain('The picture is damaged or cut off');
      const reason = page.getByText('unsupported file type; the file starts with 6e 6f 20 70');
      expect(await reason.isVisible()).toBe(false);
      await page.getByText('Details').first().click();
      expect(await reason.isVisible()).toBe(true);
    },
  );

  testInChromium('a picture in a format that browsers cannot show still gets its label', async () => {
    const tiff = join(folder(), 'lemon.tiff');
    await sharp(pathOf('lemon-1')).tiff().toFile(tiff);
    const page = await open();

    await choose(page, [tiff]);

    expect(await verdicts(page, 1)).toEqual(['lemon']);
    await page.getByText('Browsers cannot show TIFF').waitFor();
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
}
