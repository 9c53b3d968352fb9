import { useRef } from 'preact/hooks';
import { type DrawingKnowledge, type DrawingModels, IF_DRAWN } from '../api/drawing-models.ts';
import { formatBytes, formatDuration, formatProbability } from '../format.ts';
import { Bars } from '../parts/bars.tsx';
import { ConceptLine } from '../parts/concept-line.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Doubt } from '../parts/doubt.tsx';
import { Notice } from '../parts/notice.tsx';
import { PictureView } from '../parts/picture-view.tsx';
import { galleryHash } from '../view.ts';
import { doubtAbout, type Findings, finalFindings, type Picture, type SecondLook, type Step } from './picture.ts';

interface ResultCardProps {
  readonly picture: Picture;
  readonly drawers: DrawingModels;
  readonly curl: () => Promise<string>;
  /** Whether the curl command contains the user's token. */
  readonly hasLogin: boolean;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}

export function ResultCard({ picture, drawers, curl, hasLogin, onRetry, onRemove }: ResultCardProps) {
  const { id, file, previewUrl, step } = picture;
  const findings = step.kind === 'done' ? finalFindings(step) : null;
  const doubt = findings === null ? null : doubtAbout(picture, findings, drawers);
  const removeButton = useRef<HTMLButtonElement>(null);
  const retry = () => {
    // The button that was pressed goes, and would take the focus with it.
    removeButton.current?.focus();
    onRetry();
  };
  return (
    <li class="result" id={`picture-${id}`}>
      <PictureView
        previewUrl={previewUrl}
        name={file.name}
        facts={findings?.image ?? null}
        map={findings?.map ?? null}
      />
      <div class="result-body">
        <div class="result-name">
          <span title={file.name}>{file.name}</span>
          <button type="button" class="button button-quiet" data-remove ref={removeButton} onClick={onRemove}>
            Remove<span class="unseen"> {file.name}</span>
          </button>
        </div>
        <Outcome step={step} doubt={doubt} size={file.size} onRetry={retry} />
        {findings !== null && <Copies name={file.name} answer={findings.answer} curl={curl} hasLogin={hasLogin} />}
      </div>
    </li>
  );
}

interface CopiesProps {
  readonly name: string;
  readonly answer: Findings['answer'];
  readonly curl: () => Promise<string>;
  readonly hasLogin: boolean;
}

function Copies({ name, answer, curl, hasLogin }: CopiesProps) {
  return (
    <div class="copies">
      <CopyButton name="Copy JSON" about={name} text={async () => JSON.stringify(answer, null, 2)} />
      <CopyButton name={hasLogin ? 'Copy curl with your login' : 'Copy curl'} about={name} text={curl} />
    </div>
  );
}

interface OutcomeProps {
  readonly step: Step;
  readonly doubt: DrawingKnowledge | null;
  readonly size: number;
  readonly onRetry: () => void;
}

function Outcome({ step, doubt, size, onRetry }: OutcomeProps) {
  switch (step.kind) {
    case 'waiting':
      return <Waiting title="Waiting" words="Other pictures come first." isStill />;
    case 'sending':
      return <Waiting title="Classifying" words="The model is looking at the picture." />;
    case 'uploading':
      return (
        <Waiting
          title={`Uploading, ${Math.round(step.part * 100)}%`}
          words={`${formatBytes(size)} is too much for one request, so the picture is uploaded to the bucket first.`}
        />
      );
    case 'working':
      return <Waiting title={step.isRunning ? 'Classifying' : 'Waiting'} words={heavyWords(step.model)} />;
    case 'failed':
      return <Notice explanation={step.explanation} onRetry={onRetry} />;
    case 'done':
      return (
        <Verdict findings={finalFindings(step)} doubt={doubt} first={step.findings} secondLook={step.secondLook} />
      );
  }
}

function heavyWords(model: string): string {
  return `The answer of the heavy model ${model} will appear here. If its machine has to start first, that takes minutes.`;
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
  /** The findings that count. */
  readonly findings: Findings;
  /** What the model knows, if the answer counts for drawings only. */
  readonly doubt: DrawingKnowledge | null;
  /** The findings of the small model. */
  readonly first: Findings;
  readonly secondLook: SecondLook | null;
}

function Verdict({ findings, doubt, first, secondLook }: VerdictProps) {
  const { model, predictions, concept, image, totalMs, storedAs } = findings;
  const [best] = predictions;
  return (
    <>
      <h3 class="verdict">
        {doubt !== null && <span class="condition">{IF_DRAWN} </span>}
        <span class="verdict-label">{best?.label ?? 'No label'}</span>
      </h3>
      {doubt !== null && <Doubt model={model} knows={doubt} />}
      <ConceptLine concept={concept} best={best} />
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
          <a href={galleryHash({ label: best.label, minProbability: 0 })}>Show in the gallery</a>
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
        <span class="spinner" aria-hidden="true" /> {first.model} was not sure, so the heavy model {secondLook.model}{' '}
        looks at the picture, too. If its machine has to start first, that takes minutes.
      </p>
    );
  }
  if (secondLook.kind === 'failed') {
    return (
      <p class="soft">
        The heavy model {secondLook.model} was asked, too, but gave no answer: {secondLook.explanation.title}.
      </p>
    );
  }
  return (
    <p class="soft">
      <span class="badge">second look</span> {first.model} was not sure
      {best === undefined ? '' : ` (${best.label}, ${formatProbability(best.probability)})`}, so the heavy model{' '}
      {secondLook.findings.model} was asked.
    </p>
  );
}
