import type { LoginSettings } from '../api/answers.ts';
import { createStore, type Store } from '../store.ts';
import { beginLogin, finishLogin, isLoginAnswer, type Session } from './login.ts';

/** Whether somebody is signed in. */
export interface Account {
  readonly state: Store<AccountState>;
  /** The token to send, null for none. */
  token(): Promise<string | null>;
  /** Looks whether the issuer sent the browser here, and finishes that login. Never throws. */
  resume(settings: LoginSettings): Promise<void>;
  /** Leaves for the issuer. */
  signIn(settings: LoginSettings): Promise<void>;
  /** Forgets the tokens, and leaves for the issuer where it has a session to end. */
  signOut(): void;
}

export interface AccountState {
  readonly session: Session | null;
  /** What went wrong with the last login, in words. */
  readonly fault: string | null;
}

export function createAccount(): Account {
  const state = createStore<AccountState>({ session: null, fault: null });
  const redirectUri = () => `${location.origin}/`;
  const fail = (error: unknown) =>
    state.update((old) => ({ ...old, fault: error instanceof Error ? error.message : String(error) }));
  return {
    state,
    token: async () => (await state.get().session?.token()) ?? null,
    async resume(settings) {
      const answer = new URL(location.href);
      if (!isLoginAnswer(answer)) return;
      // The code is good once and must not stay in the history.
      history.replaceState(null, '', '/');
      try {
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
