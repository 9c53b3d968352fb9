"""Makes transformers.js' model_quantized.onnx from model.onnx.

    quantize-q8.py MODEL OUT

With the settings of `python -m scripts.quantize --modes q8`, the tool that transformers.js'
documentation names: dynamic quantization, and weights in uint8, since the model has convolutions.
"""

import sys

import onnx
from onnxruntime.quantization import QuantizationMode, QuantType
from onnxruntime.quantization.onnx_quantizer import ONNXQuantizer
from onnxruntime.quantization.registry import IntegerOpsRegistry

source, out = sys.argv[1:3]
quantizer = ONNXQuantizer(
    onnx.load(source),
    False,  # per_channel
    False,  # reduce_range
    mode=QuantizationMode.IntegerOps,
    static=False,
    weight_qType=QuantType.QUInt8,
    activation_qType=QuantType.QUInt8,
    tensors_range=None,
    nodes_to_quantize=[],
    nodes_to_exclude=[],
    op_types_to_quantize=set(IntegerOpsRegistry.keys()),
    extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
)
quantizer.quantize_model()
onnx.save(quantizer.model.model, out)
