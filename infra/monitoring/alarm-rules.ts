import { functionTimeoutSeconds } from '../../functions/tag-upload/queue.ts';

/** When an alarm is raised, and what the person who receives it should know. */
export interface AlarmRule {
  /** The metric must be above this value for all of `periods`. */
  readonly above: number;
  /** Number of periods of five minutes. */
  readonly periods: number;
  /**
   * What a missing value means. By default nothing is wrong: something that does not run reports
   * nothing. `unchanged`: the alarm stays as it is. SQS stops reporting a queue that nobody calls
   * for six hours, also if messages are in it.
   */
  readonly whenMissing?: 'unchanged';
  /** What has happened, in one sentence. */
  readonly meaning: string;
  /** Where the cause shows, for docs/runbook.md. Too long for a description on AWS. */
  readonly lookAt: string;
  readonly whatToDo: string;
}

/** What the texts of the alarms name. */
export interface AlarmSettings {
  readonly stackName: string;
  readonly tagBatchSize: number;
  readonly gpuHoursPerDay: number;
}

const ERROR_RATE_PERCENT = 5;
/** The alarm is raised when the slowest calls take more than this share of the timeout. */
const TAGGING_P99_SHARE = 0.5;
/** API Gateway ends a request after 30 s. The alarm is raised well before that. */
const API_P99_MS = 10_000;
const UPLOADS_AGE_MINUTES = 15;
/**
 * Starting a GPU machine takes minutes. A request that waits for an hour shows that AWS has none.
 */
const HEAVY_AGE_MINUTES = 60;
const IDLE_PERIODS = 6;
/** A dead letter is tried alone within minutes, unless hundreds come at once. */
const DEAD_PERIODS = 6;
/** A machine from zero to its first answer takes up to ten minutes, and Spot may take longer. */
const STUCK_PERIODS = 6;

/** A failed count is tried twice more before the next one, so every period has an error. */
const LIMIT_PERIODS = 2;

/**
 * Returns the alarms by name. Each text is the alarm's description on AWS, and with the default
 * batch size part of its section in docs/runbook.md (`npm run docs`).
 * @param region where the stack is, for the commands that the texts name
 */
export function alarmRules({ stackName, tagBatchSize, gpuHoursPerDay }: AlarmSettings, region: string) {
  const option = `--stack ${stackName} --region ${region}`;
  const seeWhy = `npx autoswiftnet dead-letters list ${option} shows why. Repair the cause. Then send it back: npx autoswiftnet dead-letters redrive ${option}`;
  const taggingTimeoutSeconds = functionTimeoutSeconds(tagBatchSize);
  const taggingP99Seconds = TAGGING_P99_SHARE * taggingTimeoutSeconds;
  return {
    ApiErrors: {
      above: ERROR_RATE_PERCENT,
      periods: 2,
      meaning: `More than ${ERROR_RATE_PERCENT}% of the API requests end with a 5xx status.`,
      lookAt:
        "The API's access log at the time of the alarm: the lines whose status is 5xx, with their path and `integrationError`. Then the API function's log at level `ERROR`, and the Lambda metrics `Throttles` and `ConcurrentExecutions`: a call that was throttled leaves nothing in the function's log.",
      whatToDo: "Read integrationError in the API's access log. The cause is in the function's log at level ERROR.",
    },
    ApiSlow: {
      above: API_P99_MS,
      periods: 3,
      meaning: `The slowest 1% of the API's answers take more than ${API_P99_MS / 1000} s.`,
      lookAt:
        "The API's access log: `latencyMs` by path. If the slow requests are `POST /classify`, compare the sizes of their pictures. If they are the first ones after a pause, they are cold starts: the function's log has an `INIT_START` line before them.",
      whatToDo:
        'Give the functions more memory (memoryMb), which also gives them more CPU. If the pictures are large, lower maxImagePixels.',
    },
    BackfillFailed: {
      above: 0,
      periods: 1,
      meaning: 'A backfill failed: more of the bucket failed than the run tolerates, or it could not start.',
      lookAt:
        "The execution in the console of Step Functions, with its error. `States.ExceedToleratedFailureThreshold`: the map run lists the batches that failed, and the lines in `backfill/RUN/results/` of the service bucket say why each object did. `InvalidRunRequestError`: its cause says which field. Then the backfill function's log at level `ERROR`.",
      whatToDo: `npx autoswiftnet backfill status ${option} shows the reasons. Repair the cause. Then run the redrive-execution command that it prints: the run goes on with the batches that failed.`,
    },
    GpuHoursUsedUp: {
      above: 0,
      periods: 1,
      meaning: `GPU machines have run for ${gpuHoursPerDay} hours today (UTC). The service is stopped until midnight, and requests wait.`,
      lookAt:
        "The log of LimitGpuHours: `gpuHours` of the day. The ECS service's events: tasks that start and stop again and again also use hours. The heavy queue: how many requests really wait.",
      whatToDo:
        "Look whether tasks crash: the worker's log, and the ECS service's events. If the work is real, deploy with a higher gpuHoursPerDay.",
    },
    GpuIdle: {
      above: 0,
      periods: IDLE_PERIODS,
      meaning: `A GPU task has run for ${IDLE_PERIODS * 5} minutes while no request waits. It costs money.`,
      lookAt:
        'The heavy queue: with no message waiting and none running, the alarm is right. The state and the history of the alarm with HeavyScalingIn in its name, and the scaling activities of the ECS service.',
      whatToDo:
        "Set the ECS service's desired count to 0. Then find out why the alarm with HeavyScalingIn in its name did not do it.",
    },
    GpuLimitFails: {
      above: 0,
      periods: LIMIT_PERIODS,
      meaning:
        'The GPU hours of the day cannot be counted, or the service cannot be stopped. Nothing limits the costs.',
      lookAt:
        'The log of LimitGpuHours at level `ERROR`: it names the call that failed. How many tasks run now, in the ECS service.',
      whatToDo:
        "Set the service to zero if nobody waits for it. The cause is in LimitGpuHours' log at level ERROR: most often a permission that was taken away.",
    },
    HeavyDead: {
      above: 0,
      periods: 1,
      whenMissing: 'unchanged',
      meaning: 'A request to the heavy model failed on every attempt and is in the dead-letter queue.',
      lookAt:
        "`npx autoswiftnet dead-letters list --stack NAME`: the image or the job of each message, and the reason. The worker's log has a line `attempt failed` for each attempt.",
      whatToDo: seeWhy,
    },
    HeavyOld: {
      above: HEAVY_AGE_MINUTES * 60,
      periods: 2,
      meaning: `A request has waited in the heavy queue for more than ${HEAVY_AGE_MINUTES} minutes.`,
      lookAt:
        "The ECS service's events, the number of its tasks, and the worker's metric `ImagesPerSecond`: with tasks at work, there are more requests than they can answer.",
      whatToDo:
        "Read the ECS service's events. VcpuLimitExceeded: ask Service Quotas for more vCPUs. UnfulfillableCapacity: allow more gpuInstanceTypes. If GpuHoursUsedUp is raised, that is why.",
    },
    HeavyStuck: {
      above: 0,
      periods: STUCK_PERIODS,
      meaning: `Requests have waited in the heavy queue for ${STUCK_PERIODS * 5} minutes, and none was completed in that time.`,
      lookAt:
        "The ECS service's events: is there a machine, and a task? The worker's log at level `ERROR`, and its lines `model opened` and `worker ready`: without the second no message is received.",
      whatToDo:
        "Read the ECS service's events: AWS may have no machine. If there is a task, read the worker's log at level ERROR. If GpuHoursUsedUp is raised, that is why.",
    },
    ModelFallback: {
      above: 0,
      periods: 1,
      meaning: 'A model does not work on its machine. An exact replacement answers in its place, and is slower.',
      lookAt:
        'The log line with `is used instead`: it has the model, the kind of fallback (`exact-int8`, `fp32`, `plain-graph`) and the reason. Whether the package or the machine changed: the last deployment, and the processor or GPU in use.',
      whatToDo: 'Search the logs for "is used instead". Run models verify on the package, and deploy it again.',
    },
    ModelNotOpened: {
      above: 0,
      periods: 1,
      meaning: 'A task of the heavy service cannot open its model: its GPU, a library or a file is missing.',
      lookAt:
        "The worker's log at level `ERROR`: `the model cannot be opened`, with the code. `no-execution-provider` names the missing library or device, `package-download` the file, `machine-fault` what is wrong with the machine's disk.",
      whatToDo:
        "Read the worker's log at level ERROR. Until it is repaired, set the service to zero: each new attempt costs money.",
    },
    OpenedOnCpu: {
      above: 0,
      periods: 1,
      meaning: 'A task of the heavy service computes on the CPU, at the price of a GPU.',
      lookAt: "The worker's line `model opened`: `refusals` has the reason of each provider that was tried before.",
      whatToDo:
        'Read the refusals in the worker\'s line "model opened". Repair the image or choose other gpuInstanceTypes.',
    },
    SelfTestFailed: {
      above: 0,
      periods: 1,
      meaning: 'A model computed wrongly, and nothing can replace it. Nothing is answered with it.',
      lookAt:
        'The log line at level `ERROR` with the code `self-test-failed`: it has the package, and the first number that is wrong. Which processor or GPU it ran on.',
      whatToDo: 'Run models verify on the package. If its files are sound, deploy an fp32 package.',
    },
    TaggingErrors: {
      above: ERROR_RATE_PERCENT,
      periods: 2,
      meaning: `More than ${ERROR_RATE_PERCENT}% of the tagging function's calls end in an error.`,
      lookAt:
        "The tagging function's log at level `ERROR`, and its lines `Task timed out` and `Runtime exited`, which a function that is killed cannot write itself. A picture that fails alone does not count: the call reports it, and succeeds.",
      whatToDo: "Search the function's log for level ERROR. A model that cannot be opened is reported there at start.",
    },
    TaggingSlow: {
      above: taggingP99Seconds * 1000,
      periods: 3,
      meaning: `The slowest 1% of the tagging function's calls take more than ${taggingP99Seconds} s. Lambda ends a call after ${taggingTimeoutSeconds} s.`,
      lookAt:
        "The function's metrics `ReadTime`, `DecodeTime`, `RunTime`, `TagTime` and `RecordTime`: the step that has grown. The sizes of recent uploads.",
      whatToDo: 'Give the function more memory (memoryMb), which also gives it more CPU, or deploy a smaller model.',
    },
    UploadsDead: {
      above: 0,
      periods: DEAD_PERIODS,
      meaning: `For ${DEAD_PERIODS * 5} minutes there have been uploads that failed on every attempt and were not yet tried alone.`,
      lookAt:
        '`npx autoswiftnet dead-letters list --stack NAME`, and the log of the function of the dead letters at level `ERROR`: it says why a dead letter was not handed on.',
      whatToDo:
        'If TaggingErrors is raised as well, repair that first. Otherwise search the log of the function of the dead letters for level ERROR.',
    },
    UploadsOld: {
      above: UPLOADS_AGE_MINUTES * 60,
      periods: 2,
      meaning: `An upload has waited for more than ${UPLOADS_AGE_MINUTES} minutes.`,
      lookAt:
        "The number of waiting uploads, and the function's metrics `ConcurrentExecutions` and `Throttles`. If they are at `tagConcurrency` or at the account's limit, that is the bottleneck. If the function hardly runs, look at its errors.",
      whatToDo: 'Raise tagConcurrency, or ask AWS for more concurrent Lambda executions.',
    },
    UploadsParked: {
      above: 0,
      periods: 1,
      whenMissing: 'unchanged',
      meaning: 'A message of the uploads queue failed alone as well, or cannot be read. It is parked.',
      lookAt:
        '`npx autoswiftnet dead-letters list --stack NAME`: each parked message has a code and a reason. The record of the image, if there is one, has the same.',
      whatToDo: seeWhy,
    },
  } as const satisfies Readonly<Record<string, AlarmRule>>;
}

export type AlarmName = keyof ReturnType<typeof alarmRules>;
