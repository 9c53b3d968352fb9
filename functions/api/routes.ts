import type { Context } from 'aws-lambda';
import { classify } from './classify.ts';
import type { ApiDependencies } from './dependencies.ts';
import { getHealth } from './health.ts';
import { getImage, listImages } from './images.ts';
import { getJob } from './jobs.ts';
import { listModels } from './models.ts';
import { getOpenapi } from './openapi.ts';
import type { ApiRequest } from './request.ts';
import type { ApiResponse } from './response.ts';
import { ROUTE_PATHS, type RoutePath } from './route-paths.ts';
import { createUpload } from './uploads.ts';

export type Answer = (request: ApiRequest, dependencies: ApiDependencies, context: Context) => Promise<ApiResponse>;

export interface Route extends RoutePath {
  readonly run: Answer;
}

const ANSWERS: Readonly<Record<(typeof ROUTE_PATHS)[number]['path'], Answer>> = {
  '/classify': classify,
  '/jobs/{id}': getJob,
  '/images': listImages,
  '/images/{id}': getImage,
  '/uploads': createUpload,
  '/models': listModels,
  '/health': getHealth,
  '/openapi.yaml': getOpenapi,
};

export const ROUTES: readonly Route[] = ROUTE_PATHS.map((route) => ({ ...route, run: ANSWERS[route.path] }));
