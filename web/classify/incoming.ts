import { useEffect, useState } from 'preact/hooks';
import { type IncomingFiles, itemsOf, readItems } from './incoming-files.ts';

export type DropState = 'idle' | 'dragging' | 'reading';

/**
 * Receives files and folders that are dropped anywhere on the page, or pasted.
 * @returns whether files are being dragged over the page, or a folder is being read
 */
export function useIncomingFiles(take: (incoming: IncomingFiles) => void): DropState {
  const [state, setState] = useState<DropState>('idle');
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const read = async (transfer: DataTransfer) => {
      const items = itemsOf(transfer);
      setState('reading');
      const incoming = await readItems(items);
      setState('idle');
      take(incoming);
    };
    const onDrag = (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return;
      event.preventDefault(); // otherwise the browser leaves the page and opens the file
      setState('dragging');
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setState('idle');
    };
    const onDrop = (event: DragEvent) => {
      if (!carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      void read(event.dataTransfer);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (!carriesFiles(event.clipboardData)) return;
      event.preventDefault();
      void read(event.clipboardData);
    };
    addEventListener('dragover', onDrag, { signal });
    addEventListener('dragleave', onLeave, { signal });
    addEventListener('drop', onDrop, { signal });
    addEventListener('paste', onPaste, { signal });
    return () => listening.abort();
  }, [take]);
  return state;
}

function carriesFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes('Files') ?? false;
}
