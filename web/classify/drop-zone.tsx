import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { PictureGlyph } from '../parts/glyphs.tsx';
import type { DropState } from './incoming.ts';
import { chosenFiles, type IncomingFiles } from './incoming-files.ts';

interface DropZoneProps {
  readonly isSmall: boolean;
  readonly dropState: DropState;
  readonly onFiles: (incoming: IncomingFiles) => void;
}

/** Shows where to drop files, and opens the file dialog. In fact the whole page accepts files. */
export function DropZone({ isSmall, dropState, onFiles }: DropZoneProps) {
  const pictures = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    onFiles(chosenFiles([...(input.files ?? [])]));
    input.value = ''; // so that the same file can be chosen again
  };
  return (
    <div class={isSmall ? 'dropzone dropzone-small' : 'dropzone'}>
      <PictureGlyph />
      <div>
        <p class="dropzone-title">{titleOf(dropState, isSmall)}</p>
        <p class="soft">
          <span class="mouse-only">
            {isSmall
              ? 'Drop or paste them anywhere on this page.'
              : 'You can drop or paste pictures and folders anywhere on this page.'}{' '}
          </span>
          {!isSmall && 'JPEG, PNG, WebP, GIF, TIFF, AVIF and HEIC work.'}
        </p>
      </div>
      <div class="dropzone-buttons">
        <button type="button" class="button button-main" id="choose" onClick={() => pictures.current?.click()}>
          Choose pictures
        </button>
        {/* Phones have no folders to choose. */}
        <button type="button" class="button mouse-only" onClick={() => folder.current?.click()}>
          Choose a folder
        </button>
        {/* Where a finger is the pointer there is a camera. Elsewhere browsers ignore `capture`. */}
        <button type="button" class="button touch-only" onClick={() => camera.current?.click()}>
          Take a photo
        </button>
      </div>
      <input
        ref={pictures}
        type="file"
        multiple
        hidden
        aria-label="Pictures"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label="Camera"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        {...{ webkitdirectory: true }}
        hidden
        aria-label="Folder"
        onChange={({ currentTarget }) => take(currentTarget)}
      />
    </div>
  );
}

function titleOf(state: DropState, isSmall: boolean): ComponentChildren {
  if (state === 'dragging') return 'Drop to classify';
  if (state === 'reading') return 'Reading the files …';
  if (isSmall) return 'More pictures?';
  return (
    <>
      <span class="mouse-only">Drop pictures here</span>
      <span class="touch-only">Add pictures</span>
    </>
  );
}
