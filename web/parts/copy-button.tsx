import { useEffect, useState } from 'preact/hooks';

interface CopyButtonProps {
  /** What the button says: `Copy JSON`. */
  readonly name: string;
  /** What screen readers say behind the name, to tell several buttons apart: a file's name. */
  readonly about?: string;
  readonly text: string | (() => Promise<string>);
}

type Outcome = 'copied' | 'refused' | 'failed';

/** Time for which the button says what became of the click. */
const OUTCOME_SHOWN_MS = 2_000;

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  copied: 'Copied',
  refused: 'The browser refused',
  failed: 'No connection, try again',
};

/** Copies a text to the clipboard, and says so on the button and to screen readers. */
export function CopyButton({ name, about, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), OUTCOME_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    // A login that has expired is refreshed first.
    const copied = typeof text === 'string' ? text : await text().catch(() => null);
    if (copied === null) return setOutcome('failed');
    await navigator.clipboard.writeText(copied).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    );
  };
  return (
    <>
      <button type="button" class="button button-quiet" onClick={() => void copy()}>
        {outcome === null ? name : OUTCOME_WORDS[outcome]}
        {about !== undefined && outcome === null && <span class="unseen"> of {about}</span>}
      </button>
      <span class="unseen" aria-live="polite">
        {outcome === null ? '' : `${name}: ${OUTCOME_WORDS[outcome]}`}
      </span>
    </>
  );
}
