"""The film of a live page."""

from __future__ import annotations

import pytest

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("selenium")
from tests.live.film import main  # noqa: E402 - needs what is imported above


@pytest.mark.slow
def test_a_film_has_every_change(tmp_path):
    """Tests the first page, and for each of three changes a grey page and the answer, above and at the map."""
    main(["--dataset", "tiny", "--out", str(tmp_path / "film.webp")])
    with Image.open(tmp_path / "film.webp") as film:
        assert film.n_frames == 10
