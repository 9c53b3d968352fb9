import { useStore } from '../store.ts';
import type { Account } from './account.ts';

/** Who is signed in, and the way out; nothing while nobody is. */
export function AccountCorner({ account }: { readonly account: Account }) {
  const { session } = useStore(account.state);
  if (session === null) return null;
  return (
    <div class="account">
      <span>{session.name}</span>
      <button type="button" class="button button-quiet" onClick={() => account.signOut()}>
        Sign out
      </button>
    </div>
  );
}
