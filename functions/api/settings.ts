import { environmentSchema } from '../environment.ts';
import { loginEnvironmentSchema } from './login.ts';

/**
 * The variables of this function, with their defaults. Those without a default are set by the CDK
 * app or the local stack.
 */
export const apiEnvironmentSchema = environmentSchema
  .pick({
    AUTOSWIFTNET_MODELS: true,
    AUTOSWIFTNET_MODEL: true,
    AUTOSWIFTNET_HEAVY_MODEL: true,
    AUTOSWIFTNET_HEAVY_MODELS: true,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: true,
    AUTOSWIFTNET_CONCEPT_THRESHOLD: true,
    AUTOSWIFTNET_HEAVY_PACKAGES: true,
    AUTOSWIFTNET_MODEL_RULES: true,
    AUTOSWIFTNET_CASCADE_THRESHOLD: true,
    AUTOSWIFTNET_TABLE: true,
    AUTOSWIFTNET_BUCKET: true,
    AUTOSWIFTNET_WATCHED: true,
    AUTOSWIFTNET_SERVICE_BUCKET: true,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
    AUTOSWIFTNET_MAX_IMAGE_PIXELS: true,
    AUTOSWIFTNET_CORS_ORIGINS: true,
    AUTOSWIFTNET_HEIC: true,
    AUTOSWIFTNET_STACK: true,
  })
  .extend(loginEnvironmentSchema.shape);
