import type { Page } from 'playwright-core';
import { testInChromium } from './browser.ts';
import { pathOf, useOpenPages } from './page/open-pages.ts';

const HEAVY = 'sample.heavy';

/** Between the sample model's 0.80 for the pizza and its 0.86 for the daisy. */
const THRESHOLD = '0.83';

const { open } = useOpenPages({ variables: { AUTOSWIFTNET_CASCADE_THRESHOLD: THRESHOLD }, hasHeavyModel: true });

/** @param model to choose in the list */
async function classify(model: string, names: readonly string[]): Promise<Page> {
  const page = await open();
  await page.getByRole('combobox', { name: 'Model' }).selectOption(model);
  await page.getByLabel('Pictures').setInputFiles(names.map(pathOf));
  return page;
}

testInChromium('a heavy model’s answer appears when its job is done, with its map', async () => {
  const page = await classify(HEAVY, ['daisy-1', 'lemon-1']);

  await page.getByText(`The answer of the heavy model ${HEAVY} will appear here.`).first().waitFor();
  await page.getByRole('heading', { name: '2 pictures', exact: true }).waitFor();

  expect(await page.locator('.result .verdict-label').allTextContents()).toEqual(['daisy', 'lemon']);
  expect(await page.locator('.result .facts').first().textContent()).toContain(HEAVY);
  expect(await page.locator('.result .map').count()).toBe(2);
});

testInChromium(
  'with auto, a picture that the small model is not sure of gets a second look, and no other does',
  async () => {
    const page = await classify('auto', ['pizza-1', 'daisy-1']);

    await page
      .getByText(/sample was not sure \(pizza, 80\.\d%\), so the heavy model sample\.heavy was asked\./)
      .waitFor();

    expect(await page.locator('.result .verdict-label').allTextContents()).toEqual(['pizza', 'daisy']);
    const models = await page.locator('.result .facts span:first-child').allTextContents();
    expect(models).toEqual([HEAVY, 'sample']);
    expect(await page.getByText('second look').count()).toBe(1);
  },
);
