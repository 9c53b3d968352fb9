"""Measures one of torchvision's networks in fp16, channels-last and compiled, with given weights.

    python3 bench/gpu-pytorch.py CHECKPOINT ARCHITECTURE PIXELS LOGITS DEVICE BATCH...

PIXELS (uint8 [N, 224, 224, 3]) and LOGITS (float32 [N, classes]) are files: pictures, and what our
fp32 package computes of them on the CPU. DEVICE is `cuda` or `cpu`. It prints one row of
bench/gpu-case.ts per line. bench/gpu.ts starts it.
"""

import json
import sys
import time

import torch
import torchvision
from torchvision.models.resnet import Bottleneck

SHAPES = {
    "resnet50": ([3, 4, 6, 3], 1, 64),
    "resnext101_32x4d": ([3, 4, 23, 3], 32, 4),
    "resnext101_32x8d": ([3, 4, 23, 3], 32, 8),
    "resnext101_32x16d": ([3, 4, 23, 3], 32, 16),
}
SECONDS = 1.0
WARM_UP_RUNS = 5

checkpoint, architecture, pixels_file, logits_file, device, *batches = sys.argv[1:]
depth, groups, width = SHAPES[architecture]
torch.backends.cudnn.benchmark = True

network = torchvision.models.ResNet(Bottleneck, depth, groups=groups, width_per_group=width)
network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
network = network.eval().to(device).half().to(memory_format=torch.channels_last)
mean = torch.tensor([0.485, 0.456, 0.406], device=device).view(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225], device=device).view(1, 3, 1, 1)
compiled = torch.compile(network)


def prepare(pixels):
    image = pixels.to(device).permute(0, 3, 1, 2).float().div_(255).sub_(mean).div_(std)
    return image.half().contiguous(memory_format=torch.channels_last)


def run(pixels):
    # From bytes in memory to logits in memory, as on the ONNX side.
    return compiled(prepare(pixels)).float().cpu()


def show(**row):
    print(json.dumps(row), flush=True)


with open(pixels_file, "rb") as file:
    pictures = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, 224, 224, 3)
with open(logits_file, "rb") as file:
    expected = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).view(len(pictures), -1)
with torch.inference_mode():
    logits = network(prepare(pictures)).float().cpu()
same = int((logits.argmax(1) == expected.argmax(1)).sum())
show(
    what="agreement",
    maxDifference=float((logits - expected).abs().max() / (expected.max() - expected.min())),
    sameTop1=f"{same} of {len(pictures)}",
)

for batch in map(int, batches):
    pixels = torch.randint(0, 256, (batch, 224, 224, 3), dtype=torch.uint8)
    with torch.inference_mode():
        start = time.perf_counter()
        run(pixels)
        show(what="first run", batch=batch, milliseconds=1000 * (time.perf_counter() - start))
        for _ in range(WARM_UP_RUNS):
            run(pixels)
        start, runs = time.perf_counter(), 0
        while runs == 0 or time.perf_counter() - start < SECONDS:
            run(pixels)
            runs += 1
        seconds = (time.perf_counter() - start) / runs
    show(what="batch", batch=batch, milliseconds=1000 * seconds, imagesPerSecond=batch / seconds)
