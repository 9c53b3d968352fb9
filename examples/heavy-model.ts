/**
 * A heavy model on GPUs, which scale from zero, and a cascade: images that the small model is not
 * sure of go to the heavy one. Docker builds the worker's image at the deployment.
 */

import { AutoSwiftNet, HeavyModels, ModelPackage, Monitoring, WorkerImage } from 'autoswiftnet/cdk';
import { App, Stack } from 'aws-cdk-lib';

const app = new App();
const stack = new Stack(app, 'Museum');
const service = new AutoSwiftNet(stack, 'Tagging', { model: ModelPackage.sample() });
const heavyModels = new HeavyModels(stack, 'Heavy', {
  service,
  // In its place: ModelPackage.fromFolder('models/cache/resnext101_32x8d_swsl.fp16')
  models: [ModelPackage.sample()],
  image: WorkerImage.prebuilt(),
  modelRules: { '': 'auto' },
  cascadeThreshold: 0.6,
  gpuHoursPerDay: 4,
});
new Monitoring(stack, 'Monitoring', { service, heavyModels, alarmEmail: 'ops@museum.example' });
