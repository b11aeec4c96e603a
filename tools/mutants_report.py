"""What the test suites say about planted bugs, as a table and in a few lines."""

CAUGHT, TIMEOUT, PASSED, NOT_RUN = "caught", "timeout", "-", ""


def is_caught(verdict):
    return verdict in (CAUGHT, TIMEOUT)


def row(bug, verdicts):
    if not bug.is_of_core:
        others = [name if verdict == CAUGHT else f"{name}: {verdict}" for name, verdict in verdicts.items()
                  if name != "oracle" and is_caught(verdict)]
        cells = ["", "", "", verdicts.get("oracle", NOT_RUN), ", ".join(others) or "-"]
    else:
        cells = [verdicts[name] for name in ("unit tests", "cases", "guard", "oracle")] + [""]
    return [bug.name, *cells, bug.harm]


def table(results):
    """`results` has each bug with its verdicts, by the names of the suites."""
    rows = [row(bug, verdicts) for bug, verdicts in results]
    head = ["planted bug", "unit tests", "cases", "guard", "oracle", "other suites", "what it would do to a user"]
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in [head, *rows]]
    return "\n".join(lines)


def timeouts(results):
    """That a suite took too long is weaker evidence than a test that failed."""
    late = [f"{bug.name} ({suite})" for bug, verdicts in results
            for suite, verdict in verdicts.items() if verdict == TIMEOUT]
    return f"; counted as caught where a suite took too long: {', '.join(late)}" if late else ""


def summary(results):
    survivors = [bug.name for bug, verdicts in results if not any(map(is_caught, verdicts.values()))]
    by_oracle = sum(is_caught(verdicts.get("oracle")) for _, verdicts in results)
    native = [verdicts for bug, verdicts in results if bug.is_of_core]
    by_cases = sum(is_caught(verdicts["cases"]) for verdicts in native)
    by_units = sum(is_caught(verdicts["unit tests"]) for verdicts in native)
    caught = len(results) - len(survivors)
    lines = [f"{caught} of {len(results)} planted bugs are caught, {by_oracle} by the oracle alone{timeouts(results)}."]
    if native:
        count = len(native)
        lines.append(f"Of the {count} in the core the cases alone catch {by_cases}, the unit tests alone {by_units}.")
    if survivors:
        lines.append(f"Not caught: {', '.join(survivors)}")
    return "\n".join(lines), survivors
