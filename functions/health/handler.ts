import { getHealth } from '../api/health.ts';
import { toLogin } from '../api/login.ts';
import { createApiHandler } from '../api/serve.ts';
import { readEnvironment } from '../environment.ts';
import { logger, metrics } from '../log.ts';
import { heavyModelNames } from '../routing/route-settings.ts';
import { healthEnvironmentSchema } from './settings.ts';

const settings = readEnvironment(healthEnvironmentSchema, process.env);

const dependencies = {
  routes: { small: [settings.AUTOSWIFTNET_MODEL], heavy: heavyModelNames(settings) },
  auth: toLogin(settings),
  maxImageBytes: settings.AUTOSWIFTNET_MAX_IMAGE_BYTES,
  allowedOrigins: settings.AUTOSWIFTNET_CORS_ORIGINS,
};

/** Answers `GET /health` of API Gateway's HTTP API, whatever becomes of the model. */
export const handler = createApiHandler(
  [{ method: 'GET', path: '/health', run: getHealth }],
  dependencies,
  logger,
  metrics,
);
