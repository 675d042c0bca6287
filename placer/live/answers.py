"""Answers of a live page in stages: the placement of some changes, then its ceiling, then the rest.

The rest are the naive rules, and the most exports within some limits, which the section on the ceiling has a map of.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock

import pandas as pd

from placer.analysis.baselines import compare
from placer.ceiling.exports import export_ceiling
from placer.ceiling.result import ExportCeiling
from placer.instance.remarks import likely_mistakes, unread_models
from placer.live.applied import changed_instance, titled
from placer.live.changes import AskedChanges, Changes
from placer.live.figures import Figures, figures_of
from placer.live.source import Source
from placer.placement.result import Placement
from placer.report.content.ceiling import why_no_ceiling
from placer.report.content.page import PageContent, Subject, content_of, with_ceiling, with_exports
from placer.report.write import MOST_FLOW_CHARACTERS
from placer.running import tell
from placer.session import Session

#: Number of answers that are kept.
KEPT = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class LiveAnswer:
    """A proven answer to some changes, as far as it is found.

    Attributes
    ----------
    subject : Subject
        What a report of it is on.
    content : PageContent
        Of all sections that are fresh.
    pending : tuple of str
        Keys of the sections that are not.
    notes : tuple of str
        Why there is no ceiling, and input that is probably not intended.
    """

    asked: AskedChanges
    subject: Subject
    content: PageContent
    pending: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def figures(self) -> Figures:
        """The figures that are compared with those of the start."""
        ceiling = self.content.ceiling
        return figures_of(self.placement, math.nan if ceiling is None else ceiling.share)

    @property
    def placement(self) -> Placement:
        """The placement, which the certificate has proven."""
        return self.subject.placement


class Answers:
    """The answers to changes of one source: each solve starts from the prices of those before, the last are kept.

    Attributes
    ----------
    start : Figures or None
        Of the answer without changes, once it is found.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.start: Figures | None = None
        self._session = Session(tie_break="round_trip")
        self._kept: OrderedDict[Changes, LiveAnswer] = OrderedDict()
        self._lock = Lock()

    def stages(self, asked: AskedChanges) -> Iterator[LiveAnswer]:
        """Yield the answer to some changes with ever fewer sections pending; at once whole if it is kept.

        Raises
        ------
        PlacerError
            As ``Instance.replace``, ``placer.solve`` and ``placer.export_ceiling``.
        """
        if (answer := self._found(asked.changes)) is not None:
            yield answer
            return
        answer = self._placed(asked)
        yield answer
        if "ceiling" in answer.pending:
            answer = _with_ceiling(answer)
            yield answer
        yield self._keep(_with_rest(answer))

    def whole(self, asked: AskedChanges) -> LiveAnswer:
        """Return the answer to some changes with nothing pending; raises as ``stages``."""
        *_, answer = self.stages(asked)
        return answer

    def _found(self, changes: Changes) -> LiveAnswer | None:
        with self._lock:
            if changes in self._kept:
                self._kept.move_to_end(changes)
            return self._kept.get(changes)

    def _keep(self, answer: LiveAnswer) -> LiveAnswer:
        with self._lock:
            self._kept[answer.asked.changes] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return answer

    def _placed(self, asked: AskedChanges) -> LiveAnswer:
        instance = changed_instance(asked)
        placement = self._session.solve(instance)
        tell(_log, "writing the sections")
        title, scenarios = titled(self.source, asked.changes), asked.changes.scenarios
        subject = Subject(title, placement, None, self.source.described, scenarios, rules=pd.DataFrame())
        why = why_no_ceiling(placement)
        notes = (*likely_mistakes(instance), *unread_models(instance), *([why] if why else []))
        pending = ("rules",) if why else ("ceiling", "rules")
        return LiveAnswer(asked, subject, content_of(subject, MOST_FLOW_CHARACTERS), pending, notes)


def _with_ceiling(answer: LiveAnswer) -> LiveAnswer:
    tell(_log, "solving for the ceiling")
    placement = answer.placement
    ceiling: ExportCeiling = export_ceiling(placement.instance, placement=placement)
    content = with_ceiling(answer.content, placement, ceiling)
    return replace(answer, subject=replace(answer.subject, ceiling=ceiling), content=content, pending=("rules",))


def _with_rest(answer: LiveAnswer) -> LiveAnswer:
    """Return the answer with the naive rules, and the most exports within some limits."""
    tell(_log, "placing by naive rules")
    rules, ceiling = compare(answer.placement), answer.subject.ceiling
    content = replace(answer.content, rules=rules)
    if ceiling is not None:
        tell(_log, "solving for exports within limits")
        content = with_exports(content, ceiling)
    return replace(answer, subject=replace(answer.subject, rules=rules), content=content, pending=())
