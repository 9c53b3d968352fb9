"""Measures images per second of one of torchvision's ResNeXt-101 networks on the GPU.

The weights are random; the network is channels-last and compiled, in fp32 or fp16.

    python3 bench/gpu-pytorch.py ARCHITECTURE PRECISION BATCH...

It prints one JSON object per line: {"batch", "imagesPerSecond"}. bench/gpu.ts starts it.
"""

import json
import sys
import time

import torch
import torchvision

WIDTHS = {"resnext101_32x4d": 4, "resnext101_32x8d": 8, "resnext101_32x16d": 16}
SECONDS = 3.0

architecture, precision, *batches = sys.argv[1:]
dtype = torch.float16 if precision == "fp16" else torch.float32
# No TF32 in fp32, as on the ONNX side.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True

network = torchvision.models.ResNet(
    torchvision.models.resnet.Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=WIDTHS[architecture]
)
network = network.eval().cuda().to(dtype).to(memory_format=torch.channels_last)
compiled = torch.compile(network)

for batch in map(int, batches):
    pixels = torch.randint(0, 256, (batch, 224, 224, 3), dtype=torch.uint8)
    with torch.inference_mode():

        def run():
            # From bytes in memory to logits in memory, as on the ONNX side.
            image = pixels.cuda().permute(0, 3, 1, 2).to(dtype).div_(255)
            return compiled(image).float().cpu()

        for _ in range(5):
            run()
        torch.cuda.synchronize()
        start, runs = time.perf_counter(), 0
        while time.perf_counter() - start < SECONDS:
            run()
            runs += 1
        torch.cuda.synchronize()
        rate = runs * batch / (time.perf_counter() - start)
    print(json.dumps({"batch": batch, "imagesPerSecond": round(rate, 1)}), flush=True)
