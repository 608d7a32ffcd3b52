"""Training by Spark's tasks: rows dealt out evenly, a barrier stage, and the state that comes back."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import NotAvailableError, OptionError, WorkerFailedError, error_of
from tfspark_magic.executor.at_once import check_at_once
from tfspark_magic.executor.failures import NO_DYNAMIC_ALLOCATION, NO_EXECUTORS, sentences
from tfspark_magic.executor.gpu_settings import gpus_of, placed, workers_for
from tfspark_magic.executor.interrupts import interruptible
from tfspark_magic.executor.pickled import pickled
from tfspark_magic.executor.session import check_session, functions, is_connect
from tfspark_magic.executor.shipping import Shipped, sent_content
from tfspark_magic.executor.slots import slots
from tfspark_magic.frames.spark_columns import fed_alone
from tfspark_magic.models.keras_training import own_objects
from tfspark_magic.training.job import Training
from tfspark_magic.training.model_parts import ModelParts
from tfspark_magic.training.task import RESULT, DealtRows, ReadRows, TrainTask, result_of
from tfspark_magic.training.training_state import State

_ORDER, _HELD = "order", "held"
_BITS = 33
"""The bits for the number of a row in its partition; the bits above are the partition's number."""
_FIELDS = {"int64": T.LongType(), "binary": T.BinaryType(), "string": T.StringType()}


def workers_of(spark: SparkSession, workers: int | None) -> int:
    """Return how many tasks train: as many as the session runs at a time, or as are asked for.

    Raises
    ------
    NotAvailableError
        If Spark would not run them all at once, for which it waits without a word.
    """
    check_session(spark)
    allocation = str(spark.conf.get("spark.dynamicAllocation.enabled", "false")).lower()
    # A local session takes no notice of it.
    if allocation == "true" and not gpus_of(spark).local:
        raise NotAvailableError(NO_DYNAMIC_ALLOCATION)
    there = slots(spark, workers)
    if not there:
        raise NotAvailableError(NO_EXECUTORS)
    if workers is not None and workers > there:
        message = (
            f"workers={workers} are more than the {there} tasks that Spark runs at a time here, and "
            f"all have to run at once: pass workers={there}, or start the session with more cores."
        )
        raise NotAvailableError(message)
    return workers or there


def train_dealt(df: DataFrame, training: Training, held: DataFrame | None) -> State:
    """Train on the rows of a DataFrame, dealt out evenly and in their order."""
    fed = _fed(df, training)
    if held is not None:
        other = _fed(held, training)
        if [f.dataType for f in other.schema] != [f.dataType for f in fed.schema]:
            message = "validation= has other types of columns than the DataFrame: cast them to its."
            raise OptionError(message, option="validation")
        literal = functions(df.sparkSession).lit
        fed = fed.withColumn(_HELD, literal(False)).unionByName(  # noqa: FBT003
            other.withColumn(_HELD, literal(True))  # noqa: FBT003
        )
    width = len(fed.columns) - (held is not None)
    return _train(_dealt(fed, training.workers), training, DealtRows(width, held is not None))


def train_read(spark: SparkSession, training: Training, rows: ReadRows) -> State:
    """Train on rows that the tasks read."""
    return _train(spark.range(0, training.workers, 1, training.workers), training, rows)


def _fed(df: DataFrame, training: Training) -> DataFrame:
    return fed_alone(df, training.plan.feeds)


def _dealt(df: DataFrame, workers: int) -> DataFrame:
    """Deal rows out in turn to a partition for each worker, and keep the order of the rows.

    This order does not depend on how Spark fetches rows: a second try of the stage has the same.
    """
    names = functions(df.sparkSession)
    numbered = df.withColumn(_ORDER, names.monotonically_increasing_id())
    order = names.col(_ORDER)
    turn = names.shiftright(order, _BITS) + order.bitwiseAND((1 << _BITS) - 1)
    to = (turn % workers).cast("int")
    return numbered.repartitionById(workers, to).sortWithinPartitions(_ORDER)


def _train(rows: DataFrame, training: Training, source: DealtRows | ReadRows) -> State:
    spark = rows.sparkSession
    plan = placed(training.plan, spark)
    parts = training.model
    own = parts.objects.values() if isinstance(parts, ModelParts) else ()
    model = sent_content(spark, pickled(parts, own, "model"), "model")
    given = own_objects(training.callbacks).values()
    callbacks = sent_content(spark, pickled(training.callbacks, given, "callbacks"), "callbacks")
    fields = T.StructType([T.StructField(f.name, _FIELDS[str(f.type)]) for f in RESULT])
    ready = replace(training, plan=plan, model=model, callbacks=callbacks)
    task = Shipped(TrainTask(ready, source))
    if is_connect(spark):
        check_at_once(spark, training.workers)
    with workers_for(plan, spark):
        # Spark tries a barrier stage again only if another stage follows it.
        trained = rows.mapInArrow(task, fields, barrier=True).repartition(1)
    with sentences():
        table = interruptible(trained.toArrow, spark)
    result = result_of(table)
    if isinstance(result, bytes):
        return State.from_bytes(result)
    raise error_of(*result) or WorkerFailedError(result[1])
