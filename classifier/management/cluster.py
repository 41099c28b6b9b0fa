"""The same work by a Dask cluster: this process hands out recordings and gathers rows, workers elsewhere analyse."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.management import cluster_worker
from classifier.management.batch import EngineLostError, Question
from classifier.management.cluster_worker import Run
from classifier.management.places import is_address
from classifier.management.rows import Row, spelled
from ml.engine import EngineConfig
from ml.errors import UndertoneError

if TYPE_CHECKING:
    from distributed import Future

CONNECT_S = 10.0
WORKERLESS_S = 60.0  # a cluster may be without a worker for so long: they are restarted, or machines are still starting
MISSING = "--dask needs Dask: pip install 'dask[distributed]'."
POISON = "This recording was being analysed each time that a worker of the cluster died."


class Cluster:
    """Analyses recordings on the workers of a Dask cluster; see `batch.Analyst`.

    Parameters
    ----------
    client : distributed.Client
    run : Run
    """

    def __init__(self, client: Any, run: Run) -> None:
        self._client = client
        self._run = run
        self._model: str = self._ask(cluster_worker.model)

    @property
    def model(self) -> str:
        """Name and version of the model that answers."""
        return self._model

    def normal_voice(self, places: Sequence[str]) -> str:
        """What the models remember of a speaker's normal voice; raises `UndertoneError`."""
        answer: dict[str, str] = self._ask(cluster_worker.normal_voice, [_seen_by_all(place) for place in places])
        if "code" in answer:
            raise UndertoneError(**answer)
        return answer["data"]

    def rows(self, places: Sequence[str], question: Question) -> Generator[Row, None, None]:
        """Analyse recordings on all workers; what a lost worker had in hand, another takes up.

        Raises
        ------
        EngineLostError
        """
        remaining = iter(places)
        ahead: deque[tuple[str, Future[Any]]] = deque()
        window = 0
        try:
            while True:
                if len(ahead) <= window // 2:
                    window = question.ahead * max(self._threads(), 1)
                    ahead.extend(self._handed_out(list(islice(remaining, window - len(ahead))), question))
                if not ahead:
                    return
                place, future = ahead.popleft()
                yield self._row(place, future)
        finally:
            self._client.cancel([future for _, future in ahead])

    def _handed_out(self, places: list[str], question: Question) -> Iterator[tuple[str, Future[Any]]]:
        seen = [_seen_by_all(place) for place in places]
        futures = self._client.map(cluster_worker.row, seen, run=self._run, question=question, pure=False)
        return zip(places, futures, strict=True)

    def _row(self, place: str, future: Future[Any]) -> Row:
        from distributed import KilledWorker

        try:
            row = Row.from_dict(self._result(future))
        except KilledWorker:
            return Row(spelled(place), UndertoneError("worker_died", POISON))
        if row.model not in {None, self.model}:
            message = f"A worker of the cluster answers with {row.model}, others with {self.model}: give all the same."
            raise EngineLostError(message)
        return replace(row, path=spelled(place))

    def _ask(self, task: Any, *arguments: Any) -> Any:
        return self._result(self._client.submit(task, *arguments, run=self._run, pure=False))

    def _result(self, future: Future[Any]) -> Any:
        from distributed import CancelledError

        try:
            while True:
                try:
                    return future.result(timeout=WORKERLESS_S)
                except TimeoutError:
                    if not self._threads():
                        message = f"The cluster has had no worker for {WORKERLESS_S:g} seconds."
                        raise EngineLostError(message) from None
        except (CancelledError, OSError) as error:
            message = "The connection with the Dask scheduler was lost."
            raise EngineLostError(message) from error
        except (ImportError, RuntimeError) as error:  # Dask says the second where its scheduler cannot import
            message = "The cluster cannot import Undertone: please start its scheduler and workers in this folder."
            raise EngineLostError(message) from error

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, RuntimeError) as error:
            message = "The connection with the Dask scheduler was lost."
            raise EngineLostError(message) from error


@contextmanager
def cluster(scheduler: str, config: EngineConfig) -> Iterator[Cluster]:
    """An analyst with all workers of a Dask cluster.

    Parameters
    ----------
    scheduler : str
        Its address (`tcp://host:8786`), or the file that `dask scheduler --scheduler-file` wrote.
    config : EngineConfig
        For the engine of each worker, which has as many processes as the worker has threads.

    Raises
    ------
    EngineLostError
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise EngineLostError(MISSING) from error
    where = {"scheduler_file": scheduler} if Path(scheduler).is_file() else {"address": scheduler}
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what goes wrong is said in our own words
    try:
        client: Any = Client(**where, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        message = f"There is no Dask scheduler at {scheduler}."
        raise EngineLostError(message) from error
    with client:
        run = Run.of(config)
        try:
            yield Cluster(client, run)
        finally:
            _dismiss(client, run)


def _dismiss(client: Any, run: Run) -> None:
    try:
        client.run(cluster_worker.dismiss, run.id, on_error="ignore")
    except (OSError, RuntimeError, TimeoutError):
        return  # engines without work end by themselves


def _seen_by_all(place: str) -> str:
    return place if is_address(place) else str(Path(place).absolute())
