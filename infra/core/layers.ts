import { Architecture, AssetCode, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Architecture as ArchitectureName } from '../../layers/architecture.ts';
import type { Layer } from '../../layers/runtime-layer.ts';

export interface LayersProps {
  readonly runtimeLayer: Layer;
  readonly modelLayer: Layer;
  readonly architecture: ArchitectureName;
}

/**
 * The layers that the functions share: onnxruntime-node with sharp and libheif-js, and the package of the small
 * model.
 */
export class Layers extends Construct {
  readonly all: readonly LayerVersion[];

  constructor(scope: Construct, id: string, { runtimeLayer, modelLayer, architecture }: LayersProps) {
    super(scope, id);
    const compatible = {
      compatibleArchitectures: [architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64],
      compatibleRuntimes: [Runtime.NODEJS_24_X],
    };
    this.all = [
      new LayerVersion(this, 'Runtime', {
        ...compatible,
        description: `onnxruntime-node, sharp and libheif-js for linux ${architecture}`,
        code: new AssetCode(runtimeLayer.folder, { assetHash: runtimeLayer.hash }),
      }),
      new LayerVersion(this, 'Model', {
        ...compatible,
        description: modelLayer.name,
        code: new AssetCode(modelLayer.folder, { assetHash: modelLayer.hash }),
      }),
    ];
  }
}
