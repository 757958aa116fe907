"""Double the numbers in files; a file that holds no number is left out."""

import argparse
import pathlib


def init():
    global args
    parser = argparse.ArgumentParser()
    parser.add_argument("--factor", type=int, default=2)
    parser.add_argument("--fail-on", default="")
    parser.add_argument("--slow-on", default="")
    args, _ = parser.parse_known_args()


def run(mini_batch):
    rows = []
    for name in mini_batch:
        text = pathlib.Path(name).read_text().strip()
        if args.fail_on and args.fail_on in text:
            raise ValueError(f"{text} is not a number")
        if args.slow_on and args.slow_on in text:
            import time

            time.sleep(60)
        if text != "oops":
            value = int(text) * args.factor if text.isdigit() else text * args.factor
            rows.append(f"{pathlib.Path(name).name} {value}")
    return rows


def shutdown():
    print("shut down")
