import { Stack } from 'aws-cdk-lib';
import type { Core } from './core.ts';
import type { ServiceFunction } from './service-function.ts';

/** Tells a function what is watched, once that is more than all of one bucket. */
export function tellWatched(service: ServiceFunction, { buckets }: Pick<Core, 'buckets'>): void {
  buckets.forEach(() => {
    const watched = buckets.all.map(({ bucket: { bucketName: bucket }, prefix, suffix }) => ({
      bucket,
      prefix,
      suffix,
    }));
    const isSimple = watched.length === 1 && watched.every(({ prefix, suffix }) => prefix === '' && suffix === '');
    if (!isSimple) service.addVariables({ AUTOSWIFTNET_WATCHED: Stack.of(service).toJsonString(watched) });
  });
}
