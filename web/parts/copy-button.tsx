import { useEffect, useState } from 'preact/hooks';

interface CopyButtonProps {
  /** What the button says: `Copy JSON`. */
  readonly name: string;
  readonly text: string;
}

type Outcome = 'copied' | 'refused';

/** Time for which the button says what became of the click. */
const OUTCOME_SHOWN_MS = 2_000;

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = { copied: 'Copied', refused: 'The browser refused' };

/** Copies a text to the clipboard, and says so on the button and to screen readers. */
export function CopyButton({ name, text }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), OUTCOME_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    );
  return (
    <>
      <button type="button" class="button button-quiet" onClick={() => void copy()}>
        {outcome === null ? name : OUTCOME_WORDS[outcome]}
      </button>
      <span class="unseen" aria-live="polite">
        {outcome === null ? '' : `${name}: ${OUTCOME_WORDS[outcome]}`}
      </span>
    </>
  );
}
