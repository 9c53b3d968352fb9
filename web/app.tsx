import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Api } from './api/client.ts';
import { ClassifyView } from './classify/classify-view.tsx';
import type { Desk } from './classify/desk.ts';
import { GalleryView } from './gallery/gallery-view.tsx';
import type { Account } from './login/account.ts';
import { AccountCorner } from './login/account-corner.tsx';
import { Swift } from './parts/glyphs.tsx';
import { Notice } from './parts/notice.tsx';
import type { Service } from './service.ts';
import { useStore } from './store.ts';
import { CLASSIFY_HASH, galleryHash, useView, type View } from './view.ts';

export interface AppProps {
  readonly api: Api;
  readonly account: Account;
  readonly desk: Desk;
  readonly service: Service;
}

const TITLES: Readonly<Record<View['name'], string>> = { classify: 'AutoSwiftNet', gallery: 'Gallery, AutoSwiftNet' };

export function App(props: AppProps) {
  const { account, service } = props;
  const view = useView();
  const { failure } = useStore(service.state);
  const { fault } = useStore(account.state);
  const main = useRef<HTMLElement>(null);
  useViewFocus(view.name, main);
  return (
    <>
      {/* No link: what is behind the # of the address names the view. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Masthead view={view} account={account} />
      <main ref={main} tabIndex={-1}>
        <div class="alerts" role="alert">
          {fault !== null && <Notice explanation={fault} />}
          {failure !== null && <Notice explanation={failure} onRetry={() => void service.load()} />}
        </div>
        <Content {...props} view={view} />
      </main>
    </>
  );
}

interface MastheadProps {
  readonly view: View;
  readonly account: Account;
}

function Masthead({ view, account }: MastheadProps) {
  const current = (name: View['name']) => (view.name === name ? { 'aria-current': 'page' as const } : {});
  return (
    <header class="masthead">
      <div class="masthead-inner">
        <a class="wordmark" href={CLASSIFY_HASH}>
          <Swift />
          <span>AutoSwiftNet</span>
        </a>
        <nav class="views" aria-label="Views">
          <a href={CLASSIFY_HASH} {...current('classify')}>
            Classify
          </a>
          <a href={galleryHash({ label: '', minProbability: 0 })} {...current('gallery')}>
            Gallery
          </a>
        </nav>
        <AccountCorner account={account} />
      </div>
    </header>
  );
}

function Content({ api, account, desk, service, view }: AppProps & { readonly view: View }) {
  const { health, models, failure } = useStore(service.state);
  const { session } = useStore(account.state);
  if (health === null) return <Welcome words={failure === null ? 'One moment …' : ''} />;
  const { auth } = health;
  if (auth !== null && session === null) {
    return (
      <Welcome words="This service answers those who have signed in.">
        <button type="button" class="button button-main" onClick={() => void account.signIn(auth)}>
          Sign in
        </button>
      </Welcome>
    );
  }
  if (view.name === 'gallery') return <GalleryView api={api} filter={view} />;
  return <ClassifyView desk={desk} models={models} />;
}

/** In place of the views: until the service has told who may use it, and for those who have not signed in. */
function Welcome({ words, children }: { readonly words: string; readonly children?: ComponentChildren }) {
  return (
    <div class="hero-words">
      <h1 tabIndex={-1}>What’s in the picture?</h1>
      <p class="soft">{words}</p>
      <div>{children}</div>
    </div>
  );
}

/** A new view is a new page to a screen reader: its title changes and its heading gets the focus. Not at the first one, which the browser announces. */
function useViewFocus(name: View['name'], main: { readonly current: HTMLElement | null }): void {
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = TITLES[name];
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo({ top: 0 });
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [name, main]);
}
