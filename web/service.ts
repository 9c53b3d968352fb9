import type * as Wire from '../functions/wire.ts';
import { ApiError } from './api/api-error.ts';
import type { Api } from './api/client.ts';
import { type Explanation, explain } from './api/explain.ts';
import type { Account } from './login/account.ts';
import { createStore, type Store } from './store.ts';

/** What the service says about itself. Null means not known yet. */
export interface ServiceState {
  readonly health: Wire.Health | null;
  readonly models: Wire.ModelList | null;
  readonly failure: Explanation | null;
}

export interface Service {
  readonly state: Store<ServiceState>;
  /**
   * Asks for the health, finishes a login that is in progress, and asks for the models. Never
   * throws.
   */
  load(): Promise<void>;
}

export function createService(api: Api, account: Account): Service {
  const state = createStore<ServiceState>({ health: null, models: null, failure: null });
  return {
    state,
    async load() {
      state.update((old) => ({ ...old, failure: null }));
      try {
        const health = await api.health();
        if (health.auth !== null) await account.resume(health.auth);
        state.update((old) => ({ ...old, health }));
        const models = await api.models();
        state.update((old) => ({ ...old, models }));
      } catch (error) {
        // The page itself asks users who have not signed in to do so.
        if (error instanceof ApiError && error.status === 401 && account.state.get().session === null) return;
        state.update((old) => ({ ...old, failure: explain(error) }));
      }
    },
  };
}
