import { useEffect, useState } from 'preact/hooks';
import { foldText } from '../../functions/vocabulary/fold-text.ts';
import type * as Wire from '../../functions/wire.ts';
import type { Api } from '../api/client.ts';
import { formatProbability } from '../format.ts';
import { PictureGlyph } from '../parts/glyphs.tsx';
import { CLASSIFY_HASH, EVERY_PICTURE, type GalleryFilter, galleryHash } from '../view.ts';

type Suggestion = Wire.LabelList['labels'][number];

/** Shown while the bucket has no picture with a record. */
export function NoPictures() {
  return (
    <div class="empty">
      <PictureGlyph />
      <h2>No pictures yet</h2>
      <p class="soft">
        Upload pictures to the bucket, for example with the AWS CLI or any S3 client. They appear here with their labels
        as soon as they are tagged. Pictures that are dropped on this page get their answer at once, but are not kept
        here, unless they are large.
      </p>
      <a class="button" href={CLASSIFY_HASH}>
        Classify a picture
      </a>
    </div>
  );
}

interface NothingFoundProps {
  readonly api: Pick<Api, 'labels'>;
  readonly filter: GalleryFilter;
}

/** Shown when a search finds no picture: why, and what to do. */
export function NothingFound({ api, filter }: NothingFoundProps) {
  const { label, minProbability } = filter;
  const word = useWord(api, label);
  return (
    <div class="empty">
      <PictureGlyph />
      <h2>No picture shows “{label}”</h2>
      <p class="soft">{reasonOf(word, minProbability)}</p>
      {word !== null && word.others.length > 0 && (
        <>
          <p id="others-title">{word.isKnown ? 'Similar words:' : 'It knows:'}</p>
          <ul class="chips" aria-labelledby="others-title">
            {word.others.map((other) => (
              <li key={other}>
                <a class="chip" href={galleryHash({ ...filter, label: other })}>
                  {other}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <a class="button" href={galleryHash(EVERY_PICTURE)}>
        Show all
      </a>
    </div>
  );
}

interface Word {
  /** Whether it is a label, a synonym or a group of a model. */
  readonly isKnown: boolean;
  /** Labels and groups that it may have meant. */
  readonly others: readonly string[];
}

function reasonOf(word: Word | null, minProbability: number): string {
  if (word?.isKnown === false)
    return 'The model knows no label and no group of this name. The label field suggests what it knows: type the beginning of another word.';
  const known = word === null ? '' : 'The model knows this word. ';
  if (minProbability > 0)
    return `${known}In no picture is it at least ${formatProbability(minProbability)} sure. A lower cut-off finds more.`;
  return `${known}A search finds the pictures in which it is at least 10% sure of it, unless the deployment sets another limit.`;
}

const OTHERS_SHOWN = 5;

/** Asks what the models know of a word. Without an answer that is not known: null. */
function useWord(api: Pick<Api, 'labels'>, text: string): Word | null {
  const [word, setWord] = useState<Word | null>(null);
  useEffect(() => {
    setWord(null);
    const ending = new AbortController();
    findWord(api, text.trim(), ending.signal).then(setWord, () => {});
    return () => ending.abort();
  }, [api, text]);
  return word;
}

async function findWord(api: Pick<Api, 'labels'>, text: string, signal: AbortSignal): Promise<Word> {
  const { labels } = await api.labels(text, signal);
  const searched = foldText(text);
  const isMeant = ({ id, label, synonyms }: Suggestion) =>
    [id ?? '', label, ...synonyms].some((name) => foldText(name) === searched);
  const isKnown = labels.some(isMeant);
  // Labels are singular, and people search for dogs.
  const singular = isKnown ? text : text.replace(/e?s$/i, '');
  const near = singular === text ? labels : (await api.labels(singular, signal)).labels;
  const others = near.filter((one) => !isMeant(one)).map(({ label }) => label);
  return { isKnown, others: others.slice(0, OTHERS_SHOWN) };
}
