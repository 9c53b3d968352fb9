import type * as Wire from '../../functions/wire.ts';
import { fileName, formatProbability } from '../format.ts';
import { stepInto } from '../view.ts';
import { type Headline, headline } from './album.ts';
import type { Gallery } from './gallery.ts';
import { Thumbnail } from './thumbnail.tsx';

interface TileProps {
  readonly image: Wire.Image;
  readonly gallery: Gallery;
  /** Address of the open picture. */
  readonly href: string;
}

export function Tile({ image, gallery, href }: TileProps) {
  const found = headline(image);
  return (
    <li>
      <a class="tile" href={href} data-id={image.id} onClick={(event) => openHere(event, href)}>
        <span class="tile-picture">
          <Thumbnail image={image} gallery={gallery} />
        </span>
        <span class="tile-words">
          <span class="tile-label">{found?.label ?? STATE_WORDS[image.state]}</span>
          <span class="tile-key">{fileName(image.key)}</span>
          {found !== null && <span class="tile-value">{surenessOf(found)}</span>}
        </span>
      </a>
    </li>
  );
}

/** Returns by how much a search found the picture, because its pictures stand in this order. */
function surenessOf({ probability, group }: Headline): string {
  return group === null ? formatProbability(probability) : `${group.label} ${formatProbability(group.probability)}`;
}

/** Opens the picture on this page, from which Back leads here. Other clicks open a new tab. */
function openHere(event: MouseEvent, href: string): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  stepInto(href);
}

export const STATE_WORDS: Readonly<Record<Wire.Image['state'], string>> = {
  pending: 'Being classified',
  tagged: 'No label',
  rejected: 'Not classified',
  failed: 'Failed',
};
