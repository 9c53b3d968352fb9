import { environmentSchema } from '../environment.ts';

const { shape } = environmentSchema;

/** The variables of this function. The CDK app sets all of them. */
export const limitGpuHoursEnvironmentSchema = environmentSchema
  .pick({ AUTOSWIFTNET_TABLE: true, AUTOSWIFTNET_STACK: true })
  .extend({
    AUTOSWIFTNET_GPU_CLUSTER: shape.AUTOSWIFTNET_GPU_CLUSTER.unwrap().unwrap(),
    AUTOSWIFTNET_GPU_SERVICE: shape.AUTOSWIFTNET_GPU_SERVICE.unwrap().unwrap(),
    AUTOSWIFTNET_GPU_HOURS_PER_DAY: shape.AUTOSWIFTNET_GPU_HOURS_PER_DAY.unwrap().unwrap(),
  });

/**
 * Minutes between two calls. A GPU that is there at a call counts for the time until the next one.
 */
export const COUNT_INTERVAL_MINUTES = 5;
