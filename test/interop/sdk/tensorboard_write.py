"""Event files as tensorboardX writes them, below a folder: tensorboard_write.py FOLDER."""

import os
import sys

import numpy
from tensorboardX import SummaryWriter
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto

root = sys.argv[1]

with SummaryWriter(os.path.join(root, "mlp", "train")) as writer:
    for step in range(3000):
        writer.add_scalar("loss", 1 / (step + 1), step, walltime=1_700_000_000 + step / 8)
    writer.add_scalar("acc", 0.5, 7, walltime=1_700_000_001)
    writer.add_scalar("bad", float("nan"), -3, walltime=1_700_000_002)
    writer.add_histogram("weights", numpy.arange(10.0), 0)
    writer.add_text("note", "hello", 0)
    image = Summary.Image(height=1, width=1, colorspace=1, encoded_image_string=b"not looked at")
    writer.file_writer.add_summary(Summary(value=[Summary.Value(tag="picture", image=image)]), 0)

with SummaryWriter(os.path.join(root, "mlp")) as writer:
    hparams = {"lr": 0.1, "layers": 3, "optimizer": "adam", "nesterov": True}
    writer.add_hparams(hparams, {"hparam/accuracy": 0.75}, name="trial")


def tensor(dtype, **fields):
    shape = TensorShapeProto()
    return TensorProto(dtype=dtype, tensor_shape=shape, **fields)


def event(tag, value, step, plugin="scalars"):
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin)) if plugin else None
    summary = Summary(value=[Summary.Value(tag=tag, tensor=value, metadata=metadata)])
    return Event(wall_time=1_700_000_100, step=step, summary=summary)


# As TensorFlow 2 writes scalars: tensors, whose plugin is named with the first value only.
with SummaryWriter(os.path.join(root, "tf2")) as writer:
    add = writer.file_writer.event_writer.add_event
    content = numpy.float32(2.5).tobytes()
    add(event("epoch_loss", tensor("DT_FLOAT", tensor_content=content), 0))
    add(event("epoch_loss", tensor("DT_FLOAT", float_val=[1.5]), 1, plugin=None))
    add(event("double", tensor("DT_DOUBLE", double_val=[1e300]), 1))
    add(event("int64", tensor("DT_INT64", int64_val=[-(2**40)]), 1))
    add(event("int32", tensor("DT_INT32", tensor_content=numpy.int32(-7).tobytes()), 1))
    add(event("bool", tensor("DT_BOOL", bool_val=[True]), 1))
    add(event("half", tensor("DT_HALF", half_val=[int(numpy.float16(0.1).view(numpy.uint16))]), 1))
    add(event("/acc@1 (%)", tensor("DT_FLOAT", float_val=[0.5]), 1))
    add(event("/acc@1 (&)", tensor("DT_FLOAT", float_val=[0.25]), 1))
    add(event("words", tensor("DT_STRING", string_val=[b"x"]), 1, plugin="text"))
