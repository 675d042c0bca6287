"""Pages of the site that are not files of ``docs``.

READMEs of other folders, pages of the public names, every column of the data, every command, and tutorials with
their results.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

# mkdocs imports hooks with their folder on the path.
from code_blocks import without_prompts
from column_pages import columns_page
from command_pages import commands_page
from formulas import with_fenced_formulas, with_formulas
from mkdocs.structure.files import File
from reference_pages import EVERY_RESULT, file_of, reference_pages, short_signatures
from search_words import front_matter
from tutorial_pages import notebook_of, page_of, pictures_of, run_tutorial
from typical_pages import typical_page

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"

#: Files outside ``docs``, and the one that is the first page, by their name on the site.
OUTSIDE = {
    "architecture.md": "ARCHITECTURE.md",
    "benchmarks.md": "benchmarks/README.md",
    "changes.md": "CHANGELOG.md",
    "conduct.md": "CODE_OF_CONDUCT.md",
    "contributing.md": "CONTRIBUTING.md",
    "datasets.md": "datasets/README.md",
    "index.md": "docs/start.md",
    "scaling.png": "benchmarks/scaling.png",
}

#: Pages that are made while the site is built, by the file that links in ``docs`` lead to.
MADE = {
    "columns.md": "docs/site/column_pages.py",
    "commands.md": "docs/site/command_pages.py",
    "typical_values.md": "docs/site/typical_pages.py",
    **{f"tutorials/{path.stem}.md": f"docs/tutorials/{path.name}" for path in sorted(TUTORIALS.glob("*.py"))},
}

#: Pages of the texts of modules, in which a block without a language is of formulas.
OF_MODULES = frozenset({"algorithms.md", "mathematics.md"})

#: Where the theme would take the worker of its search from.
SHIM = "https://unpkg.com/iframe-worker/shim"

#: Public names by the question that they answer. A test checks that none is missing.
REFERENCE = {
    "The problem": "Instance Settings check long_table Violation",
    "Datasets and files": (
        "load save write_template load_graph save_graph datasets pypsa_export synthetic DemandSets Uncertainty"
    ),
    "What runs where, at what cost": (
        "solve Placement ElasticPlacement TieBreak Session compare baselines compare_placements Comparison "
        "write_report price_ranges readable"
    ),
    "How much can leave": (
        "export_ceiling ExportCeiling ceiling_curve CeilingCurve EffortCurve ceilings_by_region ceiling_at_quantiles "
        "Cut agent_sensitivity cost_of_latency export_cost ExportCost economic_range EconomicRange export_ranges "
        "break_even_gaps"
    ),
    "At which price of accelerators": "break_even_accelerator_price AcceleratorBreakEven with_accelerator_prices",
    "Why demand is short": "explain Explanation cure",
    "Many demand sets, long horizons": "solve_many Store batch_report write_batch_report roll RolledPlacement",
    "Real demand": "Requests read_requests History DemandHistory replay Replay",
    "Models that must be loaded": "place_models Presence",
    "What requests wait": "simulate QueueSimulation queue_margin QueueMargin erlang_c pooled_candidates",
    "How sure are the figures": (
        "sensitivity Sensitivity Assumption Conclusion read_assumptions read_sensitivity with_load"
    ),
    "What to build": (
        "plan Plan CVaR States Candidates BuildLimits read_candidates read_build_limits read_annual_limits"
    ),
    "When to build": "plan_years YearsPlan Years",
    "What else is nearly as cheap": "alternatives Alternatives",
    "A smaller problem": "carry_back CarriedBack Reduced",
    "If one is lost": "Security audit Audit SecurePlacement SecureCeiling SecureCurve",
    "Who earns what": "accounts Accounts trade Trade trade_obstacles TradeObstacles",
    "What it costs to draw less power": "flexibility Flexibility",
    "What green power costs": "green_front abatement_front Front flexibility_values FlexibilityValues",
    "A live page": "explore LivePage",
    "Own rows and columns": "Model ModelPlacement IntegerCertificate",
    "Programs, solvers and proof": (
        "to_program to_pulp write_program LinearProgram LPSolution Solver HiGHS PuLP ColumnGeneration "
        "Certificate Termination Reason running"
    ),
    "Plots": "plots",
    "Errors": (
        "PlacerError ArgumentError InstanceError InfeasibleModelError InfeasibleBuildLimitsError NoSolutionError "
        "SolverError StoreError BatchError OutputError WorkerDiedError InputWarning"
    ),
}


def on_config(config: MkDocsConfig) -> None:
    """Put a page for each group of names into the menu."""
    section = next(entry["Reference"] for entry in config.nav if "Reference" in entry)
    section.insert(1, {"Names by question": [*map(file_of, REFERENCE), EVERY_RESULT]})


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and pictures that lie outside ``docs`` or are made while the site is built."""
    for name, path in OUTSIDE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    made: dict[str, str | bytes] = {
        **reference_pages(REFERENCE),
        "columns.md": columns_page(),
        "commands.md": commands_page(),
        "typical_values.md": typical_page(),
    }
    for path in sorted(TUTORIALS.glob("*.py")):
        tutorial = run_tutorial(path)
        pages = {f"{path.stem}.md": page_of(tutorial), f"{path.stem}.ipynb": notebook_of(tutorial)}
        made |= {f"tutorials/{name}": content for name, content in (pages | pictures_of(tutorial)).items()}
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Say what the search reads, and lead links to files that are not pages to the pages made from them."""
    page.meta |= front_matter(page.file.src_uri)
    here = {path: name for name, path in (OUTSIDE | MADE).items()}
    folder = Path(OUTSIDE.get(page.file.src_uri, f"docs/{page.file.src_uri}")).parent
    home = posixpath.dirname(page.file.src_uri) or "."

    def led(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        path = (ROOT / folder / target).resolve().relative_to(ROOT).as_posix()
        to = posixpath.relpath(here.get(path, path.removeprefix("docs/")), home)
        return f"]({to}{anchor})"

    return re.sub(r"\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)", led, with_fenced_formulas(markdown))


def on_page_content(html: str, *, page: Page, **_: object) -> str:
    """Show signatures short, code that runs as it is copied, and the formulas of modules as mathematics."""
    shown = without_prompts(short_signatures(html))
    return with_formulas(shown) if page.file.src_uri in OF_MODULES else shown


def on_post_page(output: str, *, page: Page, **_: object) -> str:
    """Let the search of pages that are opened from files work without a network: its worker is one of our files."""
    return output.replace(SHIM, f"{'../' * page.url.count('/')}assets/iframe-worker.js")


def on_post_template(output_content: str, **_: object) -> str:
    """Do the same for the page of addresses that are not there, which stands at the root of a server."""
    return output_content.replace(SHIM, "/assets/iframe-worker.js")
