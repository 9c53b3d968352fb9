import { useStore } from '../store.ts';
import type { Account } from './account.ts';

/** Shows who is signed in and a button to sign out. Shows nothing if nobody is signed in. */
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
