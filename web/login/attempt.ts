import * as z from 'zod/mini';

/** What must survive the way to the issuer and back. Worth nothing without the code that the issuer sends. */
const attemptSchema = z.object({
  codeVerifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  /** What of the page was shown. */
  hash: z.string(),
});
export type Attempt = z.infer<typeof attemptSchema>;

const STORAGE_KEY = 'autoswiftnet:login';

export function keepAttempt(attempt: Attempt): void {
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(attempt));
}

/** An attempt is good for one answer: taking it forgets it. @returns null when there is none */
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
