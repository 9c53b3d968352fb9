"""Measures one of torchvision's networks in fp16 and channels-last, with given weights.

    python3 bench/gpu-pytorch.py CHECKPOINT ARCHITECTURE PIXELS LOGITS DEVICE MODE:BATCH...

PIXELS (uint8 [N, 224, 224, 3]) and LOGITS (float32 [N, classes]) are files: pictures, and what our
fp32 package computes of them on the CPU. DEVICE is `cuda` or `cpu`. A MODE is

    eager            the module as it is
    compiled         torch.compile, one shape at a time
    reduce-overhead  torch.compile with CUDA graphs
    captured         the eager module as a CUDA graph, which needs no compiler

It prints one row of bench/gpu-case.ts per line; a case that fails is a row with its error.
bench/gpu.ts starts it.
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

checkpoint, architecture, pixels_file, logits_file, device, *cases = sys.argv[1:]
depth, groups, width = SHAPES[architecture]
torch.backends.cudnn.benchmark = True

network = torchvision.models.ResNet(Bottleneck, depth, groups=groups, width_per_group=width)
network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
network = network.eval().to(device).half().to(memory_format=torch.channels_last)
mean = torch.tensor([0.485, 0.456, 0.406], device=device).view(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225], device=device).view(1, 3, 1, 1)


def prepare(pixels):
    # The pixels are in pageable memory, as Node's are.
    image = pixels.to(device).permute(0, 3, 1, 2).float().div_(255).sub_(mean).div_(std)
    return image.half().contiguous(memory_format=torch.channels_last)


def capture(batch):
    """Records the eager module once and returns a function that replays it."""
    image = prepare(torch.zeros((batch, 224, 224, 3), dtype=torch.uint8))
    for _ in range(WARM_UP_RUNS):
        network(image)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        logits = network(image)

    def replay(prepared):
        image.copy_(prepared)
        graph.replay()
        return logits

    return replay


def network_of(mode, batch):
    if mode == "eager":
        return network
    if mode == "captured":
        return capture(batch)
    # Without dynamic=False a second shape would compile slower code for any shape.
    torch._dynamo.reset()
    return torch.compile(network, dynamic=False, mode=None if mode == "compiled" else mode)


def show(**row):
    print(json.dumps(row), flush=True)


def measure(mode, batch):
    start = time.perf_counter()
    compute = network_of(mode, batch)
    pixels = torch.randint(0, 256, (batch, 224, 224, 3), dtype=torch.uint8)

    def run():
        # From bytes in memory to logits in memory, as on the ONNX side.
        return compute(prepare(pixels)).float().cpu()

    run()
    show(mode=mode, what="first run", batch=batch, milliseconds=1000 * (time.perf_counter() - start))
    for _ in range(WARM_UP_RUNS):
        run()
    start, runs = time.perf_counter(), 0
    while runs == 0 or time.perf_counter() - start < SECONDS:
        run()
        runs += 1
    seconds = (time.perf_counter() - start) / runs
    show(mode=mode, what="batch", batch=batch, milliseconds=1000 * seconds, imagesPerSecond=batch / seconds)


with open(pixels_file, "rb") as file:
    pictures = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, 224, 224, 3)
with open(logits_file, "rb") as file:
    expected = torch.frombuffer(bytearray(file.read()), dtype=torch.float32).view(len(pictures), -1)
with torch.inference_mode():
    logits = network(prepare(pictures)).float().cpu()
same = int((logits.argmax(1) == expected.argmax(1)).sum())
show(
    mode=f"eager, PyTorch {torch.__version__}",
    what="agreement",
    maxDifference=float((logits - expected).abs().max() / (expected.max() - expected.min())),
    sameTop1=f"{same} of {len(pictures)}",
)

for case in cases:
    mode, batch = case.split(":")
    try:
        with torch.inference_mode():
            measure(mode, int(batch))
    except Exception as error:
        reason = next(iter(str(error).strip().splitlines()), "")
        show(mode=mode, what="batch", batch=int(batch), error=f"{type(error).__name__}: {reason}")
