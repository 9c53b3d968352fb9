import type { Explanation } from '../api/explain.ts';

interface NoticeProps {
  readonly explanation: Explanation;
  readonly onRetry?: () => void;
}

/** Shows a failure: what happened and what to do. The exact reason is behind "Details". */
export function Notice({ explanation: { title, detail, advice, canRetry }, onRetry }: NoticeProps) {
  return (
    <div class="notice">
      <strong>{title}</strong>
      <p>{advice}</p>
      <details>
        <summary>Details</summary>
        <p>{detail}</p>
      </details>
      {canRetry && onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
