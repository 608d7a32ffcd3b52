"""Name packages that add operations to TensorFlow."""

from __future__ import annotations

import re

_TEXT = ("tensorflow-text", "tensorflow_text")
_BRINGING = {
    r"SimpleML.*": ("tensorflow-decision-forests", "tensorflow_decision_forests"),
    r"Addons>.*": ("tensorflow-addons", "tensorflow_addons"),
    r"IO>.*": ("tensorflow-io", "tensorflow_io"),
    r"Horovod.*": ("horovod", "horovod.tensorflow"),
    r"RISC>.*|Tfra>.*": ("tensorflow-recommenders-addons", "tensorflow_recommenders_addons"),
    r"TFText>.*|Sentencepiece.*|Wordpiece.*|FastWordpiece.*|FastBertNormalize.*|FastSentencepiece.*"
    r"|RegexSplit.*|WhitespaceTokenize.*|UnicodeScriptTokenize.*|CaseFoldUTF8|NormalizeUTF8.*"
    r"|FindSourceOffsets|ConstrainedSequence|RougeL|MaxSpanningTree|MstNonProjective"
    r"|NgramsStringJoin|SentenceFragments.*|SplitMerge.*|BoiseTagsToOffsets|OffsetsToBoiseTags"
    r"|.*TokenizeWithOffsets.*|.*Detokenize.*": _TEXT,
}


def brought_by(op: str) -> str:
    """Say how to install an operation that TensorFlow does not have.

    >>> brought_by("SentencepieceOp")
    'pip install tensorflow-text, import tensorflow_text before tfs.load, and pass allow_io=True.'
    """
    for pattern, (package, module) in _BRINGING.items():
        if re.fullmatch(pattern, op):
            return (
                f"pip install {package}, import {module} before tfs.load, and pass allow_io=True."
            )
    return "import the package that brings it before tfs.load, and pass allow_io=True."
