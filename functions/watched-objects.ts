/** Objects of a bucket that are tagged: those whose keys begin and end like this. */
export interface WatchedObjects {
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
}

interface Settings {
  readonly AUTOSWIFTNET_BUCKET: string;
  readonly AUTOSWIFTNET_WATCHED: readonly WatchedObjects[] | null;
}

/** Lists what is watched. Without a list it is all of the one bucket. */
export function watchedObjects(settings: Settings): readonly WatchedObjects[] {
  return settings.AUTOSWIFTNET_WATCHED ?? [{ bucket: settings.AUTOSWIFTNET_BUCKET, prefix: '', suffix: '' }];
}

/** The names of the watched buckets, each once, the first one first. */
export function watchedBuckets(watched: readonly WatchedObjects[]): readonly string[] {
  return [...new Set(watched.map(({ bucket }) => bucket))];
}

export function isWatched(
  watched: readonly WatchedObjects[],
  { bucket, key }: { readonly bucket: string; readonly key: string },
): boolean {
  return watched.some((one) => one.bucket === bucket && key.startsWith(one.prefix) && key.endsWith(one.suffix));
}
