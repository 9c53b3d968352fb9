import type { LoginSettings } from '../api/answers.ts';
import { useStore } from '../store.ts';
import type { Account } from './account.ts';

interface AccountCornerProps {
  readonly account: Account;
  readonly settings: LoginSettings;
}

export function AccountCorner({ account, settings }: AccountCornerProps) {
  const { session } = useStore(account.state);
  if (session === null) {
    return (
      <div class="account">
        <button type="button" class="button button-main" onClick={() => void account.signIn(settings)}>
          Sign in
        </button>
      </div>
    );
  }
  return (
    <div class="account">
      <span class="account-name">{session.name}</span>
      <button type="button" class="button button-quiet" onClick={() => account.signOut()}>
        Sign out
      </button>
    </div>
  );
}
