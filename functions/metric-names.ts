/** Namespace of every metric, in CloudWatch and in the embedded metric lines on standard output. */
export const METRICS_NAMESPACE = 'AutoSwiftNet';

/** The dimension `service` of every metric, and the service's name in every log line. */
export const SERVICE = 'autoswiftnet';

/**
 * Counts of what happened when a model was opened. Functions and the heavy worker share these
 * metrics, and alarms read them (infra/monitoring/alarm-rules.ts).
 */
export const OPENING_COUNTS = {
  opened: 'ModelsOpened',
  /** A model of the heavy worker cannot be opened, for whatever reason. */
  notOpened: 'ModelNotOpened',
  onGpu: 'OpenedOnGpu',
  /** The heavy worker computes on the CPU, at the price of a GPU. */
  onCpu: 'OpenedOnCpu',
  /** The model computed wrongly. An exact replacement answers in its place. */
  fallback: 'ModelFallback',
  /** The model computed wrongly, and nothing can replace it. */
  selfTestFailed: 'SelfTestFailed',
} as const;

/**
 * Counted at every check while the GPU hours of the day are used up, also if the service cannot be
 * stopped.
 */
export const GPU_HOURS_USED_UP = 'GpuHoursUsedUp';
