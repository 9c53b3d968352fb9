import type { Page } from 'playwright-core';
import { axeViolations, testInChromium } from '../browser.ts';
import { keepPictures } from './kept-pictures.ts';
import type { OpenPages } from './open-pages.ts';

/** How pictures are found by their labels. */
export function gallerySearchTests({ stack, open }: OpenPages): void {
  testInChromium('a search shows the pictures with a label, and leads back to all of them', async () => {
    await keepPictures(stack(), 'search', ['umbrella-1', 'umbrella-2', 'starfish-1', 'lemon-1']);
    const page = await open('#gallery');

    await page.getByRole('combobox', { name: 'Label' }).fill('umbrella');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.locator('.tile', { hasText: 'starfish' }).waitFor({ state: 'detached' });
    await page.locator('.tile').nth(1).waitFor();

    expect(await page.locator('.tile-label').allTextContents()).toEqual(['umbrella', 'umbrella']);
    await page.getByRole('link', { name: 'Show all' }).click();
    await page.locator('.tile', { hasText: 'starfish' }).waitFor();

    // A group has pictures of many labels.
    await page.goto(`${stack().url}/#gallery?label=fruit`);
    await page.locator('.tile', { hasText: /^lemonsearch-lemon-1\.jpgfruit \d+\.\d%$/ }).waitFor();
  });

  testInChromium('a label without pictures says so', async () => {
    const page = await open('#gallery?label=unicorn&min=0.5');

    await page.getByRole('heading', { name: 'No picture shows “unicorn”' }).waitFor();
    expect(await labelField(page).inputValue()).toBe('unicorn');
    expect(await page.getByRole('status').textContent()).toContain(
      '0 pictures with the label unicorn, at least 50.0%.',
    );
    await page.getByText('The model knows no label and no group of this name.').waitFor();

    // Labels are singular.
    await page.goto(`${stack().url}/#gallery?label=dogs`);
    await page.locator('.empty').getByRole('link', { name: 'dog', exact: true }).click();
    await page.getByRole('heading', { name: 'No picture shows “dog”' }).waitFor();
    await page.getByText('The model knows this word. A search finds').waitFor();
    expect(await page.locator('#cut-off-effect').textContent()).toBe(
      'The cut-off hides no picture, because none was found.',
    );
  });

  testInChromium('the label field completes, by keyboard and for screen readers', async () => {
    const page = await open('#gallery');
    await labelField(page).focus();

    await page.keyboard.type('domestic do');
    const options = page.getByRole('option');
    await options.filter({ hasText: 'domestic dog' }).waitFor();
    expect(await options.first().textContent()).toMatch(/^dog.*domestic dog/);
    expect(await activeOption(page)).toBeNull();
    await page.keyboard.press('ArrowDown');

    expect(await activeOption(page)).toMatch(/^dog/);
    expect(await options.first().getAttribute('aria-selected')).toBe('true');
    expect(await labelField(page).getAttribute('aria-expanded')).toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Enter');
    expect(await labelField(page).inputValue()).toBe('dog');
    expect(await labelField(page).getAttribute('aria-expanded')).toBe('false');
    expect(new URL(page.url()).hash).toBe('#gallery?label=dog');
  });

  testInChromium('Escape closes the suggestions, then empties the field, and a click chooses one', async () => {
    const page = await open('#gallery');
    const option = page.getByRole('option').filter({ hasText: 'Canis familiaris' });
    await labelField(page).focus();

    await page.keyboard.type('Canis f');
    await option.waitFor();
    await page.keyboard.press('Escape');
    await option.waitFor({ state: 'hidden' });
    expect(await labelField(page).inputValue()).toBe('Canis f');
    await page.keyboard.press('Escape');
    expect(await labelField(page).inputValue()).toBe('');
    await page.keyboard.type('Canis f');
    await option.click();

    expect(new URL(page.url()).hash).toBe('#gallery?label=dog');
  });

  testInChromium('the cut-off says what it does, and is part of the address', async () => {
    await keepPictures(stack(), 'cut-off', ['envelope-1', 'envelope-2']);
    const page = await open('#gallery');
    const effect = page.locator('#cut-off-effect');
    await page.locator('.tile').first().waitFor();
    expect(await effect.textContent()).toContain('Choose a label first');
    expect(await page.getByRole('slider').isDisabled()).toBe(true);

    await page.goto(`${stack().url}/#gallery?label=envelope`);
    // Said once it is known what the search has found, and not of the tiles that were there before.
    await page
      .getByText('Hides nothing: every picture found for “envelope” is here, also where the model is unsure.')
      .waitFor();
    await page.locator('.tile').nth(1).waitFor();
    await page.getByRole('slider', { name: 'Confidence cut-off: 0%' }).press('End');

    await page.getByRole('heading', { name: 'No picture shows “envelope”' }).waitFor();
    await page.getByText('In no picture is it at least 100.0% sure. A lower cut-off finds more.').waitFor();
    expect(await effect.textContent()).toBe('Pictures are hidden if the model is less than 100% sure of “envelope”.');
    expect(new URL(page.url()).hash).toBe('#gallery?label=envelope&min=1');
  });

  testInChromium('chips stay where they are when one is chosen, after a reload, and on the way back', async () => {
    await keepPictures(stack(), 'chips', ['daisy-1', 'goldfish-1']);
    const page = await open('#gallery');
    const chips = page.getByRole('list', { name: 'Labels to choose' }).getByRole('link');
    const chosen = page.locator('.chip[aria-current]');
    await chips.first().waitFor();
    const before = await chips.allTextContents();
    const label = before[1] ?? '';

    await chips.nth(1).click();
    await chosen.waitFor();
    expect(await chips.allTextContents()).toEqual(before.with(1, `${label}×`));
    await page.locator('.tile').first().waitFor();
    await page.reload();
    await chips.nth(1).waitFor();
    expect(await chosen.textContent()).toBe(`${label}×`);
    await page.goBack();
    await chosen.waitFor({ state: 'detached' });
    await page.goForward();
    await chosen.click();

    await chosen.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#gallery');
  });
}

function labelField(page: Page) {
  return page.getByRole('combobox', { name: 'Label' });
}

/** Returns the text of the option that a screen reader reads, or null if the field itself is active. */
function activeOption(page: Page): Promise<string | null> {
  return labelField(page).evaluate((field) => {
    const id = field.getAttribute('aria-activedescendant');
    return id === null ? null : (document.getElementById(id)?.textContent ?? null);
  });
}
