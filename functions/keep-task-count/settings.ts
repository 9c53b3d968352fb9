import { environmentSchema } from '../environment.ts';

/** The only variable of this function. The service is named in each event. */
export const keepTaskCountEnvironmentSchema = environmentSchema.pick({ AUTOSWIFTNET_STACK: true });
