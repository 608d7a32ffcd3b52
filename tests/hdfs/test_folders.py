"""Models on HDFS: stored from here, loaded from there."""

from __future__ import annotations

import pytest

from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.sources.folders import local_copy, store


class Scale(tf.Module):
    def __init__(self, by):
        self.by = tf.Variable(by)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, x):
        return x * self.by


def scaled(uri):
    with local_copy(uri) as folder:
        return tf.saved_model.load(str(folder))(tf.constant([2.0])).numpy().tolist()


def test_a_saved_model_there_and_back(hdfs, tmp_path):
    uri = f"{hdfs.uri}/models/scale"
    tf.saved_model.save(Scale(3.0), str(tmp_path / "three"))
    store(tmp_path / "three", uri)
    assert scaled(uri) == [6.0]
    tf.saved_model.save(Scale(5.0), str(tmp_path / "five"))
    with pytest.raises(ValueError, match="is a folder that is there already"):
        store(tmp_path / "five", uri)
    store(tmp_path / "five", uri, overwrite=True)
    assert scaled(uri) == [10.0]
    filesystem, inside = open_filesystem(f"{hdfs.uri}/models")
    from pyarrow import fs

    names = [info.base_name for info in filesystem.get_file_info(fs.FileSelector(inside))]
    assert names == ["scale"]


def test_a_checkpoint_there_and_back(hdfs, tmp_path):
    saved = tf.train.Checkpoint(by=tf.Variable(7.0)).save(str(tmp_path / "run" / "ckpt"))
    store(tmp_path / "run", f"{hdfs.uri}/run")
    name = saved.rpartition("/")[2]
    read = tf.Variable(0.0)
    with local_copy(f"{hdfs.uri}/run/{name}") as prefix:
        tf.train.Checkpoint(by=read).read(str(prefix)).assert_consumed()
    assert read.numpy() == 7.0
