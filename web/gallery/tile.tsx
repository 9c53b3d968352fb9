import { useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { fileName, formatProbability } from '../format.ts';
import { FileGlyph } from '../parts/glyphs.tsx';
import { headline } from './album.ts';

interface TileProps {
  readonly image: Wire.Image;
  readonly onOpen: () => void;
  readonly onExpired: () => void;
}

export function Tile({ image, onOpen, onExpired }: TileProps) {
  const found = headline(image);
  return (
    <li>
      <button type="button" class="tile" onClick={onOpen}>
        <span class="tile-picture">
          <BucketPicture image={image} onExpired={onExpired} />
        </span>
        <span class="tile-words">
          <span class="tile-label">{found?.label ?? STATE_WORDS[image.state]}</span>
          <span class="tile-key">{fileName(image.key)}</span>
          {found !== null && <span class="tile-value">{formatProbability(found.probability)}</span>}
        </span>
      </button>
    </li>
  );
}

export const STATE_WORDS: Readonly<Record<Wire.Image['state'], string>> = {
  pending: 'Being classified',
  tagged: 'No label',
  rejected: 'Not classified',
  failed: 'Failed',
};

interface BucketPictureProps {
  readonly image: Wire.Image;
  /** Called when the URL may have expired, to load a new one. */
  readonly onExpired: () => void;
}

/**
 * Shows the picture. If its URL fails, a new one is loaded once. If that one fails, too, the
 * browser cannot show this kind of file.
 */
export function BucketPicture({ image, onExpired }: BucketPictureProps) {
  const [failedUrls, setFailedUrls] = useState<readonly string[]>([]);
  const hasPicture = image.state !== 'rejected' && failedUrls.length < 2 && !failedUrls.includes(image.url);
  if (!hasPicture) {
    return (
      <span class="no-preview">
        <FileGlyph />
        No preview
      </span>
    );
  }
  return (
    <img
      src={image.url}
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => {
        setFailedUrls([...failedUrls, image.url]);
        if (failedUrls.length === 0) onExpired();
      }}
    />
  );
}
