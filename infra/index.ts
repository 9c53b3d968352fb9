/**
 * AutoSwiftNet for stacks of your own: `autoswiftnet/cdk` in the npm package. docs/construct.md
 * describes it.
 */
export { AutoSwiftNetError } from '../classifier/errors.ts';
export { ConfigurationError } from '../functions/errors.ts';
export { ModelPackage } from './artefacts/model-package.ts';
export { WorkerImage } from './artefacts/worker-image.ts';
export { Backfill } from './backfill/backfill.ts';
export type { BackfillProps } from './backfill/backfill-props.ts';
export { HeavyModels } from './heavy-models/heavy-models.ts';
export type { HeavyModelsProps } from './heavy-models/heavy-models-props.ts';
export { HttpApi } from './http-api/http-api.ts';
export type { HttpApiProps } from './http-api/http-api-props.ts';
export { Monitoring } from './monitoring/monitoring.ts';
export type { MonitoringProps } from './monitoring/monitoring-props.ts';
export { Page } from './page/page.ts';
export type { PageProps } from './page/page-props.ts';
export type { WatchOptions } from './storage/watch-options.ts';
export { AutoSwiftNet } from './tagging/auto-swift-net.ts';
export type { AutoSwiftNetProps } from './tagging/auto-swift-net-props.ts';
