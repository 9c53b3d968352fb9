import { useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { FileGlyph } from './glyphs.tsx';

interface PictureViewProps {
  readonly previewUrl: string;
  readonly name: string;
  readonly facts: Wire.Picture | null;
  readonly map: Wire.Explanation | null;
}

/** Shows the picture, and over it where the model looked. */
export function PictureView({ previewUrl, name, facts, map }: PictureViewProps) {
  const [canShow, setCanShow] = useState(true);
  const [showsMap, setShowsMap] = useState(true);
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
    <div class="picture-view">
      <div class={showsMap ? 'picture shows-map' : 'picture'}>
        <img src={previewUrl} alt={name} onError={() => setCanShow(false)} />
        {map !== null && facts !== null && <MapLayers map={map} facts={facts} />}
      </div>
      {map !== null && (
        <div class="picture-tools">
          <button
            type="button"
            class="button"
            aria-pressed={showsMap}
            title={`Where the model sees ${map.label}`}
            onClick={() => setShowsMap(!showsMap)}
          >
            Map<span class="unseen"> of {name}</span>
          </button>
        </div>
      )}
    </div>
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
