import type { ComponentChildren } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ClassifyView } from './classify/classify-view.tsx';
import type { Desk } from './classify/desk.ts';
import { type DropState, useIncomingFiles } from './classify/incoming.ts';
import type { IncomingFiles } from './classify/incoming-files.ts';
import { type Intake, NOTHING_LEFT } from './classify/intake-lines.ts';
import type { Gallery } from './gallery/gallery.ts';
import { GalleryView } from './gallery/gallery-view.tsx';
import type { Account } from './login/account.ts';
import { AccountCorner } from './login/account-corner.tsx';
import { Swift } from './parts/glyphs.tsx';
import { Notice } from './parts/notice.tsx';
import type { Service } from './service.ts';
import { useStore } from './store.ts';
import { CLASSIFY_HASH, EVERY_PICTURE, galleryHash, parseHash, TITLES, useView, type View } from './view.ts';

export interface AppProps {
  readonly account: Account;
  readonly desk: Desk;
  readonly gallery: Gallery;
  readonly service: Service;
}

export function App({ account, desk, gallery, service }: AppProps) {
  const view = useView();
  const { health, models, failure } = useStore(service.state);
  const { session, fault } = useStore(account.state);
  const auth = health?.auth ?? null;
  const needsLogin = auth !== null && session === null;
  const { dropState, intake, add } = useFiles(desk, !needsLogin);
  const main = useRef<HTMLElement>(null);
  useViewFocus(view.name, main);
  const reload = () => {
    // The button that was pressed goes, and would take the focus with it.
    main.current?.focus();
    void service.load();
  };
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
          {failure !== null && <Notice explanation={failure} onRetry={reload} />}
        </div>
        {health === null && <Welcome view={view} words={failure === null ? 'Loading …' : ''} />}
        {needsLogin && <SignIn view={view} onSignIn={() => void account.signIn(auth)} />}
        {health !== null && !needsLogin && view.name === 'gallery' && <GalleryView gallery={gallery} place={view} />}
        {health !== null && !needsLogin && view.name === 'classify' && (
          <ClassifyView desk={desk} models={models} dropState={dropState} intake={intake} onFiles={add} />
        )}
      </main>
      {dropState === 'dragging' && view.name === 'gallery' && (
        <div class="drop-here" aria-hidden="true">
          Drop to classify
        </div>
      )}
    </>
  );
}

interface Files {
  readonly dropState: DropState;
  /** What of the last drop was not added. */
  readonly intake: Intake;
  readonly add: (incoming: IncomingFiles) => void;
}

/**
 * Accepts files that are dropped or pasted on either view, even before the service has answered.
 * The results appear on the first view.
 */
function useFiles(desk: Desk, areWelcome: boolean): Files {
  const [intake, setIntake] = useState(NOTHING_LEFT);
  const take = useCallback(
    ({ files, ...rest }: IncomingFiles) => {
      if (!areWelcome) return;
      setIntake({ ...rest, leftOut: desk.add(files) });
      if (parseHash(location.hash).name !== 'classify') location.hash = CLASSIFY_HASH;
    },
    [desk, areWelcome],
  );
  return { dropState: useIncomingFiles(take), intake, add: take };
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
          <a href={galleryHash(EVERY_PICTURE)} {...current('gallery')}>
            Gallery
          </a>
        </nav>
        <AccountCorner account={account} />
      </div>
    </header>
  );
}

interface SignInProps {
  readonly view: View;
  readonly onSignIn: () => void;
}

function SignIn({ view, onSignIn }: SignInProps) {
  return (
    <Welcome view={view} words="Please sign in to use this service.">
      <button type="button" class="button button-main" onClick={onSignIn}>
        Sign in
      </button>
    </Welcome>
  );
}

interface WelcomeProps {
  /** What will be shown. */
  readonly view: View;
  readonly words: string;
  readonly children?: ComponentChildren;
}

/**
 * Shown instead of the views until it is known who may use the service, and to visitors who have
 * not signed in.
 */
function Welcome({ view, words, children }: WelcomeProps) {
  return (
    <div class="hero-words">
      <h1 tabIndex={-1}>{view.name === 'gallery' ? 'Gallery' : 'What’s in the picture?'}</h1>
      <p class="soft">{words}</p>
      <div>{children}</div>
    </div>
  );
}

/**
 * Makes a new view act as a new page for screen readers: it changes the title and moves the focus
 * to the heading. Both happen before the view is painted, so that no key press reaches the old
 * view. The first view is left alone, because the browser announces it.
 */
function useViewFocus(name: View['name'], main: { readonly current: HTMLElement | null }): void {
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    document.title = TITLES[name];
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    scrollTo({ top: 0 });
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [name, main]);
}
