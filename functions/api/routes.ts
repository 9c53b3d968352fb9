import { classify } from './classify.ts';
import type { ApiDependencies } from './dependencies.ts';
import { getHealth } from './health.ts';
import { getImage, listImages } from './images.ts';
import { getJob } from './jobs.ts';
import { listLabels } from './labels.ts';
import { listModels } from './models.ts';
import { atNamedBucket } from './named-bucket.ts';
import { getOpenapi } from './openapi.ts';
import { ROUTE_PATHS } from './route-paths.ts';
import type { Route } from './serve.ts';
import { getThumbnail } from './thumbnail.ts';
import { createUpload } from './uploads.ts';

type Answer = Route<ApiDependencies>['run'];

const ANSWERS: Readonly<Record<(typeof ROUTE_PATHS)[number]['path'], Answer>> = {
  '/classify': inBucket(classify),
  '/jobs/{id}': getJob,
  '/images': inBucket(listImages),
  '/images/{id}': inBucket(getImage),
  '/images/{id}/thumbnail': inBucket(getThumbnail),
  '/labels': listLabels,
  '/uploads': inBucket(createUpload),
  '/models': listModels,
  '/health': getHealth,
  '/openapi.yaml': getOpenapi,
};

export const ROUTES: readonly Route<ApiDependencies>[] = ROUTE_PATHS.map((route) => ({
  ...route,
  run: ANSWERS[route.path],
}));

/** Lets a request name another watched bucket than the first one. */
function inBucket(answer: Answer): Answer {
  return async (asked, all, context) => {
    const { request, dependencies } = atNamedBucket(asked, all);
    return answer(request, dependencies, context);
  };
}
