"""``placer report``: one self-contained HTML file on a dataset, or on several of its scenarios side by side."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from placer.analysis.baselines import compare
from placer.ceiling.exports import export_ceiling
from placer.ceiling.secure.result import secure_ceiling
from placer.cli.options import CEILING_PARTS, Scenarios
from placer.cli.placing import placed
from placer.cli.ranges import Ranges, ranges_of
from placer.cli.run import Run, command
from placer.cli.screen import say, title
from placer.cli.security import asked_security, lost_in_words
from placer.cli.unserved import say_all_unserved
from placer.datasets.folder import Dataset
from placer.errors import OutputError
from placer.instance.problem import Instance
from placer.near_optimal.alternatives import alternatives
from placer.report.content.ceiling import both_ways, why_no_ceiling
from placer.report.content.origin import origin_of
from placer.report.content.page import Subject
from placer.report.content.study import check_study
from placer.report.html.document import check_target
from placer.report.write import check_count, write_page
from placer.security.audit import audit
from placer.sensitivity.saved import read_sensitivity
from placer.solve import place_instance

if TYPE_CHECKING:
    from placer.security.definition import Security
    from placer.sensitivity.result import Sensitivity

#: The parts of a ceiling that a report shows, and one more where exports between all regions count.
_PARTS, _REGIONS = ("by_work", "gross_share", "limits", "economic_range", "curve"), ("regions",)

#: File, ceiling and study of a report, as options of the command.
_Out = Annotated[
    Path, typer.Option("--out", "-o", help="File to write, ending in .html; one that is there is replaced.")
]
_NoCeiling = Annotated[
    bool, typer.Option("--no-ceiling", help="Leave out how much can leave, which may take longer than solving.")
]
_Study = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="A finished study (placer sensitivity NAME --out FOLDER) of the first scenario, for a section on it.",
    ),
]
_Within = Annotated[
    float | None,
    typer.Option(
        "--alternatives",
        metavar="SHARE",
        help="Find what all placements of at most this share more than the least cost have, for a section on them.",
    ),
]


@dataclass(frozen=True)
class _Choice:
    """Scenarios that apply together, and the resulting instance."""

    scenarios: tuple[str, ...]
    instance: Instance


@dataclass(frozen=True, eq=False)
class _Asked:
    """The requested content of a report besides the placement."""

    ceiling: bool
    ranges: bool
    study: Sensitivity | None
    security: Security | None
    within: float | None


@command(
    "scenario no_ceiling ranges alternatives_within sensitivity secure protected audit time_limit require_served "
    "as_json"
)
def report_command(
    run: Run,
    *,
    out: _Out = Path("report.html"),
    scenario: Scenarios = None,
    no_ceiling: _NoCeiling = False,
    ranges: Ranges = False,
    alternatives_within: _Within = None,
    sensitivity: _Study = None,
) -> None:
    """Write a report on a placement as one HTML file that opens offline and prints.

    The file holds figures, map, prices, the ceiling curve, the certificate and the sources, and needs no server.
    Several --scenario options give a page that compares them, with differences from the first. --secure gives a section
    on what each loss moves and strands, and the ceilings with and without security.
    """
    check_target(out)
    security = asked_security(run)
    study = None if sensitivity is None else read_sensitivity(sensitivity)
    texts = scenario or [""]
    check_count(len(texts))
    seconds = {"solve": 0.0, "ceiling": 0.0, "rules": 0.0} | ({"ranges": 0.0} if ranges else {})
    seconds |= {} if security is None else {"audit": 0.0} | ({} if no_ceiling else {"secure ceiling": 0.0})
    seconds |= {} if alternatives_within is None else {"alternatives": 0.0}
    asked = _Asked(ceiling=not no_ceiling, ranges=ranges, study=study, security=security, within=alternatives_within)
    subjects = _subjects(run, texts, asked, seconds)
    started = time.perf_counter()
    further = [*(["--no-ceiling"] if no_ceiling else []), *(["--ranges"] if ranges else [])]
    further += [] if alternatives_within is None else ["--alternatives", f"{alternatives_within:g}"]
    further += [] if sensitivity is None else ["--sensitivity", str(sensitivity)]
    file = _written(out, subjects, _command(run.dataset, texts, [*run.change_options, *further, *run.secure_options]))
    seconds["report"] = time.perf_counter() - started
    run.tell_line(_summary(file, subjects, seconds), _sentence(file, seconds))
    run.end(unserved=say_all_unserved(item.placement for item in subjects))


def _subjects(run: Run, texts: list[str], asked: _Asked, seconds: dict[str, float]) -> list[Subject]:
    """Solve and analyse the instance of every --scenario; steps keep standard output to themselves."""
    described = run.described
    name = Path(run.dataset).name if described is None else described.name or described.folder.name
    subjects: list[Subject] = []
    with run.working() as (step, note):
        step("loading")
        cases = replace(run, scenario=texts).each_scenario()
        for case, instance in [(case, case.load()) for case in cases]:
            choice = _Choice(tuple(case.scenarios), instance)
            heading = replace(case, dataset=name).title
            told = partial(_told, note, heading)
            wanted = replace(asked, study=None) if subjects else asked  # a study belongs to the first scenario
            subjects.append(_subject(choice, heading, described, seconds, step, told, wanted))
    return subjects


def _written(out: Path, subjects: list[Subject], command: str) -> Path:
    """Write the report; if that fails, print its subjects, so that the work is not lost."""
    try:
        return write_page(out, subjects, origin_of(command))
    except OutputError:
        for item in subjects:
            title(item.title)
            say(repr(item.placement))
            if item.ceiling is not None:
                say(repr(item.ceiling))
        raise


def _command(dataset: str, scenarios: list[str], further: list[str]) -> str:
    """Return the command that writes the same page, without its target."""
    chosen = [part for text in scenarios for part in ("--scenario", text)] if scenarios != [""] else []
    return shlex.join(["placer", "report", dataset, *chosen, *further])


def _summary(file: Path, subjects: list[Subject], seconds: dict[str, float]) -> dict[str, Any]:
    """Return path, size, seconds and summaries."""
    placements = [{"title": item.title, **item.placement.summary()} for item in subjects]
    return {"path": str(file), "bytes": _size(file), "seconds": seconds, "placements": placements}


def _sentence(file: Path, seconds: dict[str, float]) -> str:
    """Return path, size and seconds as a line of text."""
    spent = ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items() if taken)
    return f"{file}: {_size(file):,} bytes ({spent})"


def _size(file: Path) -> int:
    """Return the size of a file in bytes; a pipe has none left, and its reader may have removed it."""
    return file.stat().st_size if file.exists() else 0


def _subject(
    choice: _Choice,
    title: str,
    described: Dataset | None,
    seconds: dict[str, float],
    step: Callable[[str], Any],
    note: Callable[[str], None],
    asked: _Asked,
) -> Subject:
    """Solve and analyse one instance, and measure the seconds."""
    security, study = asked.security, asked.study

    def timed(what: str, text: str, call: Callable[[], Any]) -> Any:
        step(f"{title}: {text}")
        started = time.perf_counter()
        found = call()
        seconds[what] += time.perf_counter() - started
        return found

    placement = timed("solve", "solving", lambda: place_instance(choice.instance))
    note(placed(placement))
    if asked.ceiling and (why := why_no_ceiling(placement)):
        step(f"{title}: {why}")
        asked = replace(asked, ceiling=False)
    if study is not None:
        check_study(study, placement)
    audited = None
    if security is not None:
        words = f"losing each of the {lost_in_words(security)}"
        audited = timed("audit", words, partial(audit, placement, security))
    ceiling = None
    if asked.ceiling:
        whole = partial(export_ceiling, placement.instance, placement=placement)
        ceiling = timed("ceiling", "the ceiling", whole)
        note(repr(ceiling))
    parts = (*_PARTS, *(_REGIONS if both_ways(choice.instance) else ()))
    for part in parts if asked.ceiling else ():
        timed("ceiling", CEILING_PARTS[part], partial(getattr, ceiling, part))
    secured = None
    if ceiling is not None and security is not None:
        secured = timed("secure ceiling", "the secure ceiling", partial(secure_ceiling, ceiling, security, None))
    rules = timed("rules", "naive rules", lambda: compare(placement))
    ranges = timed("ranges", "export ranges", lambda: ranges_of(placement, step)) if asked.ranges else {}
    others = None
    if asked.within is not None:
        others = timed("alternatives", "alternatives", partial(alternatives, placement, asked.within, progress=step))
    found = (ceiling, described, choice.scenarios, rules, tuple(ranges.values()), study)
    return Subject(title, placement, *found, audit=audited, secure_ceiling=secured, alternatives=others)


def _told(note: Callable[[str], None], heading: str, found: str) -> None:
    note(f"{heading}: {found}")
