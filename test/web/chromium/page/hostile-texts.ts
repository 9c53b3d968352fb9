import type { Page } from 'playwright-core';
import { samplePicture } from '../../../integration/uploads.ts';
import { testInChromium } from '../browser.ts';
import { keepFiles } from './kept-pictures.ts';
import { choose, type OpenPages, pathOf, verdicts } from './open-pages.ts';

/** Each part would leave a trace if the page took it as anything but text. */
const MARKUP = [
  `<img src="/obeyed.png" onerror="document.title='obeyed'">`,
  `<script>document.title='obeyed'</script>`,
  `"><svg onload=alert(1)><a href="javascript:alert(1)">&lt;b&gt;{{7*7}}`,
].join(' ');
/** Turns the direction of all that follows in its line. */
const TURNED = '\u202e';
const LABEL = `${TURNED}${MARKUP}`;
/** The label that the hostile one replaces in the answers of the API. */
const REPLACED = 'dumbbell';

/** Strangers write these texts: a model's maker its labels, and an uploader the names of files. */
export function hostileTextTests({ stack, open }: OpenPages): void {
  testInChromium('labels and names that are markup are shown as text everywhere, and nothing runs', async () => {
    const name = '<img src=x onerror=alert(1)>gpj.exe';
    await keepFiles(stack(), [[`hostile/${TURNED}${name}`, await samplePicture('dumbbell-1')]]);
    const page = await open();
    const obeyed: string[] = [];
    page.on('dialog', (dialog) => {
      obeyed.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/obeyed.png') obeyed.push(`a request: ${request.url()}`);
    });
    await replaceLabel(page);

    await choose(page, [pathOf('dumbbell-1')]);
    expect(await verdicts(page, 1)).toEqual([MARKUP]);
    await page.getByRole('img', { name: `Where the model sees ${MARKUP}` }).waitFor();
    expect(await turnedTexts(page)).toEqual([]);
    await page.locator('.bar a').first().click();
    const tile = page.locator('.tile', { hasText: MARKUP });
    await tile.waitFor();
    expect(await tile.locator('.tile-key').textContent()).toBe(name);
    expect(await page.locator('#cut-off-effect').textContent()).toContain(`“${MARKUP}”`);
    expect(await elementsOf(page)).toEqual([]);

    await tile.click();
    await page.getByRole('dialog', { name: MARKUP }).waitFor();
    expect(await page.title()).toBe(`${MARKUP}: ${name}, AutoSwiftNet`);
    expect(await turnedTexts(page)).toEqual([]);
    expect(await elementsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');

    const field = page.getByRole('combobox', { name: 'Label' });
    await field.fill('');
    await field.pressSequentially('dumb');
    await page.getByRole('option').filter({ hasText: MARKUP }).waitFor();
    expect(await elementsOf(page)).toEqual([]);
    expect(await turnedTexts(page)).toEqual([]);

    // The page stays open, and the gallery goes on asking.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(obeyed).toEqual([]);
  });
}

/** Makes the API answer as if the model had the hostile label. */
async function replaceLabel(page: Page): Promise<void> {
  await page.route(/\/(classify|images|labels|models)\b/, async (route) => {
    const asked = new URL(route.request().url());
    if (asked.searchParams.get('label') === LABEL) asked.searchParams.set('label', REPLACED);
    const response = await route.fetch({ url: asked.href });
    const isJson = response.headers()['content-type']?.startsWith('application/json');
    const text = isJson ? (await response.text()).replaceAll(`"${REPLACED}"`, JSON.stringify(LABEL)) : undefined;
    await route.fulfill({ response, ...(text === undefined ? {} : { body: text }) });
  });
}

/** What is shown, or read out, with a mark that turns it. */
function turnedTexts(page: Page): Promise<string[]> {
  return page.evaluate((mark) => {
    const shown = [...document.querySelectorAll('[title], [alt], [aria-label]')].flatMap((element) =>
      ['title', 'alt', 'aria-label'].map((name) => element.getAttribute(name) ?? ''),
    );
    return [document.body.textContent ?? '', ...shown].filter((text) => text.includes(mark));
  }, TURNED);
}

/** What the document holds that only the markup could have brought. */
function elementsOf(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[onerror], [onload], [href^="javascript:"], [src*="obeyed"], body script')].map(
      ({ outerHTML }) => outerHTML,
    ),
  );
}
