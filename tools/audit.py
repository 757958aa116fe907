"""Look up in the public list of weaknesses what a user of all packages has installed.

`nox -s audit` calls this in the environment that is audited. pip-audit reports success when it
could look up nothing at all, so what it skipped is counted here.
"""

import json
import subprocess
import sys

UNREACHABLE = 2


def main() -> int:
    """Print what is known; return 1 for a weakness, and 2 where nothing could be looked up."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([*command, *sys.argv[1:]], capture_output=True, text=True, check=False)
    return judge(done.stdout, done.stderr)


def judge(answer: str, said: str) -> int:
    """Print what an answer of pip-audit says.

    Args:
        answer: Its JSON; anything else where it could not ask.
        said: What it printed besides.
    """
    try:
        found = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = said.strip().splitlines()[-1] if said.strip() else "pip-audit gave no answer"
        print(f"Nothing was audited: {last}")
        return UNREACHABLE
    others = [each for each in found if not each["name"].startswith("kedro-azureml-")]
    asked = [each for each in others if "skip_reason" not in each]
    if not asked:
        print("Nothing was audited: the list of weaknesses cannot be reached.")
        return UNREACHABLE
    weak = [each for each in asked if each["vulns"]]
    for each in weak:
        for weakness in each["vulns"]:
            fixed = ", ".join(weakness.get("fix_versions") or []) or "no version"
            print(f"{each['name']} {each['version']}: {weakness['id']}, mended in {fixed}")
    for each in others:
        if "skip_reason" in each:
            print(f"{each['name']}: not audited ({each['skip_reason']})")
    print(f"{len(asked)} of {len(others)} distributions audited, {len(weak)} with a weakness")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
