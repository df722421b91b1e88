"""Sends numpy's own files to servers that echo one element type each, and reads their replies with numpy."""
import io
import json
import sys
import urllib.error
import urllib.request

import numpy as np

SERVERS = json.loads(sys.argv[1])
NPY = "application/x-npy"


def file_of(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return file.getvalue()


def post(type_, body, accept=NPY):
    headers = {"content-type": NPY, "accept": accept}
    request = urllib.request.Request(SERVERS[type_] + "/invocations", data=body, headers=headers)
    with urllib.request.urlopen(request) as reply:
        return reply.headers["content-type"], reply.read()


def echo(type_, array, version=None):
    content_type, body = post(type_, file_of(array, version))
    assert content_type == NPY, content_type
    return np.load(io.BytesIO(body))


def refused(type_, array):
    try:
        post(type_, file_of(array))
    except urllib.error.HTTPError as error:
        assert error.code == 400, error.code
        return json.loads(error.read())["message"]
    raise AssertionError(f"{array.dtype} was taken for {type_}")


checks = 0


def same(type_, array, expected=None, version=None):
    global checks
    expected = array if expected is None else expected
    answer = echo(type_, array, version)
    assert answer.dtype == expected.dtype, (type_, array.dtype, answer.dtype)
    np.testing.assert_array_equal(answer, expected)
    checks += 1


NUMERIC = ["float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
for type_ in NUMERIC:
    dtype = np.dtype(type_)
    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    array = np.array([[info.min, 0, info.max], [1, 2, 3]], dtype)
    for order in "<>":
        ordered = array.astype(dtype.newbyteorder(order))
        for version in [(1, 0), (2, 0), (3, 0)]:
            same(type_, ordered, array, version)
        same(type_, np.asfortranarray(ordered), array)
    same(type_, np.zeros((0, 3), dtype))
same("float32", np.array([[np.nan, np.inf, -np.inf, -0.0]], np.float32))
same("bool", np.array([[True, False], [False, False]]))
texts = np.array([["", "日本 𝄞", 'a "b",\n'], ["x", "y" * 40, "z"]])
same("string", texts)
same("string", texts.astype(texts.dtype.newbyteorder(">")), texts)
same("string", np.asfortranarray(texts), texts)
same("string", np.array([[b"ab", b"\xc3\xa9"]]), np.array([["ab", "é"]]))

# As JSON's numbers: integers for floats, whole floats for integers, rounded where the type is narrower.
same("float32", np.array([[1, 2]]), np.array([[1, 2]], np.float32))
same("float32", np.array([[0.1, 1e300]]), np.array([[0.1, np.inf]], np.float32))
same("float16", np.array([[0.1, 2049]]), np.array([[0.1, 2049]], np.float16))
same("float64", np.array([[0.5]], np.float16), np.array([[0.5]]))
same("float32", np.array([[2**63 - 1]]), np.array([[2**63 - 1]], np.float32))
same("int64", np.array([[3.0, -4.0]]), np.array([[3, -4]]))
same("int8", np.array([[127, -128]]), np.array([[127, -128]], np.int8))
same("uint64", np.array([[7]], np.int16), np.array([[7]], np.uint64))

REFUSED = [
    ("int64", np.array([[1.0, 0.5]]), "at [0, 1]: 0.5 is not of type int64"),
    ("int8", np.array([[1], [128]]), "at [1, 0]: 128 is not of type int8"),
    ("uint8", np.array([[-1]]), "-1 is not of type uint8"),
    ("int32", np.array([[np.nan]]), "is not of type int32"),
    ("float32", np.array([["1"]]), "is not of type float32"),
    ("float32", np.array([[True]]), "true is not of type float32"),
    ("string", np.array([[1]]), "1 is not of type string"),
    ("float32", np.array([1.0]), "Shape of input 'float' (1,) does not match expected shape (-1, -1)"),
    ("float32", np.array(1.0), "Shape of input 'float' () does not match"),
    ("float32", np.array([[{}]]), "Python objects"),
    ("float32", np.array([[1j]]), "'<c16'"),
    ("float32", np.array([["2020"]], "datetime64"), "element type is '<M8"),
    ("float32", np.zeros((1,), [("a", "<f4")]), "header is not a dictionary"),
    ("string", np.array([[b"\xff"]]), "not UTF-8"),
]
for type_, array, reason in REFUSED:
    message = refused(type_, array)
    assert reason in message, message
    checks += 1

content_type, body = post("int64", file_of(np.array([[2**62 + 1]])), "application/json")
assert (content_type, body) == ("application/json", b'{"predictions":{"int64_out":[[4611686018427387905]]}}'), body
print(json.dumps(checks))
