import { loginEnvironmentSchema } from '../api/login.ts';
import { environmentSchema } from '../environment.ts';

/** The variables of this function: what the API offers, and nothing that opens a model. */
export const healthEnvironmentSchema = environmentSchema
  .pick({
    AUTOSWIFTNET_MODEL: true,
    AUTOSWIFTNET_HEAVY_MODEL: true,
    AUTOSWIFTNET_HEAVY_MODELS: true,
    AUTOSWIFTNET_HEAVY_QUEUE_URL: true,
    AUTOSWIFTNET_MAX_IMAGE_BYTES: true,
    AUTOSWIFTNET_CORS_ORIGINS: true,
    AUTOSWIFTNET_STACK: true,
  })
  .extend(loginEnvironmentSchema.shape);
