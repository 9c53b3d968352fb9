/** The configurations that the template tests examine. */
export const CONTEXTS = {
  /** All defaults, with the heavy service. */
  default: { gpu: true },
  withoutGpu: { gpu: false },
  /** Every key differs from its default, as far as they go together. */
  chosen: {
    architecture: 'x64',
    memoryMb: 3008,
    tagConcurrency: 7,
    backfillConcurrency: 3,
    inventoryBucket: 'photo-lists',
    tagBatchSize: 20,
    tagBatchWindowSeconds: 3,
    apiConcurrency: 5,
    deployment: 'canary',
    tagLabels: 0,
    corsOrigins: 'https://photos.example',
    noncurrentDays: 3,
    logRetentionDays: 7,
    throttleRate: 7,
    throttleBurst: 9,
    jwtIssuer: 'https://id.example',
    jwtAudience: 'photos',
    oidcClientId: 'page',
    domainName: 'api.photos.example',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
    alarmEmail: 'ops@photos.example',
    gpu: true,
    gpuImage: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/my/worker:1.0',
    gpuSpot: true,
    gpuInstanceTypes: 'g6.2xlarge',
    cpuFallback: true,
    gpuHoursPerDay: 3,
    monthlyBudgetUsd: 50,
    budgetTag: 'project=photos',
    gpuMaxTasks: 1,
    network: 'private',
    modelRules: '{"scans/":"auto"}',
    hostedZoneId: 'Z0123456789ABC',
    protect: true,
    keepData: false,
  },
  /** The heavy service without a way to the internet, with an image that Docker builds. */
  privateNetwork: { network: 'private' },
  /** The page, configured for the issuer of a user pool. */
  page: {
    monthlyBudgetUsd: 20,
    apiProvisionedConcurrency: 2,
    page: true,
    gpu: false,
    jwtIssuer: 'https://id.example/pool',
    jwtAudience: 'photos',
    loginOrigins: 'https://login.example',
  },
  existingBucket: { bucket: 'their-photos', gpu: false },
  /** Deployed again, with the data that an earlier stack left. */
  keptData: { bucket: 'kept-photos', table: 'kept-records', keepData: false },
  /** The page and the heavy service, on a domain, with nothing that stays. */
  pageOnDomain: {
    page: true,
    jwtIssuer: 'https://id.example',
    jwtAudience: 'photos',
    domainName: 'api.photos.example',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
    corsOrigins: '*',
    keepData: false,
  },
} as const;

export type ContextName = keyof typeof CONTEXTS;
