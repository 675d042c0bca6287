"""First prices of the caps that blocks share: a sample of the blocks as one program with its part of the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.by_blocks.cap_oracle import SolvedBlock
from placer.by_blocks.dispatch import Blocks
from placer.by_blocks.proposals import Proposal
from placer.by_blocks.shared_caps_parameters import SharedCapsParameters
from placer.errors import NoSolutionError
from placer.ladder.proven import default_solver, proving
from placer.model.blocks import shared_caps, some_blocks
from placer.termination import Reason
from placer.utils.arrays import FloatArray, ratio


@dataclass(frozen=True, eq=False)
class Sample:
    """Some blocks with a part of the limits.

    Attributes
    ----------
    limit : (shared caps,) array
        Of all blocks.
    part : (shared caps,) array
        Of these blocks.
    """

    numbers: list[int]
    limit: FloatArray
    part: FloatArray

    @classmethod
    def of(cls, blocks: Blocks, found: Sequence[SolvedBlock], parameters: SharedCapsParameters) -> Sample:
        """Return a sample whose part of each limit is in proportion to what it takes, given all blocks at prices 0."""
        numbers = sample_of(len(found), parameters.sample_part, parameters.most_sample)
        taken, total = (
            np.sum([found[number].prices.taken for number in some], 0) for some in (numbers, range(len(found)))
        )
        limit = blocks.structure.cap_limit[shared_caps(blocks.structure)]
        return cls(numbers, limit, limit * np.where(total == 0, len(numbers) / len(found), ratio(taken, total)))

    def corrected(self, prices: FloatArray, proposals: Sequence[Proposal]) -> Sample:
        """Return the sample with a part for which its prices would have made all blocks keep the limits.

        Parameters
        ----------
        prices : (shared caps,) array
            Of this sample.
        proposals : sequence of Proposal
            Of all blocks at these prices.
        """
        taken = np.sum([each.taken for each in proposals], axis=0)
        own = np.sum([proposals[number].taken for number in self.numbers], axis=0)
        # The sample as one program takes all of a limit with a price. Its blocks apart may take more or less at a tie.
        taken = taken + np.where(prices > 0, self.part - own, 0.0)
        return replace(self, part=self.part * np.where(taken == 0, 1.0, ratio(self.limit, taken)))

    def prices(self, blocks: Blocks) -> FloatArray | None:
        """Return the prices of the caps in the sample (shared caps,); None if it has no answer.

        Raises
        ------
        NoSolutionError
            If the time is over.
        """
        caps, limits = shared_caps(blocks.structure), blocks.structure.cap_limit.copy()
        limits[caps] = self.part
        structure = some_blocks(blocks.structure, [blocks.spans[number] for number in self.numbers], limits)
        try:
            answer, _ = proving(blocks.common.value.solver or default_solver(structure)).answer(structure)
        except NoSolutionError as error:
            if error.reason is Reason.TIME_LIMIT:
                raise
            return None
        return np.maximum(answer.prices.cap[caps], 0.0)


def sample_of(blocks: int, part: float, most: int) -> list[int]:
    """Return the numbers of a part of the blocks, at most some, spread evenly over them.

    Examples
    --------
    >>> sample_of(365, 0.25, 4)
    [73, 146, 218, 291]
    """
    size = min(most, max(1, round(part * blocks)))
    return np.unique(np.linspace(0, blocks - 1, size + 2)[1:-1].round().astype(int)).tolist()
