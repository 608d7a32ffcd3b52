"""The process of a training, without Spark."""

from __future__ import annotations

import socket

import pytest

from tests.training.test_equality import OPTIMIZERS, jobs_of, model_with
from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.training.process import trainer_in


def test_a_port_that_is_taken_ends_the_task(tmp_path):
    """The other processes would wait for this one in vain: Spark has to try the stage again."""
    (job,) = jobs_of(model_with(OPTIMIZERS["sgd"]()), [3], tmp_path / "rows", weighted=False)
    with trainer_in(tmp_path, device="cpu", gpus=None) as trainer:
        port = trainer.port()["port"]
        with (
            socket.create_server(("", port)),
            pytest.raises(WorkerFailedError, match=rf"^Port 127.0.0.1:{port} was taken by another"),
        ):
            trainer.train(job, [f"127.0.0.1:{port}", "127.0.0.1:1"])
