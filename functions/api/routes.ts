import { classify } from './classify.ts';
import type { ApiDependencies } from './dependencies.ts';
import { getHealth } from './health.ts';
import { getImage, listImages } from './images.ts';
import { getJob } from './jobs.ts';
import { listLabels } from './labels.ts';
import { listModels } from './models.ts';
import { getOpenapi } from './openapi.ts';
import { ROUTE_PATHS } from './route-paths.ts';
import type { Route } from './serve.ts';
import { getThumbnail } from './thumbnail.ts';
import { createUpload } from './uploads.ts';

type Answer = Route<ApiDependencies>['run'];

const ANSWERS: Readonly<Record<(typeof ROUTE_PATHS)[number]['path'], Answer>> = {
  '/classify': classify,
  '/jobs/{id}': getJob,
  '/images': listImages,
  '/images/{id}': getImage,
  '/images/{id}/thumbnail': getThumbnail,
  '/labels': listLabels,
  '/uploads': createUpload,
  '/models': listModels,
  '/health': getHealth,
  '/openapi.yaml': getOpenapi,
};

export const ROUTES: readonly Route<ApiDependencies>[] = ROUTE_PATHS.map((route) => ({
  ...route,
  run: ANSWERS[route.path],
}));
