import { useEffect, useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { explain } from '../api/explain.ts';
import { fileName } from '../format.ts';
import { PictureView } from '../parts/picture-view.tsx';
import { useStore } from '../store.ts';
import type { Gallery } from './gallery.ts';
import { useThumbnail } from './thumbnail.tsx';

interface DetailPictureProps {
  readonly gallery: Gallery;
  readonly image: Wire.Image;
}

/**
 * Shows the picture, and over it where the model sees its label. The thumbnail is there sooner, as
 * the backdrop. Of a format that browsers cannot show, it is the picture.
 */
export function DetailPicture({ gallery, image }: DetailPictureProps) {
  const isOn = useStore(gallery.showsMap);
  const canHaveMap = image.state === 'tagged';
  const { url, fail } = useOriginal(gallery, image);
  const loaded = useThumbnail(gallery, image);
  const thumbnail = loaded === 'none' ? null : loaded;
  const answer = useMap(gallery, image, canHaveMap && isOn);
  const map = answer?.kind === 'map' ? answer.map : null;
  return (
    <PictureView
      previewUrl={url ?? thumbnail}
      backdropUrl={loaded === 'none' ? url : thumbnail}
      name={fileName(image.key)}
      facts={factsOf(image)}
      map={map}
      {...(canHaveMap ? { mapSwitch: { isOn, onChange: (on: boolean) => gallery.showsMap.update(() => on) } } : {})}
      mapNote={answer === null ? null : noteOn(answer, image)}
      onFail={fail}
    />
  );
}

interface Original {
  /** Null if the browser cannot show the original. */
  readonly url: string | null;
  /** Called when the URL cannot be shown. */
  readonly fail: () => void;
}

/**
 * Keeps the URL of the original while it is open, although every look at the album brings another.
 * A URL is valid for a few minutes, so a new one is requested once. If that fails, too, the browser
 * cannot show this kind of file.
 */
function useOriginal({ api }: Gallery, image: Wire.Image): Original {
  const [url, setUrl] = useState(canShow(image) ? image.url : null);
  const [isRenewed, setIsRenewed] = useState(false);
  const fail = () => {
    setIsRenewed(true);
    if (isRenewed) setUrl(null);
    else
      api.image(image.id, NEVER).then(
        (fresh) => setUrl(fresh.url === url ? null : fresh.url),
        () => setUrl(null),
      );
  };
  return { url, fail };
}

/** Only one browser shows TIFF and HEIC, and they are large. */
function canShow({ state, format }: Wire.Image): boolean {
  return state !== 'rejected' && format !== 'tiff' && format !== 'heic';
}

const NEVER = new AbortController().signal;

type MapAnswer =
  | { readonly kind: 'loading' }
  | { readonly kind: 'map'; readonly map: Wire.Explanation; readonly model: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Asks the default model where in a stored picture it sees its label. The answers of heavy models
 * take minutes, so a picture that has its label from one gets the map of the small one.
 */
function useMap({ api }: Gallery, { key, updatedAt }: Wire.Image, isWanted: boolean): MapAnswer | null {
  const [answer, setAnswer] = useState<MapAnswer | null>(null);
  useEffect(() => {
    if (!isWanted || answer?.kind === 'map') return;
    const ending = new AbortController();
    const { signal } = ending;
    setAnswer({ kind: 'loading' });
    api.classify({ key }, { model: null, explain: true, idempotencyKey: crypto.randomUUID() }, signal).then(
      (found) => {
        if (signal.aborted) return;
        if ('state' in found || found.explanation === null)
          setAnswer({ kind: 'failed', reason: 'the model makes none' });
        else setAnswer({ kind: 'map', map: found.explanation, model: found.model });
      },
      (error: unknown) => {
        if (!signal.aborted) setAnswer({ kind: 'failed', reason: explain(error).title });
      },
    );
    return () => ending.abort();
  }, [api, key, updatedAt, isWanted]);
  return answer;
}

/** Null if the legend says all. */
function noteOn(answer: MapAnswer, image: Wire.Image): string | null {
  if (answer.kind === 'loading') return 'Looking where the model sees it …';
  if (answer.kind === 'failed') return `There is no map: ${answer.reason}.`;
  return answer.model === image.model ? null : `This map is by ${answer.model}.`;
}

/** Null if the record lacks some. */
function factsOf({ width, height, format, size }: Wire.Image): Wire.Picture | null {
  if (width === null || height === null || format === null || size === null) return null;
  return { width, height, format, bytes: size };
}
