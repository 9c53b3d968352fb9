import * as z from 'zod/mini';

/**
 * The data that is kept while the browser is at the issuer. It is useless without the code that the
 * issuer sends.
 */
const attemptSchema = z.object({
  codeVerifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  /** The view that the page showed. */
  hash: z.string(),
});
export type Attempt = z.infer<typeof attemptSchema>;

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
    return attemptSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
