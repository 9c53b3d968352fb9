import { execFile } from 'node:child_process';
import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { dropFiles, testInChromium, testWithCurl } from '../browser.ts';
import { choose, type OpenPages, pathOf, verdicts } from './open-pages.ts';

const run = promisify(execFile);

/** Answers, and failures. */
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

  testInChromium('where the model wavers between labels, the answer says what they have in common', async () => {
    const page = await open();

    await choose(page, [pathOf('ladybug-2')]);

    expect(await verdicts(page, 1)).toEqual(['ladybug']);
    await page.getByText(/^A kind of animal: 85\.\d%$/).waitFor();
  });

  testInChromium('a picture fills its frame, and the part that the model saw is explained', async () => {
    const page = await open();
    await choose(page, [pathOf('daisy-1')]);
    await verdicts(page, 1);
    const sizeOf = async (selector: string) => {
      const { width = 0, height = 0 } = (await page.locator(selector).boundingBox()) ?? {};
      return { width, height };
    };

    const [stage, picture, frame] = [await sizeOf('.stage'), await sizeOf('.picture'), await sizeOf('.frame')];

    // The picture has 320 x 360 pixels, so its height is what limits it.
    expect(picture.height).toBeCloseTo(stage.height, 0);
    expect(picture.width / picture.height).toBeCloseTo(320 / 360, 2);
    expect(frame.width / picture.width).toBeCloseTo(224 / 256, 2);
    const legend = page.getByText('Frame: what the model saw');
    await legend.waitFor();
    await page.getByText('Colour: where it sees daisy').waitFor();
    await page.getByRole('button', { name: /^Map/ }).click();
    await legend.waitFor({ state: 'detached' });
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

    await page.getByRole('checkbox', { name: 'Map of where it looks' }).uncheck();
    await choose(page, [pathOf('lemon-1')]);
    expect(await verdicts(page, 2)).toEqual(['lemon', 'daisy']);
    expect(await page.locator('.map').count()).toBe(1);
  });

  testWithCurl('an answer can be copied as JSON, and its request as a curl command that works', async () => {
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
