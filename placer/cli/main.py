"""The command line: all commands wired together, each imported when it is called. Commands only call the library."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

import typer
from typer.main import get_command

from placer.cli.options import STATUSES, Status, quietly
from placer.cli.screen import log_shown, say
from placer.errors import NoSolutionError, PlacerError
from placer.utils.threads import one_blas_thread
from placer.version import VERSION

app = typer.Typer(
    help="Place token workloads over data centres: cost per token, prices, and how much demand can leave.",
    epilog=STATUSES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and messages hold brackets, and names that look like markup
)

#: Message for a signal that ended a command.
_ENDED = {Status.INTERRUPTED: "interrupted", Status.TERMINATED: "terminated"}


def _say_version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        say(f"placer {VERSION}")
        raise typer.Exit


@app.callback()
def _begin(
    context: typer.Context,
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Report the steps and their durations on standard error.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback acts on it
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if verbose:
        context.with_resource(log_shown())


#: Every command: the line that the list of commands has for it, and examples.
_COMMANDS: dict[str, tuple[str, str]] = {
    "solve": (
        "Place the demand of a dataset at least cost, and prove it.",
        "Example: placer solve china --scenario dispatch --out results",
    ),
    "ceiling": (
        "Find how much demand can leave, and what stops the rest.",
        "Example: placer ceiling china --scenario agent_heavy --by rtt --out results",
    ),
    "trade": (
        "Print who sells tokens to whom, at what price.",
        "Example: placer trade globe --scenario chips --out trade.xlsx",
    ),
    "obstacles": (
        "Find what keeps tokens of a country from users abroad.",
        "Example: placer obstacles globe --made-in China --obstacle law --obstacle trust --obstacle chips",
    ),
    "prices": (
        "Print what one Mtok more of each demand costs.",
        "Example: placer prices china --workload rag_search --hub 'Beijing fixed' --ranges",
    ),
    "cost-curve": (
        "Find what more exports or lower latency cost.",
        "Examples: placer cost-curve china --tolerance 1e-4; placer cost-curve china --by rtt --at 10 --at 20 --at 40",
    ),
    "alternatives": (
        "Find what every placement of nearly least cost has.",
        "Example: placer alternatives china --within 0.01 --group region --plot alternatives.png",
    ),
    "reduce": (
        "Merge places, and bound what that costs.",
        "Example: placer reduce china --hubs 20 --data-centres 10 --out results",
    ),
    "flexibility": (
        "Find what it costs that power zones draw less.",
        "Example: placer flexibility china -s load_63 --zone 'Jibei grid' --hours 20",
    ),
    "front": (
        "Find what green power, or less carbon or water, costs.",
        "Example: placer front china -s own_limits --matching hour --plot front.png",
    ),
    "roll": (
        "Solve a long horizon in steps that look ahead.",
        "Example: placer roll china --change cyclic=false --hours 6 --look-ahead 12",
    ),
    "compare": (
        "Set a dataset beside itself with scenarios or changes.",
        "Example: placer compare china --scenario dispatch --change 'power_zones.usd_per_mwh=*1.2'",
    ),
    "accounts": (
        "Print what each region pays and earns.",
        "Examples: placer accounts china --gains; placer accounts china --secure data_centres --json",
    ),
    "plan": (
        "Find what to build at least yearly cost.",
        "Example: placer plan china --scenario dispatch --sets 8 --set growth=2 --out results",
    ),
    "plan-years": (
        "Find what to build in which year.",
        "Example: placer plan-years china -s dispatch --year 2026=1 --year 2030=2 --until 2034 --discount-rate 0.07",
    ),
    "models": (
        "Load models where they serve, in whole replicas.",
        "Example: placer models FOLDER --gap 0.01 --by-hour --out results",
    ),
    "audit": (
        "Find what strands if a site, zone, region or link is lost.",
        "Example: placer audit china --secure power_zones --json",
    ),
    "explain": ("Find why demand is unserved, and the least cure.", "Example: placer explain china --json"),
    "profile": (
        "Print rate, peaks and lengths of a trace of requests.",
        "Example: placer profile mooncake_conversation --cache-blocks 20000 --plot rate.png --json",
    ),
    "replay": (
        "Route days as they came, beside their least cost.",
        "Example: placer replay china --history servegen_rates --classes servegen_china --missing profile --days 7,8",
    ),
    "datasets": ("List the datasets that ship with placer, and their scenarios.", "Example: placer datasets --json"),
    "check": ("List every violation in a dataset, without solving it.", "Example: placer check my_folder"),
    "template": ("Write an empty dataset: a folder of CSV files, or a workbook.", "Example: placer template my_folder"),
    "convert": (
        "Write a dataset in another format.",
        "Example: placer convert china china.graphml --scenario dispatch",
    ),
    "report": (
        "Write a report as one HTML file that opens offline.",
        "Example: placer report china -o report.html --scenario rented --scenario dispatch",
    ),
    "explore": (
        "Change assumptions on a live page, solved again at once.",
        "Examples: placer explore china; placer explore globe --scenario law --no-browser",
    ),
    "sensitivity": (
        "Vary each assumption of a dataset alone.",
        "Example: placer sensitivity china --store runs.db --resume --out folder --json",
    ),
    "bench": (
        "Measure placer beside its peers.",
        "Examples: placer bench --dataset my_folder --seed 0 --seed 1 --out results; placer bench --instance file.mps",
    ),
    "batch": ("Solve many demand sets of a dataset.", ""),
}


#: Commands that share the module of another.
_WITH = {"check": "datasets", "template": "datasets"}


def _module(name: str) -> Any:
    """Import the module of a command."""
    return importlib.import_module(f"placer.cli.{_WITH.get(name, name).replace('-', '_')}")


class Later(typer.core.TyperCommand):
    """A command of the list that is imported when it is called, so that help and version take no time."""

    @cached_property
    def loaded(self) -> Any:
        """The command or group itself."""
        name = str(self.name)
        line, examples = _COMMANDS[name]
        found = getattr(_module(name), f"{name.replace('-', '_')}_command")
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name, short_help=line, epilog=examples)(quietly(found))
        return get_command(alone)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Return the context of the command itself."""
        command = self.loaded
        if parent is not None:  # tables and sums too take one thread, so that no digit depends on the number of cores
            parent.with_resource(one_blas_thread())
        return command.make_context(info_name, args, parent, **extra)


def _stands_for() -> None:
    """Stand for a command that is not imported yet."""


for _name, (_line, _) in _COMMANDS.items():
    app.command(_name, cls=Later, short_help=_line)(_stands_for)


def load_command(arguments: Sequence[str]) -> None:
    """Import the command that arguments call, if they call one."""
    called = next((word for word in arguments if not word.startswith("-")), "")
    if called in _COMMANDS:
        _module(called)


def run_command_line() -> None:
    """Run the command line; turn expected errors into messages and exit statuses."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names may hold characters outside the terminal's encoding
    try:
        status = app(prog_name="placer", standalone_mode=False) or Status.DONE
    except typer.TyperException as error:
        say(_usage(error), errors=True)
        status = Status.BAD_INPUT
    except (PlacerError, OSError) as error:
        say(f"placer: {error}", errors=True)
        status = Status.NO_SOLUTION if isinstance(error, NoSolutionError) else Status.BAD_INPUT
    except MemoryError as error:
        say(f"placer: the memory ran out ({str(error) or 'of Python'})", errors=True)
        status = Status.NO_SOLUTION
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    except SystemExit as ended:
        # typer alone prints the help, and ends with 1 where nobody reads it; all else goes through `placer.cli.screen`
        unread_help = "--help" in sys.argv and isinstance(ended.__context__, BrokenPipeError)
        status = Status.DONE if unread_help else ended.code
    if status in _ENDED:
        say(f"placer: {_ENDED[status]}", errors=True)
    sys.exit(status)


def _usage(error: typer.TyperException) -> str:
    """Return the defect of the arguments and where to find the valid ones; without arguments, the help."""
    said, context = error.format_message(), getattr(error, "ctx", None)
    if said.startswith("Usage:"):
        return said
    command = context.command_path.strip() if context else "placer"
    return f"{command}: {said} See '{command} --help'."
