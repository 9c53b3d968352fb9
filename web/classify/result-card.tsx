import { formatBytes, formatDuration, formatProbability } from '../format.ts';
import { Bars } from '../parts/bars.tsx';
import { Notice } from '../parts/notice.tsx';
import { galleryHash } from '../view.ts';
import { type Findings, finalFindings, type Picture, type SecondLook, type Step } from './picture.ts';
import { Stage } from './stage.tsx';

interface ResultCardProps {
  readonly picture: Picture;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}

export function ResultCard({ picture: { id, file, previewUrl, step }, onRetry, onRemove }: ResultCardProps) {
  const findings = step.kind === 'done' ? finalFindings(step) : null;
  return (
    <li class="result" id={`picture-${id}`}>
      <Stage previewUrl={previewUrl} name={file.name} facts={findings?.image ?? null} map={findings?.map ?? null} />
      <div class="result-body">
        <div class="result-name">
          <span title={file.name}>{file.name}</span>
          <button type="button" class="button button-quiet" data-remove onClick={onRemove}>
            Remove<span class="unseen"> {file.name}</span>
          </button>
        </div>
        <Outcome step={step} size={file.size} onRetry={onRetry} />
      </div>
    </li>
  );
}

interface OutcomeProps {
  readonly step: Step;
  readonly size: number;
  readonly onRetry: () => void;
}

function Outcome({ step, size, onRetry }: OutcomeProps) {
  switch (step.kind) {
    case 'waiting':
      return <Waiting title="In line" words="Its turn comes soon." isStill />;
    case 'sending':
      return <Waiting title="Looking" words="The model is at it." />;
    case 'uploading':
      return (
        <Waiting
          title={`Uploading, ${Math.round(step.part * 100)}%`}
          words={`${formatBytes(size)} are too many for one request: the picture goes into the bucket first.`}
        />
      );
    case 'working':
      return <Waiting title={step.isRunning ? 'Looking closely' : 'In line'} words={heavyWords(step.model)} />;
    case 'failed':
      return <Notice explanation={step.explanation} onRetry={onRetry} />;
    case 'done':
      return <Verdict findings={finalFindings(step)} first={step.findings} secondLook={step.secondLook} />;
  }
}

function heavyWords(model: string): string {
  return `${model} runs on a GPU. If none is running yet, starting one takes minutes; the answer appears here.`;
}

interface WaitingProps {
  readonly title: string;
  readonly words: string;
  readonly isStill?: boolean;
}

function Waiting({ title, words, isStill = false }: WaitingProps) {
  return (
    <div class="waiting">
      <strong>
        {!isStill && <span class="spinner" aria-hidden="true" />}
        {title}
      </strong>
      <p class="soft">{words}</p>
    </div>
  );
}

interface VerdictProps {
  /** What counts. */
  readonly findings: Findings;
  /** The small model's. */
  readonly first: Findings;
  readonly secondLook: SecondLook | null;
}

function Verdict({ findings, first, secondLook }: VerdictProps) {
  const { model, predictions, image, totalMs, storedAs } = findings;
  const [best] = predictions;
  return (
    <>
      <h3 class="verdict">{best?.label ?? 'No label'}</h3>
      <Bars predictions={predictions} />
      {secondLook !== null && <SecondLookLine secondLook={secondLook} first={first} />}
      <p class="facts">
        <span>{model}</span>
        {totalMs !== null && <span>{formatDuration(totalMs)}</span>}
        <span>
          {image.width} × {image.height}
        </span>
        <span>
          {image.format.toUpperCase()}, {formatBytes(image.bytes)}
        </span>
        {storedAs !== null && best !== undefined && (
          <a href={galleryHash({ label: best.label, minProbability: 0 })}>in the gallery</a>
        )}
      </p>
    </>
  );
}

function SecondLookLine({ secondLook, first }: { readonly secondLook: SecondLook; readonly first: Findings }) {
  const [best] = first.predictions;
  if (secondLook.kind === 'working') {
    return (
      <p class="soft">
        <span class="spinner" aria-hidden="true" /> {first.model} was not sure, so {secondLook.model} takes a second
        look. If its GPU has to start first, that takes minutes.
      </p>
    );
  }
  if (secondLook.kind === 'failed') {
    return (
      <p class="soft">
        {secondLook.model} was asked as well and gave no answer: {secondLook.explanation.detail}
      </p>
    );
  }
  return (
    <p class="soft">
      <span class="badge">second look</span> {first.model} was not sure
      {best === undefined ? '' : ` (${best.label}, ${formatProbability(best.probability)})`}, so{' '}
      {secondLook.findings.model} was asked.
    </p>
  );
}
