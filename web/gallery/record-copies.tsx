import type * as Wire from '../../functions/wire.ts';
import { curl } from '../api/curl.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import type { Gallery } from './gallery.ts';

interface RecordCopiesProps {
  readonly gallery: Gallery;
  readonly image: Wire.Image;
}

/** Copies the record of an image, or the command that gets it. */
export function RecordCopies({ gallery, image }: RecordCopiesProps) {
  const command = async () => curl(`${location.origin}/images/${image.id}`, await gallery.token());
  return (
    <div class="copies">
      <CopyButton name="Copy JSON" text={JSON.stringify(image, null, 2)} />
      <CopyButton name={gallery.hasLogin() ? 'Copy curl with your login' : 'Copy curl'} text={command} />
    </div>
  );
}
