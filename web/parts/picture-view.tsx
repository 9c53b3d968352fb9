import { useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { FileGlyph } from './glyphs.tsx';

interface PictureViewProps {
  readonly previewUrl: string;
  readonly name: string;
  readonly facts: Wire.Picture | null;
  readonly map: Wire.Explanation | null;
}

/**
 * Shows the picture, and over it where the model looked. A small picture is enlarged; what remains
 * of the frame shows the picture again, blurred.
 */
export function PictureView({ previewUrl, name, facts, map }: PictureViewProps) {
  const [canShow, setCanShow] = useState(true);
  const [showsMap, setShowsMap] = useState(true);
  const [aspectRatio, setAspectRatio] = useState(1);
  if (!canShow) {
    return (
      <div class="picture-view">
        <div class="no-preview">
          <FileGlyph />
          <span>{facts === null ? 'No preview' : `Browsers cannot show ${facts.format.toUpperCase()}`}</span>
        </div>
      </div>
    );
  }
  return (
    <figure class="picture-view">
      <div class="stage">
        <img class="backdrop" src={previewUrl} alt="" />
        <div class={showsMap ? 'picture shows-map' : 'picture'} style={{ '--aspect-ratio': String(aspectRatio) }}>
          <img
            src={previewUrl}
            alt={name}
            onLoad={({ currentTarget }) =>
              setAspectRatio(currentTarget.naturalWidth / currentTarget.naturalHeight || 1)
            }
            onError={() => setCanShow(false)}
          />
          {map !== null && facts !== null && <MapLayers map={map} facts={facts} />}
        </div>
      </div>
      {map !== null && (
        <figcaption class="picture-legend">
          {showsMap && <Legend label={map.label} />}
          <button
            type="button"
            class="button"
            aria-pressed={showsMap}
            title={`Where the model sees ${map.label}`}
            onClick={() => setShowsMap(!showsMap)}
          >
            Map<span class="unseen"> of {name}</span>
          </button>
        </figcaption>
      )}
    </figure>
  );
}

/** Explains the frame and the colours over the picture. */
function Legend({ label }: { readonly label: string }) {
  return (
    <ul>
      <li>
        <span class="key key-frame" aria-hidden="true" />
        Frame: what the model saw
      </li>
      <li>
        <span class="key key-map" aria-hidden="true" />
        Colour: where it sees {label}
      </li>
    </ul>
  );
}

function MapLayers({ map, facts }: { readonly map: Wire.Explanation; readonly facts: Wire.Picture }) {
  const { left, top, width, height } = map.region;
  const share = (length: number, whole: number) => `${(100 * length) / whole}%`;
  return (
    <>
      <div
        class="frame"
        style={{
          left: share(left, facts.width),
          top: share(top, facts.height),
          width: share(width, facts.width),
          height: share(height, facts.height),
        }}
      />
      <img
        class="map"
        src={`data:${map.overlay.contentType};base64,${map.overlay.base64}`}
        alt={`Where the model sees ${map.label}`}
      />
    </>
  );
}
