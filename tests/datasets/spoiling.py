"""Ways to spoil the files of a dataset."""

from __future__ import annotations


def put(file, content):
    """Write a file anew."""

    def spoil(folder):
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())

    return spoil


def swap(file, old, new):
    """Replace a piece of a file, which must be there."""

    def spoil(folder):
        text = (folder / file).read_bytes()
        before, after = (part if isinstance(part, bytes) else part.encode() for part in (old, new))
        assert before in text
        (folder / file).write_bytes(text.replace(before, after, 1))

    return spoil


def add(file, content):
    """Add text at the end of a file."""

    def spoil(folder):
        with (folder / file).open("a", encoding="utf-8") as stream:
            stream.write(content)

    return spoil


def gone(file):
    """Remove a file."""
    return lambda folder: (folder / file).unlink()


def recoded(file, encoding):
    """Write a file, with a letter beyond ASCII, in another encoding."""

    def spoil(folder):
        text = (folder / file).read_text(encoding="utf-8").replace("Coast", "Küste").replace("tiny", "tïny")
        (folder / file).write_bytes(text.encode(encoding))

    return spoil


def profile(text, demand="workload,hub,mtok\nvoice,Coast,5\n"):
    """Give demand by profile, one hour less of it than prices need being no matter."""

    def spoil(folder):
        (folder / "power_zone_hours.csv").unlink()
        (folder / "power_zones.csv").write_text("power_zone,usd_per_mwh\nCoast grid,90\nPlateau wind,30\n")
        (folder / "demand.csv").write_text(demand)
        (folder / "demand_profile.csv").write_text(text)

    return spoil


def scenario(*lines, **files):
    """Add a scenario named s, and files it uses."""

    def spoil(folder):
        with (folder / "dataset.toml").open("a") as stream:
            stream.write("\n".join(["", "[scenarios.s]", *lines, ""]))
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content)

    return spoil
