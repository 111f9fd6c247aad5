"""An ordered map over processes: same results for any number of them, and a process that dies costs only its own item.

Each worker is a fresh interpreter that talks to one thread here over two pipes. Fresh, so that no lock, thread or open
file of the caller is copied into it and a script needs no `if __name__ == "__main__"`; one thread each, so that a death
names the batch that caused it. The items of such a batch are then tried one by one, and what kills its process again
is handed back as `Lost`.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO, Generic, TypeVar

from newsclean.errors import NewscleanError

T = TypeVar("T")
R = TypeVar("R")

# Batches each worker may be ahead of the reader: enough to keep it busy, few enough to keep memory flat.
AHEAD = 3

_BOOT = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from newsclean.parallel import serve; serve()"


@dataclass(frozen=True, slots=True)
class Lost(Generic[T]):
    """An item whose process died on it, alone, for the second time; `why` says how it died."""

    item: T
    why: str


class WorkerFailed(NewscleanError):
    """A worker process cannot be started, or the work cannot be sent to it."""


def cores() -> int:
    """Cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def ordered_map(
    work: Callable[[Sequence[T]], list[R]],
    batches: Iterable[Sequence[T]],
    *,
    workers: int,
    apart: bool = False,
    wait_seconds: float = 600.0,
) -> Iterator[tuple[Sequence[T], list[R | Lost[T]]]]:
    """Each batch with what `work` makes of it, one result per item, in the order of the batches.

    `work` and the items must be picklable. With `workers` 1 all of it happens in this process, where a death is the
    death of the caller, unless `apart` asks for another one. A worker that gives no answer for `wait_seconds` is
    ended, and counts as dead.
    An exception raised by `work` itself is raised here. Closing the iterator ends the workers.
    """
    batches = iter(batches)
    if not apart:
        # Starting a process takes longer than most single batches.
        first_two = list(islice(batches, 2))
        batches = chain(first_two, batches)
        workers = workers if len(first_two) > 1 else 1
    if workers <= 1 and not apart:
        for batch in batches:
            yield batch, list(work(batch))
        return
    pool: _Pool[T, R] = _Pool(work, max(1, workers), wait_seconds)
    try:
        waiting: list[tuple[Sequence[T], _Answer[T, R]]] = []
        for batch in batches:
            waiting.append((batch, pool.send(batch)))
            if len(waiting) >= workers * AHEAD:
                first, answer = waiting.pop(0)
                yield first, answer.get()
        for first, answer in waiting:
            yield first, answer.get()
    finally:
        pool.close()


class _Answer(Generic[T, R]):
    """What a batch will have become."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._results: list[R | Lost[T]] = []
        self._error: BaseException | None = None

    def set(self, results: list[R | Lost[T]]) -> None:
        self._results = results
        self._done.set()

    def fail(self, error: BaseException) -> None:
        self._error = error
        self._done.set()

    def get(self) -> list[R | Lost[T]]:
        self._done.wait()
        if self._error:
            raise self._error
        return self._results


class _Died(Exception):
    """The worker ended without an answer."""


class _Pool(Generic[T, R]):
    """Threads that each keep one worker process at work."""

    def __init__(self, work: Callable[[Sequence[T]], list[R]], workers: int, wait_seconds: float) -> None:
        try:
            self._work = pickle.dumps(work)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise WorkerFailed(f"cannot be sent to another process ({error}); use workers=1") from error
        self._wait_seconds = wait_seconds
        self._tasks: queue.SimpleQueue[tuple[Sequence[T], _Answer[T, R]] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def send(self, batch: Sequence[T]) -> _Answer[T, R]:
        answer: _Answer[T, R] = _Answer()
        self._tasks.put((batch, answer))
        return answer

    def close(self) -> None:
        """Let the workers finish the batch in hand and end."""
        self._closed.set()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        worker = _Worker(self._work, self._wait_seconds)
        try:
            while (task := self._tasks.get()) is not None and not self._closed.is_set():
                batch, answer = task
                try:
                    answer.set(self._try(worker, batch))
                except BaseException as error:  # noqa: BLE001 -- raised again by the thread that reads the answer
                    answer.fail(error)
        finally:
            worker.end()

    def _try(self, worker: _Worker, batch: Sequence[T]) -> list[R | Lost[T]]:
        try:
            return list(worker.ask(batch))
        except _Died as death:
            if len(batch) == 1:
                return [self._alone(worker, batch[0], str(death))]
        return [self._alone(worker, item, "") for item in batch]

    def _alone(self, worker: _Worker, item: T, first_death: str) -> R | Lost[T]:
        """One item in a process of its own; a death here may be chance (memory was short), so it has two lives."""
        why = first_death
        for _ in range(1 if first_death else 2):
            try:
                result: R = worker.ask([item])[0]
            except _Died as death:
                why = str(death)
            else:
                return result
        return Lost(item, why)


class _Worker:
    """One process, started when first asked and again after each death."""

    def __init__(self, work: bytes, wait_seconds: float) -> None:
        self._work = work
        self._wait_seconds = wait_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, items: Sequence[Any]) -> list[Any]:
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        timed_out = threading.Event()

        def end() -> None:
            timed_out.set()
            process.kill()

        timer = threading.Timer(self._wait_seconds, end)
        timer.daemon = True
        timer.start()
        try:
            _write(process.stdin, pickle.dumps(list(items), pickle.HIGHEST_PROTOCOL))
            good, value = pickle.loads(_read(process.stdout))
        except (EOFError, OSError) as error:
            self._process = None
            code = _ended(process)
            why = f"gave no answer for {self._wait_seconds:g} s" if timed_out.is_set() else _how(code)
            raise _Died(f"the process that read it {why}") from error
        finally:
            timer.cancel()
        if not good:
            raise value
        assert len(value) == len(items)
        return list(value)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BOOT, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent, which lets the batch in hand finish
        )
        assert process.stdin
        assert process.stdout
        try:
            _write(process.stdin, self._work)
            good, value = pickle.loads(_read(process.stdout))
        except (EOFError, OSError) as error:
            code = _ended(process)
            if code < 0:  # killed from outside, which may not happen again
                raise _Died(f"the process that was to read it {_how(code)}") from error
            raise WorkerFailed(f"a worker process {_how(code)} before it could begin") from error
        if not good:
            _ended(process)
            raise WorkerFailed(f"a worker process could not take the work ({value}); use workers=1") from value
        self._process = process
        return process

    def end(self) -> None:
        if self._process:
            _ended(self._process)
            self._process = None


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Close the pipes, which ends a living worker, and wait for it."""
    for pipe in (process.stdin, process.stdout):
        assert pipe
        with contextlib.suppress(OSError):  # what was still to be written has no reader
            pipe.close()
    try:
        return process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _how(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
    return f"ended with code {code}"


def _write(pipe: Any, data: bytes) -> None:
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def _read(pipe: Any) -> bytes:
    size = int.from_bytes(_exactly(pipe, 8), "little")
    return _exactly(pipe, size)


def _exactly(pipe: Any, size: int) -> bytes:
    data: bytes = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve() -> None:
    """The life of a worker: take the work, then batch after batch, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked: BinaryIO = os.fdopen(os.dup(0), "rb")
    told: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up among the answers
    work: Callable[[Sequence[Any]], list[Any]] | None = None
    while True:
        try:
            message = _read(asked)
        except EOFError:
            return
        try:
            if work is None:
                work, value = pickle.loads(message), None
            else:
                value = work(pickle.loads(message))
            answer = pickle.dumps((True, value), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 -- raised again in the caller's process
            answer = pickle.dumps((False, _portable(error)), pickle.HIGHEST_PROTOCOL)
        try:
            _write(told, answer)
        except BrokenPipeError:
            return


def _portable(error: Exception) -> Exception:
    """The error itself if it survives the way, else one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 -- any exception class may break in any way when it is rebuilt
        return WorkerFailed(f"{type(error).__name__}: {error}")
    return error
