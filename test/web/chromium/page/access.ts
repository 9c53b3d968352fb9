import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { axeViolations, testInChromium } from '../browser.ts';
import { choose, chooseBy, type OpenPages, pathOf, verdicts } from './open-pages.ts';

const SMALL_LAPTOP = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };

/** Who can use the page, and what its policy keeps out. */
export function accessTests({ folder, stack, open, complaints }: OpenPages): void {
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

  testInChromium('who tries again by keyboard keeps the place', async () => {
    const page = await open();
    await page.getByRole('combobox', { name: 'Model' }).waitFor();
    const places: (string | null | undefined)[] = [];
    const press = async (name: string) => {
      await page.getByRole('button', { name }).first().focus();
      await page.keyboard.press('Enter');
      places.push(await focused(page));
    };
    await page.context().setOffline(true);
    await choose(page, [pathOf('daisy-1'), pathOf('lemon-1')]);
    await page.getByRole('button', { name: 'Try 2 again' }).waitFor();

    await press('Try again');
    await press('Try 2 again');
    await page.getByRole('link', { name: 'Gallery' }).click();
    await page.getByRole('heading', { name: 'Gallery' }).waitFor();
    await press('Try again');

    expect(places).toEqual(['Remove daisy-1.jpg', 'Choose pictures', 'Gallery']);
    await page.context().setOffline(false);
    await page.route('**/models', (route) => route.abort());
    await page.reload();
    await press('Try again');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('MAIN');
  });

  testInChromium(
    'axe finds no fault in the start page, results with a failure, the gallery, and an empty search',
    async () => {
      const notes = join(folder(), 'notes.txt');
      await writeFile(notes, 'no picture at all');
      const page = await open();
      const found: Record<string, string[]> = {};
      const lookAt = async (what: string) => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          found[`${what}, ${colorScheme}`] = await axeViolations(page);
        }
      };
      await page.getByRole('combobox', { name: 'Model' }).waitFor();

      await lookAt('start');
      await choose(page, [pathOf('daisy-1'), notes]);
      await verdicts(page, 1);
      await page.locator('.result .notice').waitFor();
      await lookAt('results');
      await page.getByRole('link', { name: 'Gallery' }).click();
      await page.locator('.tile, .empty').first().waitFor();
      await lookAt('gallery');
      await page.goto(`${stack().url}/#gallery?label=unicorn`);
      await page.locator('.empty').getByText('The model knows no label').waitFor();
      await lookAt('no match');

      expect(Object.keys(found)).toHaveLength(8);
      expect(Object.values(found).flat()).toEqual([]);
    },
  );

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
      const words = complaints().splice(0).join();
      for (const rule of ['style-src', 'img-src', 'connect-src', 'TrustedHTML']) expect(words).toContain(rule);
    },
  );

  testInChromium('axe reports a fault that is put there on purpose', async () => {
    const page = await open();
    await page.evaluate(() => document.body.append(document.createElement('button')));

    expect(await axeViolations(page)).toEqual([expect.stringMatching(/^button-name: /)]);
  });

  testInChromium('the choice of the model and the drop zone show on a small laptop without scrolling', async () => {
    const page = await open('', { viewport: SMALL_LAPTOP });
    const choice = page.getByRole('combobox', { name: 'Model' });
    await choice.waitFor();

    const bottomOf = async (element: Locator) => {
      const { y = Number.NaN, height = 0 } = (await element.boundingBox()) ?? {};
      return y + height;
    };
    expect(await bottomOf(choice)).toBeLessThanOrEqual(SMALL_LAPTOP.height);
    expect(await bottomOf(page.locator('.dropzone'))).toBeLessThanOrEqual(SMALL_LAPTOP.height);
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
}

function focused(page: Page): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.textContent);
}
