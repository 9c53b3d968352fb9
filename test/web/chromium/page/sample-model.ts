import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { testInChromium, testWithCurl } from '../browser.ts';
import { keepPictures } from './kept-pictures.ts';
import { choose, type OpenPages, verdicts } from './open-pages.ts';

const run = promisify(execFile);

/** A photograph. */
const COFFEE = fileURLToPath(new URL('../../../fixtures/preprocess/coffee.jpg', import.meta.url));

/** What the page says of a model that knows drawings only. */
export function sampleModelTests({ stack, open }: OpenPages): void {
  testWithCurl('the sample model says what it knows, and offers its drawings to click', async () => {
    const page = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
    const note = page.getByRole('complementary', { name: 'What this model knows' });
    await note.waitFor();
    expect(await note.textContent()).toMatch(/knows 32 drawn things, and no photographs/);
    expect(await note.textContent()).toContain('npx autoswiftnet models fetch resnet50_swsl --precision int8');

    await page.getByRole('button', { name: 'Drawing of a goldfish' }).click();

    expect(await verdicts(page, 1)).toEqual(['goldfish']);
    // It makes room for the results.
    const command = page.getByRole('button', { name: 'Copy command' });
    expect(await command.isVisible()).toBe(false);
    await note.getByText('This model knows 32 drawn things, and no photographs.').click();
    expect(await command.isVisible()).toBe(true);
    expect(await page.locator('.verdict').textContent()).toBe('goldfish');
    await page.getByRole('button', { name: 'Copy curl' }).click();
    await page.getByText('Copy curl: Copied').waitFor({ state: 'attached' });
    const { stdout } = await run('sh', ['-c', await page.evaluate(() => navigator.clipboard.readText())]);
    expect(JSON.parse(stdout)).toMatchObject({ predictions: [{ label: 'goldfish' }, {}, {}, {}, {}] });
  });

  testInChromium('the sample model’s answer about a photograph is told with a condition and a warning', async () => {
    const page = await open();

    await choose(page, [COFFEE]);

    expect(await verdicts(page, 1)).not.toEqual(['coffee mug']);
    expect(await page.locator('.verdict').textContent()).toMatch(/^If it is a drawing: ./);
    await page
      .getByText('The model “sample” knows 32 drawn things only. If this is a photograph, the answer means nothing.')
      .waitFor();
    expect(await page.getByRole('status').textContent()).toMatch(/^coffee\.jpg: If it is a drawing: /);
  });

  testInChromium(
    'the gallery warns of the sample model’s labels, and an open picture tells its own with a condition',
    async () => {
      await keepPictures(stack(), 'doubted', ['lemon-1']);
      const page = await open('#gallery');
      await page
        .getByText('The model “sample” knows 32 drawn things only. Its labels of photographs mean nothing.')
        .waitFor();

      await page.locator('.tile', { hasText: 'doubted-lemon-1.jpg' }).click();

      const dialog = page.getByRole('dialog', { name: 'If it is a drawing: lemon' });
      await dialog.getByText('If this is a photograph, the answer means nothing.').waitFor();
    },
  );
}
