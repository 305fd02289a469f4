"""Examine graphs of operators: ONNX models and TensorFlow's saved models; nothing is loaded.

Source:
    ONNX, onnx/onnx.proto; TensorFlow, tensorflow/core/protobuf/{saved_model,meta_graph}.proto and
    core/framework/{graph,function,node_def}.proto: numbers of the fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from conformity.probes.shared.model_files.allowlist import words
from conformity.probes.shared.model_files.findings import Findings, leaves_its_folder, shown, size_of
from conformity.probes.shared.model_files.keras import examine_bytes
from conformity.probes.shared.model_files.protobuf import Part, ProtobufError, Reader

_ONNX_DOMAINS = words(
    """
    ai.onnx ai.onnx.ml ai.onnx.training ai.onnx.preview ai.onnx.preview.training com.microsoft
    com.microsoft.nchwc
    """
)
_ONNX_RUNS_PYTHON = words("PyCustomOp PyOp PythonOp PythonOpGrad")
_TF_DANGEROUS = words(
    """
    EagerPyFunc LoadLibrary PyFunc PyFuncStateless ReadFile ShellExecute WriteFile
    """
)
_TF_REVIEW = words(
    """
    CSVDataset DebugIdentity DebugIdentityV2 DebugNumericSummary DebugNumericSummaryV2
    FixedLengthRecordDataset FixedLengthRecordReader FixedLengthRecordReaderV2 ImportEvent
    MatchingFiles MatchingFilesDataset PrintV2 RpcCall SqlDataset TFRecordDataset
    TFRecordDatasetV2 TFRecordReader TFRecordReaderV2 TextLineDataset TextLineReader
    TextLineReaderV2 WholeFileReader WholeFileReaderV2 WriteRawProtoSummary WriteSummary
    """
)
_MAX_GRAPHS = 1_000
_LARGEST = 2**31


def examine_protobuf(file: BinaryIO, name: str, into: Findings) -> None:
    """Examine a protocol buffer: by its fields, a model in ONNX or a graph of TensorFlow.

    Args:
        file: readable and seekable.
        name: what to call it.
        into: where findings go; what is neither becomes a problem there.
    """
    reader, whole = Reader(file), Part(0, size_of(file))
    if whole.end > _LARGEST:
        into.problem(f"{name} is larger than a protocol buffer can be")
        return
    try:
        top = {number for number, _ in reader.fields(whole)}
        if 7 in top:
            _onnx(reader, whole, name, into)
        elif top <= {1, 2, 3, 4} and any(op for op in _ops(reader, whole)):
            _tensorflow(reader, whole, name, into)
            examine_bytes(file, name, into)
        else:
            into.problem(f"{name} is a protocol buffer of an unknown kind")
    except ProtobufError as error:
        into.problem(f"{name} cannot be read as a graph of operators: {error}")


def _onnx(reader: Reader, model: Part, name: str, into: Findings) -> None:
    """Examine an ONNX model: operators from elsewhere, and data in other files."""
    graphs = list(reader.parts(model, 7))
    for training in reader.parts(model, 20):
        graphs += [*reader.parts(training, 1), *reader.parts(training, 2)]
    nodes = [node for function in reader.parts(model, 25) for node in reader.parts(function, 7)]
    seen = 0
    while graphs or nodes:
        if graphs:
            seen += 1
            graph = graphs.pop()
            nodes.extend(reader.parts(graph, 1))
            for tensor in reader.parts(graph, 5):
                _external(reader, tensor, name, into)
            for tensor in reader.parts(graph, 15):
                _sparse(reader, tensor, name, into)
        if seen > _MAX_GRAPHS:
            raise ProtobufError("it holds too many graphs within graphs")
        while nodes:
            graphs.extend(_node(reader, nodes.pop(), name, into))


def _node(reader: Reader, node: Part, name: str, into: Findings) -> Iterator[Part]:
    """Look at an operator and yield the graphs inside it."""
    op, domain = "", ""
    inner: list[Part] = []
    for number, value in reader.fields(node):
        if isinstance(value, Part) and number == 4:
            op = reader.text(value)
        elif isinstance(value, Part) and number == 7:
            domain = reader.text(value)
        elif isinstance(value, Part) and number == 5:
            inner.extend(_attribute(reader, value, name, into))
    if op in _ONNX_RUNS_PYTHON:
        into.flag("dangerous", f"{name} has the operator {shown(op)}, which runs Python code")
    elif domain and domain not in _ONNX_DOMAINS:
        into.flag("review", f"{name} uses operators of {shown(domain)}, whose library must be trusted")
    return iter(inner)


def _attribute(reader: Reader, attribute: Part, name: str, into: Findings) -> Iterator[Part]:
    """Look at the tensors of an attribute and yield its graphs."""
    for number, value in reader.fields(attribute):
        if isinstance(value, Part) and number in (5, 10):
            _external(reader, value, name, into)
        elif isinstance(value, Part) and number in (22, 23):
            _sparse(reader, value, name, into)
        elif isinstance(value, Part) and number in (6, 11):
            yield value


def _sparse(reader: Reader, tensor: Part, name: str, into: Findings) -> None:
    """Look at the two tensors that a sparse one is kept as."""
    for part in (*reader.parts(tensor, 1), *reader.parts(tensor, 2)):
        _external(reader, part, name, into)


def _external(reader: Reader, tensor: Part, name: str, into: Findings) -> None:
    """Look at where a tensor says that its data lie."""
    for entry in reader.parts(tensor, 13):
        pair = {
            number: reader.text(value) for number, value in reader.fields(entry) if isinstance(value, Part)
        }
        if pair.get(1) == "location" and leaves_its_folder(pair.get(2, "")):
            into.flag("dangerous", f"{name} takes data from {shown(pair.get(2, ''))}, outside its folder")


def _tensorflow(reader: Reader, whole: Part, name: str, into: Findings) -> None:
    """Look at the operators of a saved model or graph."""
    for op in sorted(set(_ops(reader, whole))):
        if op in _TF_DANGEROUS:
            into.flag("dangerous", f"{name} has the operator {op}, which reaches files or runs code")
        elif op in _TF_REVIEW:
            into.flag("review", f"{name} has the operator {op}, which reads or writes outside the model")


def _ops(reader: Reader, whole: Part) -> Iterator[str]:
    """Yield the operators of a saved model, or of a graph on its own."""
    first = next(reader.fields(whole), None)
    graphs = [whole]
    if first is not None and first[0] == 1 and isinstance(first[1], int):
        graphs = [g for meta in reader.parts(whole, 2) for g in reader.parts(meta, 2)]
    for graph in graphs:
        nodes = [(node, 2) for node in reader.parts(graph, 1)]
        for library in reader.parts(graph, 2):
            for function in reader.parts(library, 1):
                nodes += [(node, 2) for node in reader.parts(function, 3)]
        for node, number in nodes:
            for op in reader.parts(node, number):
                yield reader.text(op)
