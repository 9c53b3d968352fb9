import { useRef } from 'preact/hooks';
import { PictureGlyph } from '../parts/glyphs.tsx';

interface DropZoneProps {
  readonly isSmall: boolean;
  readonly isDragging: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Shows where to drop files, and opens the file dialog. In fact the whole page accepts files. */
export function DropZone({ isSmall, isDragging, onFiles }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div class={isSmall ? 'dropzone dropzone-small' : 'dropzone'}>
      <PictureGlyph />
      <div>
        <p class="dropzone-title">
          {isDragging ? 'Drop to classify' : isSmall ? 'More pictures?' : 'Drop pictures here'}
        </p>
        <p class="soft">
          {isSmall
            ? 'Drop or paste them anywhere on this page.'
            : 'You can drop or paste them anywhere on this page. JPEG, PNG, WebP, GIF, TIFF, AVIF and HEIC work.'}
        </p>
      </div>
      <button type="button" class="button button-main" id="choose" onClick={() => input.current?.click()}>
        Choose pictures
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Pictures"
        onChange={({ currentTarget }) => {
          onFiles([...(currentTarget.files ?? [])]);
          currentTarget.value = ''; // so that the same file can be chosen again
        }}
      />
    </div>
  );
}
