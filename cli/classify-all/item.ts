/** An image that is to be classified. */
export type Item = FileItem | ObjectItem;

export interface FileItem {
  readonly kind: 'file';
  /** The path, as it is found from the folder that was given. */
  readonly uri: string;
}

export interface ObjectItem {
  readonly kind: 'object';
  /** `s3://BUCKET/KEY`, as it is: nothing is encoded. */
  readonly uri: string;
  readonly bucket: string;
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** What the process that runs the workers asks of them. */
export interface Task {
  readonly id: number;
  readonly item: Item;
}

/** What a worker tells. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** The model cannot be opened. */
  | { readonly kind: 'broken'; readonly message: string }
  /** `line` is the image's line of JSON; `fault` says why it was not classified, null if it was. */
  | { readonly kind: 'answered'; readonly id: number; readonly line: string; readonly fault: string | null }
  /** The image could not be read. That may change, so there is no line for it. */
  | { readonly kind: 'unread'; readonly id: number; readonly fault: string };

/** Settings of a worker, as JSON in its first argument. */
export interface WorkerSettings {
  readonly packageDir: string;
  readonly top: number;
}
