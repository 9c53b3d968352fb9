import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openWatched, type WatchedPage } from '../browser.ts';

/** Options that a page can change while it is open. */
const CHANGEABLE = ['viewport', 'colorScheme', 'permissions'];

/** Playwright's own defaults. */
const DEFAULT_VIEWPORT = { width: 1280, height: 720 };
const DEFAULT_COLOR_SCHEME = 'light';

/**
 * A page that one test after the other uses, because a context of its own costs most of a test's
 * processor time. Nothing of a test is left for the next: its documents are closed, and what they
 * stored, were allowed and were told about screen and network is undone.
 */
export class ReusedPage {
  #kept: WatchedPage | null = null;
  #isInUse = false;

  /** Opens an address in the kept page, or in a page of its own where the kept one cannot serve. */
  async open(
    browser: Browser,
    url: string,
    origins: readonly string[],
    options: BrowserContextOptions,
  ): Promise<WatchedPage> {
    if (this.#isInUse || Object.keys(options).some((name) => !CHANGEABLE.includes(name)))
      return openWatched(browser, url, origins, options);
    this.#isInUse = true;
    this.#kept ??= await openWatched(browser, 'about:blank', origins);
    const { page, complaints } = this.#kept;
    complaints.length = 0;
    await page.setViewportSize(options.viewport ?? DEFAULT_VIEWPORT);
    await page.emulateMedia({ colorScheme: options.colorScheme ?? DEFAULT_COLOR_SCHEME });
    await page.context().grantPermissions(options.permissions ?? []);
    await page.goto(url);
    return this.#kept;
  }

  /** Closes all pages but the kept one, and undoes there what a test has done. */
  async release(browser: Browser): Promise<void> {
    const kept = this.#kept?.page.context();
    const others = browser.contexts().filter((context) => context !== kept);
    await Promise.all(others.map((context) => context.close()));
    if (this.#kept === null || !this.#isInUse) return;
    const { page } = this.#kept;
    const { origin } = new URL(page.url());
    await page.evaluate(() => sessionStorage.clear());
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto('about:blank');
    await page.context().setOffline(false);
    await page.context().clearPermissions();
    const session = await page.context().newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await session.detach();
    this.#isInUse = false;
  }
}
