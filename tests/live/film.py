"""Film a live page: what a reader of ``docs/explore.md`` sees as controls of ``china`` move.

    python -m tests.live.film                        # writes docs/assets/explore.webp
    python -m tests.live.film --out film.webp --dataset globe

Needs the extra ``explore``, Chromium with its driver, selenium and Pillow.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from PIL import Image

import placer
from tests.live.browsing import FRESH, answered, control, put, until
from tests.report.browsing import every, opened_browser, screen

WIDTH, QUALITY = 960, 55
GREY_MS, SHOWN_MS = 700, 2500


class Film:
    """Frames of a browser, and how long each is shown."""

    def __init__(self, browser):
        self.browser, self.frames, self.milliseconds = browser, [], []

    def take(self, milliseconds):
        """Take a frame."""
        picture = Image.open(io.BytesIO(self.browser.get_screenshot_as_png()))
        self.frames.append(picture.convert("RGB"))
        self.milliseconds.append(milliseconds)

    def change(self, act):
        """Film a change: grey while it is solved, then its answer, with the strip and with the map."""
        with answered(self.browser):
            act()
            self.take(GREY_MS)
        self.take(SHOWN_MS)
        self.browser.execute_script("document.querySelector('#s0-map').scrollIntoView()")
        self.take(SHOWN_MS)

    def save(self, file):
        """Write all frames into a file that runs for ever."""
        first, *rest = self.frames
        first.save(file, save_all=True, append_images=rest, duration=self.milliseconds, loop=0, quality=QUALITY)


def film(browser, instance, name, zone, site):
    """Return the film of a price that rises in a zone, of a site that is lost, and of the way back."""
    taken = Film(browser)
    with placer.explore(instance, name) as page:
        browser.get(page.address)
        until(browser, FRESH)
        taken.take(SHOWN_MS)
        taken.change(lambda: put(browser, control(browser, "factor", f"power_zones.usd_per_mwh[{zone}]"), 2))
        taken.change(control(browser, "switch", f"data_centres[{site}]").click)
        taken.change(every(browser, "[data-act=reset]")[0].click)
    return taken


def main(arguments=None):
    """Write the film."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="china")
    parser.add_argument("--out", type=Path, default=Path("docs", "assets", "explore.webp"))
    given = parser.parse_args(arguments)
    instance = placer.load(given.dataset)
    busiest = placer.solve(instance).data_centres["mtok"].idxmax()
    zone = instance.supplies.set_index("data_centre").loc[[busiest], "power_zone"].iloc[0]
    with opened_browser() as browser, screen(browser, WIDTH):
        film(browser, instance, given.dataset, zone, busiest).save(given.out)


if __name__ == "__main__":
    main()
