"""The options that most commands share, and what a command does with them: load, show steps, print and write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import typer

from placer.cli.changes import Add, Change, Without, changed_instance
from placer.cli.cluster import Scheduler
from placer.cli.options import (
    NO_LIMIT,
    Dataset,
    Folder,
    Json,
    RequireServed,
    Scenario,
    Status,
    TimeLimit,
    Workers,
    command_time,
    within_limit,
)
from placer.cli.outputs import check_out, write_out
from placer.cli.screen import mention, occasionally, say, steps, title, write
from placer.cli.secure_options import (
    OLD,
    MostStranded,
    OutageHours,
    Protected,
    Rule,
    Secure,
    renamed,
)
from placer.cli.tables import json_text, records
from placer.datasets import folder
from placer.datasets.places import is_single_file
from placer.instance.problem import Instance
from placer.instance.remarks import likely_mistakes, unread_models
from placer.io.results import Result
from placer.utils.reading import with_home

Told = Callable[[str], None]

_CHANGES = ("change", "add", "without")

#: Between scenarios that apply together.
_TOGETHER = "+"


@dataclass(frozen=True)
class Run:
    """The values of the shared options; those that a command does not have are as not given."""

    dataset: Dataset
    scenario: Scenario = None
    change: Change = None
    add: Add = None
    without: Without = None
    secure: Secure = None
    recourse: Rule = None
    protected: Protected = None
    most_stranded: MostStranded = None
    outage_hours: OutageHours = None
    workers: Workers = 1
    scheduler: Scheduler = None
    time_limit: TimeLimit = NO_LIMIT
    out: Folder = None
    require_served: RequireServed = False
    as_json: Json = False

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, none if not given."""
        return self.scenario or []

    @property
    def title(self) -> str:
        """The heading of an answer.

        Examples
        --------
        >>> Run("china", ["dispatch", "rented"]).title
        'china + dispatch + rented'
        """
        return " + ".join([self.dataset, *self.scenarios, *self.changes])

    @property
    def described(self) -> folder.Dataset | None:
        """The description of the dataset; None for a single file, which has none."""
        return None if is_single_file(self.dataset) else folder.describe(self.dataset)

    @property
    def changes(self) -> list[str]:
        """What --add, --change and --without ask for, in words, in the order of their effect.

        Examples
        --------
        >>> Run("china", change=["links.rtt_ms=*2"], without=["Beijing"]).changes
        ['links.rtt_ms=*2', 'without Beijing']
        """
        added = [f"with {text}" for text in self.add or []]
        return [*added, *(self.change or []), *(f"without {text}" for text in self.without or [])]

    @property
    def change_options(self) -> list[str]:
        """The options --add, --change and --without, as they were given."""
        given = {"--add": self.add, "--change": self.change, "--without": self.without}
        return [part for option, texts in given.items() for text in texts or [] for part in (option, text)]

    @property
    def asked(self) -> dict[str, Any]:
        """The first entries of a summary."""
        asked: dict[str, Any] = {"dataset": self.dataset, "scenarios": self.scenarios}
        asked |= {"changes": self.changes} if self.changes else {}
        return asked | ({"secure": self.secure} if self.secure else {})

    @property
    def secure_options(self) -> list[str]:
        """The options --secure and --protected, as they were given."""
        shares = [part for text in self.protected or [] for part in ("--protected", text)]
        return [] if self.secure is None else ["--secure", self.secure, *shares]

    def load(self) -> Instance:
        """Return the instance, with its changes; note what is probably not intended on standard error."""
        instance = self.load_models()
        for remark in unread_models(instance):
            mention(f"note: {remark}")
        return instance

    def loaded(self, step: Told, what: str) -> Instance:
        """Return the same, with the step of loading, and then that of what is done with it."""
        step("loading")
        instance = self.load()
        step(f"{what} {instance!r}")
        return instance

    def load_models(self) -> Instance:
        """Return and note the same, for a command that reads models."""
        instance = self.read()
        for remark in likely_mistakes(instance):
            mention(f"note: {remark}")
        return instance

    def read(self) -> Instance:
        """Return the instance, with its changes."""
        return self.changed(folder.load(self.dataset, self.scenarios))

    def changed(self, instance: Instance) -> Instance:
        """Return another instance with the same changes."""
        return changed_instance(instance, self.add or [], self.change or [], self.without or [])

    def each_scenario(self) -> list[Run]:
        """Return a run for every --scenario by itself: one scenario, several joined by a plus, or '' for none."""
        known = () if is_single_file(self.dataset) else folder.describe(self.dataset).scenarios
        names = [[text] if text in known else text.split(_TOGETHER) if text else [] for text in self.scenario or [""]]
        return [replace(self, scenario=each) for each in names]

    @contextmanager
    def working(self) -> Iterator[tuple[Told, Told]]:
        """Show steps, and limit the time; the second function takes a line on each result."""
        with steps() as step, command_time(self.time_limit, occasionally(step)) as found:
            yield step, found

    def tell(self, content: Mapping[str, Any], show: Callable[[], None]) -> None:
        """Print the content as JSON where that is asked for, and else its heading and what is shown of it."""
        if self.as_json:
            write(json_text(dict(content)))
            return
        title(self.title)
        show()

    def tell_line(self, content: Mapping[str, Any], text: str) -> None:
        """Print the content as JSON where that is asked for, and else as a line."""
        write(json_text(dict(content))) if self.as_json else say(text)

    def answer(self, found: Result, about: dict[str, Any], show: Callable[[], None]) -> None:
        """Print a result, in JSON with all its tables, and save it; ``about`` comes first in its summary."""
        summary = self.asked | about | found.summary()
        self.tell(summary | {name: records(table) for name, table in found.tables.items()}, show)
        self.save(summary, found)

    def save(self, summary: dict[str, Any], result: Result) -> None:
        """Write the summary and the tables of a result to ``--out``, if given."""
        write_out(self.out, summary, excel=result.save_excel, tables=result.save_tables)

    def end(self, *, unserved: bool) -> NoReturn:
        """End the command that has an answer, with or without unserved demand."""
        raise typer.Exit(Status.UNSERVED if unserved and self.require_served else Status.DONE)


def _shared() -> dict[str, inspect.Parameter]:
    """Return the options of a ``Run``, and those of the last release, by the names of their values."""
    by_name = inspect.Parameter.KEYWORD_ONLY
    new = inspect.signature(Run, eval_str=True).parameters.items()
    old = {name: inspect.Parameter(name, by_name, default=None, annotation=kind) for name, kind in OLD.items()}
    return {name: each.replace(kind=by_name) for name, each in new} | old


def command(last: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command the options of its first parameter, a ``Run``.

    It expands ``~`` in paths, checks ``--out`` before the work, and also ends tables and files soon after
    ``--time-limit``.

    Parameters
    ----------
    last : str
        The last options in the order of the help, shared ones and some of its own. Before them come the dataset, the
        scenario, its other options, and the changes, which every command has.
    """
    names = last.split()

    def decorated(function: Callable[..., None]) -> Callable[..., None]:
        own = dict(list(inspect.signature(function, eval_str=True).parameters.items())[1:])
        first = [name for name in ("dataset", "scenario", *own, *_CHANGES) if name not in names]
        known = _shared() | own
        parameters = [known[name] for name in dict.fromkeys((*first, *names))]

        def called(**given: Any) -> None:
            given = {name: with_home(value) if isinstance(value, Path) else value for name, value in given.items()}
            given = renamed(given)
            run = Run(**{name: value for name, value in given.items() if name not in own})
            check_out(run.out)
            function(run, **{name: value for name, value in given.items() if name in own})

        shared = {each.name for each in parameters} - own.keys()
        limited = wraps(function)(within_limit(called) if "time_limit" in shared else called)
        vars(limited)["__signature__"] = inspect.Signature(parameters)  # what typer reads
        return limited

    return decorated
