"""The ONNX backend tests as requests: onnx_cases.py FOLDER.

First prints onnxruntime's version. Writes each model to FOLDER/NAME/model.onnx and prints one line of JSON for it: {"name",
"rtol", "atol", "types" of its inputs and outputs, "python": "passes" or what it says in onnxruntime, "sets": [{"body",
"outputs"}]}: the body of a request, and the outputs as nested lists by name, both as Python's JSON.
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
folder = pathlib.Path(sys.argv[1])


def packaged():
    """Those that the package holds as files: small graphs exported by PyTorch, and others of several nodes."""
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    for file in sorted(data.glob("*/*/model.onnx")):
        model = onnx.load(file)
        sets = [
            (read_all(each, "input", fed(model)), read_all(each, "output", model.graph.output))
            for each in sorted(file.parent.glob("test_data_set_*"))
        ]
        yield file.parent.name, model, sets, 1e-3, 1e-7


def fed(model):
    """The inputs that no initializer fills."""
    filled = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in filled]


def read_all(folder, kind, values):
    return [read(folder / f"{kind}_{at}.pb", value) for at, value in enumerate(values)]


def read(file, value):
    if value.type.WhichOneof("value") != "tensor_type":
        return None
    tensor = onnx.TensorProto()
    tensor.ParseFromString(file.read_bytes())
    return numpy_helper.to_array(tensor)


def made():
    for case in collect_testcases(None):
        yield case.name, case.model, case.data_sets, case.rtol, case.atol


def types(model):
    names = set()
    for value in [*model.graph.input, *model.graph.output]:
        kind = value.type.WhichOneof("value")
        tensor = value.type.tensor_type.elem_type
        names.add(onnx.TensorProto.DataType.Name(tensor).lower() if kind == "tensor_type" else kind)
    return sorted(names)


def array(value):
    return np.asarray(value) if isinstance(value, (np.generic, np.ndarray)) else value


def in_python(model, sets, rtol, atol):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        names = [value.name for value in session.get_inputs()]
        for inputs, outputs in sets:
            found = session.run(None, dict(zip(names, map(array, inputs))))
            for got, expected in zip(found, map(array, outputs)):
                if isinstance(expected, np.ndarray):
                    check(got, expected, rtol, atol)
        return "passes"
    except Exception as error:
        return str(error).strip().split("\n")[0][:200]


def check(got, expected, rtol, atol):
    np.testing.assert_array_equal(got.shape, expected.shape)
    if expected.dtype.kind in "fc":
        np.testing.assert_allclose(got, expected, rtol, atol)
    else:
        np.testing.assert_array_equal(got, expected)


def named(values, given):
    """Nothing where one is no array: a sequence, nothing, a type that numpy lacks."""
    arrays = [array(value) for value in given]
    if not all(isinstance(each, np.ndarray) and each.dtype.kind in "fiubOU" for each in arrays):
        return None
    return {value.name: each.tolist() for value, each in zip(values, arrays)}


print(onnxruntime.__version__)
for name, model, sets, rtol, atol in [*made(), *packaged()]:
    case = {"name": name, "rtol": rtol, "atol": atol, "types": types(model), "python": in_python(model, sets, rtol, atol)}
    (folder / name).mkdir()
    onnx.save(model, folder / name / "model.onnx")
    case["sets"] = [
        {
            "body": json.dumps({"inputs": named(fed(model), inputs)}),
            "outputs": json.dumps(named(model.graph.output, outputs)),
        }
        for inputs, outputs in sets
    ]
    print(json.dumps(case))
