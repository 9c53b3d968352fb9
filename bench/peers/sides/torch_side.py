"""PyTorch with torchvision as its documentation uses it: the evaluation transform and the model.

    torch_side.py MODEL ARCHITECTURE

MODEL is a checkpoint (a state dict), ARCHITECTURE a name in torchvision.models. Requests and
replies are those of serve.mjs.
"""

import io
import json
import resource
import sys
import time

import torch
import torchvision
from PIL import Image
from torchvision import transforms

MODEL, ARCHITECTURE = sys.argv[1:3]
torch.set_num_threads(1)
torch.set_num_interop_threads(1)
# torchvision has no constructor of its own for 32x4d with 101 layers.
BUILD = {
    "resnext101_32x4d": lambda: torchvision.models.ResNet(
        torchvision.models.resnet.Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=4
    )
}
model = BUILD.get(ARCHITECTURE, getattr(torchvision.models, ARCHITECTURE, None))()
model.load_state_dict(torch.load(MODEL, weights_only=True))
model.eval()
transform = transforms.Compose([
    transforms.Resize(256),
    transforms.CenterCrop(224),
    transforms.ToTensor(),
    transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
])


def classify(data, top):
    image = transform(Image.open(io.BytesIO(data)).convert("RGB")).unsqueeze(0)
    with torch.inference_mode():
        found = torch.softmax(model(image)[0], dim=0).topk(top)
    pairs = zip(found.indices.tolist(), found.values.tolist())
    return [{"index": index, "probability": probability} for index, probability in pairs]


def resident_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


pictures = {}
for line in sys.stdin:
    request = json.loads(line)
    path = request["picture"]
    if path not in pictures:
        with open(path, "rb") as file:
            pictures[path] = file.read()
    started, started_cpu = time.perf_counter(), time.process_time()
    classes = classify(pictures[path], request["top"])
    reply = {
        "wallMs": 1000 * (time.perf_counter() - started),
        "cpuMs": 1000 * (time.process_time() - started_cpu),
        "cpuMsSinceStart": 1000 * time.process_time(),
        "residentMb": resident_mb(),
        "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "classes": classes,
    }
    print(json.dumps(reply), flush=True)
