import { messageOf } from '../../classifier/message-of.ts';
import type * as Wire from '../../functions/wire.ts';
import { ApiError } from '../api/api-error.ts';
import type { Explanation } from '../api/explain.ts';
import { createStore, type Store } from '../store.ts';
import type { Session } from './login.ts';

/** The user's login, if there is one. */
export interface Account {
  readonly state: Store<AccountState>;
  /**
   * Returns the token to send, or null for none.
   * @throws {ApiError} of status 0 when it has expired and the issuer cannot be reached
   */
  token(): Promise<string | null>;
  /** Finishes a login if the issuer has sent the browser here. Never throws. */
  resume(settings: Wire.Login): Promise<void>;
  /** Goes to the login page of the issuer. */
  signIn(settings: Wire.Login): Promise<void>;
  /** Forgets the tokens. If the issuer has a session to end, it goes to the issuer. */
  signOut(): void;
}

export interface AccountState {
  readonly session: Session | null;
  /** Why nobody is signed in any more, or why a login failed. */
  readonly fault: Explanation | null;
}

const ENDED: Explanation = {
  title: 'Your session has ended',
  detail: 'A login is valid for a limited time, and yours has ended.',
  advice: 'Sign in again, then choose your pictures again. The gallery still has those of the bucket.',
  canRetry: false,
};

export function createAccount(): Account {
  const state = createStore<AccountState>({ session: null, fault: null });
  const redirectUri = () => `${location.origin}/`;
  const fail = (error: unknown) => state.update((old) => ({ ...old, fault: explainLogin(error) }));
  return {
    state,
    async token() {
      const { session } = state.get();
      if (session === null) return null;
      const token = await session.token().catch((cause: unknown) => {
        throw new ApiError(messageOf(cause), { status: 0, cause });
      });
      if (token === null) state.update((old) => (old.session === session ? { session: null, fault: ENDED } : old));
      return token;
    },
    async resume(settings) {
      const answer = new URL(location.href);
      if (!isLoginAnswer(answer)) return;
      // The code works only once and must not stay in the history.
      history.replaceState(null, '', '/');
      try {
        const { finishLogin } = await loadLogin();
        const { session, hash } = await finishLogin(settings, redirectUri(), answer);
        state.update(() => ({ session, fault: null }));
        if (hash !== '') location.hash = hash;
      } catch (error) {
        fail(error);
      }
    },
    async signIn(settings) {
      state.update((old) => ({ ...old, fault: null }));
      try {
        const { beginLogin } = await loadLogin();
        location.assign(await beginLogin(settings, redirectUri()));
      } catch (error) {
        fail(error);
      }
    },
    signOut() {
      const endUrl = state.get().session?.endUrl ?? null;
      state.update(() => ({ session: null, fault: null }));
      if (endUrl !== null) location.assign(endUrl);
    },
  };
}

/** Loads what signs in: most pages need it never, the others once. */
function loadLogin() {
  return import('./login.ts');
}

/** Tells whether the issuer opened the page with the answer to a login. */
function isLoginAnswer({ searchParams }: URL): boolean {
  return searchParams.has('state') && (searchParams.has('code') || searchParams.has('error'));
}

function explainLogin(error: unknown): Explanation {
  return {
    title: 'You could not be signed in',
    detail: messageOf(error),
    advice: 'Try again. If it fails again, tell the administrator of this service.',
    canRetry: false,
  };
}
