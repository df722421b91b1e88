"""Triton's own client against a server that echoes every element type: tensors as bytes, as JSON, and in part."""
import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

HOST, MODEL = sys.argv[1], sys.argv[2]
client = triton.InferenceServerClient(HOST)

assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready(MODEL) and client.is_model_ready(MODEL, "1")
assert not client.is_model_ready("other")
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
metadata = client.get_model_metadata(MODEL)
types = {tensor["name"]: tensor["datatype"] for tensor in metadata["inputs"]}
assert len(types) == 13 and {len(tensor["shape"]) for tensor in metadata["outputs"]} == {2}, metadata

ARRAYS = {
    "float": np.array([[1.5, -2], [3.4e38, -0.0]], np.float32),
    "double": np.array([[0.1, 1e300]]),
    "float16": np.array([[0.5, -65504]], np.float16),
    "string": np.array([["é".encode(), b"", b'a "b"\n' * 100]], object),
    "bool": np.array([[True, False]]),
}
for bits in 8, 16, 32, 64:
    for name in f"int{bits}", f"uint{bits}":
        info = np.iinfo(name)
        ARRAYS[name] = np.array([[info.min, info.max]], name)
assert set(ARRAYS) == set(types)


def input_of(name, array, binary):
    tensor = triton.InferInput(name, array.shape, np_to_triton_dtype(array.dtype))
    tensor.set_data_from_numpy(array, binary_data=binary)
    return tensor


def same(result, name, binary_reply):
    expected = ARRAYS[name]
    answer = result.as_numpy(f"{name}_out")
    if name == "string" and not binary_reply:
        expected = np.array([[text.decode() for text in expected[0]]], object)
    assert answer.dtype == expected.dtype, (name, answer.dtype)
    np.testing.assert_array_equal(answer, expected)


replies = 0
for binary in True, False:
    # The client sends half-precision numbers as bytes only.
    inputs = [input_of(name, array, binary or name == "float16") for name, array in ARRAYS.items()]
    for binary_reply in True, False:
        outputs = [triton.InferRequestedOutput(f"{name}_out", binary_data=binary_reply) for name in reversed(ARRAYS)]
        result = client.infer(MODEL, inputs, outputs=outputs, request_id="7")
        assert result.get_response()["id"] == "7" and result.get_response()["model_name"] == MODEL
        for name in ARRAYS:
            same(result, name, binary_reply)
        replies += 1
    everything = client.infer(MODEL, inputs, model_version="1")
    for name in ARRAYS:
        same(everything, name, True)
    part = client.infer(MODEL, inputs, outputs=[triton.InferRequestedOutput("float_out")])
    assert [output["name"] for output in part.get_response()["outputs"]] == ["float_out"]
    replies += 2

try:
    client.infer(MODEL, [input_of("float", np.zeros((1, 2)), True)])
    raise AssertionError("FP64 was taken for FP32")
except InferenceServerException as error:
    assert error.status() == "400" and "Got FP64" in error.message(), error
try:
    client.infer("other", [input_of("float", ARRAYS["float"], True)])
    raise AssertionError("another model answered")
except InferenceServerException as error:
    assert error.status() == "404" and "no model 'other'" in error.message(), error
print(json.dumps(replies))
