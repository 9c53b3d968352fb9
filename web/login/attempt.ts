/**
 * The data that is kept while the browser is at the issuer. It is useless without the code that the
 * issuer sends.
 */
export interface Attempt {
  readonly codeVerifier: string;
  readonly state: string;
  readonly nonce: string;
  /** The view that the page showed. */
  readonly hash: string;
}

const STORAGE_KEY = 'autoswiftnet:login';

export function keepAttempt(attempt: Attempt): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(attempt));
}

/**
 * Returns the attempt and forgets it, because an attempt is valid for one answer.
 * @returns null if there is none
 */
export function takeAttempt(): Attempt | null {
  const text = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  if (text === null) return null;
  try {
    const { codeVerifier, state, nonce, hash } = JSON.parse(text);
    const areTexts = [codeVerifier, state, nonce, hash].every((value) => typeof value === 'string');
    return areTexts ? { codeVerifier, state, nonce, hash } : null;
  } catch {
    return null;
  }
}
