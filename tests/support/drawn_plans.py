"""Plans of which tests look at the page."""

from kedro_azureml_compiler.planning.facts import AssetFacts
from kedro_azureml_compiler.planning.plan import Flow, Plan, PlannedDataset, PlannedStep

NASTY = [
    "<script>alert(1)</script>",
    "\"'><b onclick='x'>",
    "a\nb\tc",
    "&amp;",
    "]]>",
    "\x00\x07\ud800\uffff",
    "model\u202egpj.exe\u2066\u200b",
    "__proto__",
    "constructor",
    "step/1",
    "\U0001f427" * 300,
]


def asset(name, version=None):
    return AssetFacts(name, version, is_file=False, root_dir="data", file="x.csv")


def output(name, writer, *readers, registered=None):
    kept = asset(registered) if registered else None
    return PlannedDataset(name, Flow.STEP_OUTPUT, "temporary storage", writer, readers, kept)


TRAINING = Plan(
    "training",
    ("prepare", "train"),
    (
        PlannedStep("clean", ("clean",), reads=("raw", "rules"), writes=("table",)),
        PlannedStep("publish", ("publish",), reads=("table",)),
        PlannedStep("fit", ("split", "fit"), reads=("table",), writes=("model",)),
        PlannedStep("report", ("report",), reads=("model",), waits_for=("publish", "clean")),
    ),
    (
        output("model", "fit", "report", registered="penguins_model"),
        PlannedDataset("params:seed", Flow.PARAMETER, "read in the step", None, ("fit",)),
        PlannedDataset("parts", Flow.IN_STEP, "in memory; no other step reads it", "fit", ("fit",)),
        PlannedDataset(
            "raw", Flow.VERSION, "version '3'", None, ("clean",), asset("penguins", "3")
        ),
        PlannedDataset(
            "rules", Flow.UPLOAD, "it is uploaded", None, ("clean",), source="data/rules.yml"
        ),
        PlannedDataset("scores", Flow.NOT_MOUNTED, "has its own address", "publish", ("report",)),
        output("table", "clean", "publish", "fit"),
    ),
    env="cloud",
)


def chain(length, *, last_reads_first=False):
    """Return a plan whose steps read each other's output in a row."""
    steps = []
    for n in range(length):
        reads = [f"d{n - 1}"] if n else []
        if last_reads_first and n == length - 1:
            reads.append("d0")
        steps.append(PlannedStep(f"s{n}", (f"s{n}",), reads=tuple(reads), writes=(f"d{n}",)))
    datasets = []
    for n in range(length):
        readers = [step.name for step in steps if f"d{n}" in step.reads]
        datasets.append(output(f"d{n}", f"s{n}", *readers))
    return Plan("chain", ("p",), tuple(steps), tuple(datasets))


def named(name):
    """Return a plan in which everything that has a name has that name."""
    return Plan(
        name,
        (name,),
        (PlannedStep(name, (name, name), reads=("in" + name,), writes=("out" + name,)),),
        (
            PlannedDataset(
                "in" + name, Flow.VERSION, name, None, (name,), asset(name, version=name)
            ),
            output("out" + name, name, registered=name),
            PlannedDataset("up" + name, Flow.UPLOAD, name, None, (), source=name),
        ),
        env=name,
    )
