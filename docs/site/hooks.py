"""Pages of the site that are not files of ``docs``: READMEs of other folders, and the reference of public names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]

#: Files outside ``docs`` by their name on the site.
OUTSIDE = {
    "architecture.md": "ARCHITECTURE.md",
    "benchmarks.md": "benchmarks/README.md",
    "changes.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "datasets.md": "datasets/README.md",
    "report.png": "datasets/report.png",
    "scaling.png": "benchmarks/scaling.png",
}

#: Public names by the question that they answer. A test checks that none is missing.
REFERENCE = {
    "The problem": "Instance Settings check long_table Violation",
    "Datasets and files": (
        "load save write_template load_graph save_graph datasets pypsa_export synthetic DemandSets Uncertainty"
    ),
    "What runs where, at what cost": (
        "solve Placement TieBreak Session compare baselines compare_placements Comparison price_ranges"
    ),
    "How much can leave": (
        "export_ceiling ExportCeiling ceiling_curve CeilingCurve ceilings_by_region ceiling_at_quantiles Cut "
        "agent_sensitivity cost_of_latency export_cost ExportCost economic_range EconomicRange export_ranges "
        "break_even_gaps"
    ),
    "At which price of accelerators": "break_even_accelerator_price AcceleratorBreakEven with_accelerator_prices",
    "Why demand is short": "explain Explanation cure",
    "Many demand sets, long horizons": "solve_many Store batch_report roll RolledPlacement",
    "How sure are the figures": "sensitivity Sensitivity Assumption Conclusion read_assumptions read_sensitivity",
    "What to build": "plan Plan CVaR States Candidates BuildLimits read_candidates read_build_limits "
    "plan_years YearsPlan Years",
    "If one is lost": "Security audit Audit SecurePlacement SecureCeiling SecureCurve",
    "Who earns what": "accounts Accounts",
    "What it costs to draw less power": "flexibility Flexibility",
    "Own rows and columns": "Model ModelPlacement IntegerCertificate",
    "Programs, solvers and proof": (
        "to_program to_pulp write_program LinearProgram LPSolution Solver HiGHS PuLP ColumnGeneration "
        "Certificate Termination Reason running"
    ),
    "Plots": "plots",
    "Errors": (
        "PlacerError ArgumentError InstanceError InfeasibleModelError InfeasibleBuildLimitsError NoSolutionError "
        "SolverError StoreError BatchError OutputError WorkerDiedError"
    ),
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and pictures that lie outside ``docs``."""
    for name, path in OUTSIDE.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / path)))
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: object) -> str:
    """Lead links to files outside ``docs`` to their pages of the site."""
    here = {path: name for name, path in OUTSIDE.items()}
    folder = Path(OUTSIDE.get(page.file.src_uri, f"docs/{page.file.src_uri}")).parent

    def led(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        path = (ROOT / folder / target).resolve().relative_to(ROOT).as_posix()
        return f"]({here.get(path, path.removeprefix('docs/'))}{anchor})"

    return re.sub(r"\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)", led, markdown)


def reference() -> str:
    """Return the page of all public names, from their docstrings."""
    homes = _homes()
    parts = ["# Reference", "Names of `placer` by the question that they answer."]
    for question, names in REFERENCE.items():
        parts.append(f"## {question}")
        parts += [f"::: {homes[name]}" for name in names.split()]
    return "\n\n".join(parts) + "\n"


def _homes() -> dict[str, str]:
    """Return the dotted path of every public name, read from the imports of ``placer/__init__.py``."""
    text = (ROOT / "placer" / "__init__.py").read_text(encoding="utf-8")
    imports = re.findall(r"^    from (placer[\w.]*) import (\([^)]*\)|.+)$", text, flags=re.MULTILINE)
    return {name: f"{module}.{name}" for module, names in imports for name in re.findall(r"\w+", names)}
