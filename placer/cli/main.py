"""The command line: all commands wired together. Commands only call the library."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.accounts import accounts_command
from placer.cli.audit import audit_command
from placer.cli.batch import batch
from placer.cli.bench import bench_command
from placer.cli.ceiling import ceiling_command
from placer.cli.compare import compare_command
from placer.cli.convert import convert_command
from placer.cli.datasets import check_command, datasets_command, template_command
from placer.cli.explain import explain_command
from placer.cli.options import STATUSES, Status
from placer.cli.plan import plan_command
from placer.cli.plan_years import plan_years_command
from placer.cli.profile import profile_command
from placer.cli.replay import replay_command
from placer.cli.report import report_command
from placer.cli.screen import log_shown, say
from placer.cli.sensitivity import sensitivity_command
from placer.cli.solve import solve_command
from placer.errors import NoSolutionError, PlacerError
from placer.utils.threads import one_blas_thread
from placer.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    help="Place token workloads over data centres: cost per token, prices, and how much demand can leave.",
    epilog=STATUSES,
    no_args_is_help=True,
    add_completion=False,
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


#: Every command but ``batch``: its function, the line that the list of commands has for it, and examples.
_COMMANDS: dict[str, tuple[Callable[..., None], str, str]] = {
    "solve": (
        solve_command,
        "Place the demand of a dataset at least cost, and prove it.",
        "Example: placer solve china --scenario dispatch --out results",
    ),
    "ceiling": (
        ceiling_command,
        "Find how much demand can leave, and what stops the rest.",
        "Example: placer ceiling china --scenario agent_heavy --by rtt --out results",
    ),
    "compare": (
        compare_command,
        "Set a dataset beside itself with scenarios or changes.",
        "Example: placer compare china --scenario dispatch --change 'power_zones.usd_per_mwh=*1.2'",
    ),
    "accounts": (
        accounts_command,
        "Print what each region pays and earns.",
        "Examples: placer accounts china --gains; placer accounts china --secure data_centres --json",
    ),
    "plan": (
        plan_command,
        "Find what to build at least yearly cost.",
        "Example: placer plan china --scenario dispatch --sets 8 --set growth=2 --out results",
    ),
    "plan-years": (
        plan_years_command,
        "Find what to build in which year.",
        "Example: placer plan-years china -s dispatch --year 2026=1 --year 2030=2 --until 2034 --discount-rate 0.07",
    ),
    "audit": (
        audit_command,
        "Find what strands if a site, zone, region or link is lost.",
        "Example: placer audit china --security power_zones --json",
    ),
    "explain": (
        explain_command,
        "Find why demand is unserved, and the least cure.",
        "Example: placer explain china --json",
    ),
    "profile": (
        profile_command,
        "Print rate, peaks and lengths of a trace of requests.",
        "Example: placer profile mooncake_conversation --cache-blocks 20000 --plot rate.png --json",
    ),
    "replay": (
        replay_command,
        "Route days as they came, beside their least cost.",
        "Example: placer replay china --history servegen_rates --classes servegen_china --missing profile --days 7,8",
    ),
    "datasets": (
        datasets_command,
        "List the datasets that ship with placer, and their scenarios.",
        "Example: placer datasets --json",
    ),
    "check": (
        check_command,
        "List every violation in a dataset, without solving it.",
        "Example: placer check my_folder",
    ),
    "template": (
        template_command,
        "Write an empty dataset: a folder of CSV files, or a workbook.",
        "Example: placer template my_folder",
    ),
    "convert": (
        convert_command,
        "Write a dataset in another format.",
        "Example: placer convert china china.graphml --scenario dispatch",
    ),
    "report": (
        report_command,
        "Write a report as one HTML file that opens offline.",
        "Example: placer report china -o report.html --scenario rented --scenario dispatch",
    ),
    "sensitivity": (
        sensitivity_command,
        "Vary each assumption of a dataset alone.",
        "Example: placer sensitivity china --store runs.db --resume --out folder --json",
    ),
    "bench": (
        bench_command,
        "Measure placer beside its peers.",
        "Example: placer bench --family tiers --size small --solver highs-simplex --out results",
    ),
}

for _name, (_command, _line, _examples) in _COMMANDS.items():
    app.command(_name, short_help=_line, epilog=_examples)(_command)
app.add_typer(batch, name="batch", short_help="Solve many demand sets of a dataset.")


def run_command_line() -> None:
    """Run the command line; turn expected errors into messages and exit statuses."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names may hold characters outside the terminal's encoding
    try:
        with one_blas_thread():  # tables and sums too, so that no digit depends on the number of cores
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
