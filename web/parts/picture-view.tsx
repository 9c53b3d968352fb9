import { useState } from 'preact/hooks';
import type * as Wire from '../../functions/wire.ts';
import { FileGlyph } from './glyphs.tsx';

interface PictureViewProps {
  /** Null if there is nothing that a browser can show. */
  readonly previewUrl: string | null;
  /** A small picture of the same, to blur; null while there is none. Default: the picture itself. */
  readonly backdropUrl?: string | null;
  readonly name: string;
  readonly facts: Wire.Picture | null;
  readonly map: Wire.Explanation | null;
  /** Turns the map on and off. Default: a switch of its own, once there is a map. */
  readonly mapSwitch?: MapSwitch;
  /** What there is to say about the map while it is on, besides its legend. */
  readonly mapNote?: string | null;
  /** Called when the browser cannot show the picture. */
  readonly onFail?: () => void;
}

export interface MapSwitch {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/**
 * Shows the picture, and over it where the model looked. A small picture is enlarged; what remains
 * of the frame shows the picture again, blurred.
 */
export function PictureView({
  previewUrl,
  backdropUrl = previewUrl,
  name,
  facts,
  map,
  mapSwitch,
  mapNote = null,
  onFail,
}: PictureViewProps) {
  const [failedUrl, setFailedUrl] = useState<string | null>(null);
  const [isOn, setIsOn] = useState(true);
  const [aspectRatio, setAspectRatio] = useState(facts === null ? 1 : facts.width / facts.height);
  const toggle = mapSwitch ?? (map === null ? null : { isOn, onChange: setIsOn });
  const showsMap = toggle?.isOn === true;
  if (previewUrl === null || failedUrl === previewUrl) {
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
        {backdropUrl !== null && <img class="backdrop" src={backdropUrl} alt="" />}
        <div class={showsMap ? 'picture shows-map' : 'picture'} style={{ '--aspect-ratio': String(aspectRatio) }}>
          <img
            src={previewUrl}
            alt={name}
            onLoad={({ currentTarget }) =>
              setAspectRatio(currentTarget.naturalWidth / currentTarget.naturalHeight || 1)
            }
            onError={() => {
              setFailedUrl(previewUrl);
              onFail?.();
            }}
          />
          {map !== null && facts !== null && <MapLayers map={map} facts={facts} />}
        </div>
      </div>
      {toggle !== null && (
        <figcaption class="picture-legend">
          {showsMap && (
            <div>
              {map !== null && <Legend label={map.label} />}
              {mapNote !== null && <p>{mapNote}</p>}
            </div>
          )}
          <button
            type="button"
            class="button"
            aria-pressed={showsMap}
            title={map === null ? 'Where the model looks' : `Where the model sees ${map.label}`}
            onClick={() => toggle.onChange(!showsMap)}
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
