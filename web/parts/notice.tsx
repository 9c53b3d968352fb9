import type { Explanation } from '../api/explain.ts';

interface NoticeProps {
  readonly explanation: Explanation;
  readonly onRetry?: () => void;
}

/** Shows a failure: what happened, the exact reason, and what to do. */
export function Notice({ explanation: { title, detail, advice, canRetry }, onRetry }: NoticeProps) {
  return (
    <div class="notice">
      <strong>{title}</strong>
      <p>{detail}</p>
      <p>{advice}</p>
      {canRetry && onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
