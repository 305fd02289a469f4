"""Text that tries to become markup, a style, a template, an address or a file, and records full of it."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from tests.unit.render.render_records import Records, build

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "]]></style><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    '<a rel=attachment href="file:///etc/hostname">x</a>',
    "\u202egpj.exe",
    "<link rel=attachment href=FILE>",
    "<link rel=stylesheet href=HTTP/a.css>",
    "<style>@import url(HTTP/b.css);</style>",
    "<style>body{background:url(HTTP/c.png)}</style>",
    "<style>@font-face{font-family:x;src:url(HTTP/d.woff)}*{font-family:x}</style>",
    '<p style="background-image:url(FILE)">x</p>',
    '<p style="content:url(HTTP/e.png)">x</p>',
    "<img src=FILE>",
    "<img src=HTTP/f.png>",
    '<img srcset="HTTP/g.png 1x">',
    "<svg><image href=HTTP/h.png /></svg>",
    '<svg><image xlink:href="FILE" /></svg>',
    "<svg><use href=HTTP/i.svg#a /></svg>",
    '<svg><style>@import "HTTP/j.css";</style></svg>',
    "<object data=FILE></object>",
    "<embed src=HTTP/k.svg>",
    "<iframe src=HTTP/l.html></iframe>",
    "<base href=HTTP/m/>",
    '<meta http-equiv=refresh content="0;url=HTTP/n">',
    "<input type=image src=HTTP/o.png>",
    "<video poster=HTTP/p.png></video>",
    "<table background=HTTP/q.png></table>",
    '<?xml-stylesheet href="HTTP/r.css"?>',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "FILE">]>&e;',
    "</p></section></main></body></html><p>after the end</p>",
    "&lt;img src=HTTP/s.png&gt;",
    "{{ config }}{% include 'FILE' %}{# x #}",
    '=HYPERLINK("HTTP/t")',
)
"""One payload each; ``HTTP`` stands for an address that is listened to, ``FILE`` for a file that exists."""


def poisoned(*payloads: str) -> Records:
    """Return records in which every free text ends with a payload, one after the other."""
    turns = cycle(payloads)
    keep = {
        "id",
        "metric",
        "subject",
        "by",
        "group",
        "criterion",
        "requirement",
        "requirements",
        "covers",
        "exhibit",
        "kind",
        "unit",
        "probe",
        "step",
        "steps",
        "verdict",
        "outcome",
        "roles",
        "article",
        "assessment_schema",
        "works_on",
        "lifecycle",
        "better",
        "per",
        "why",
        "purpose",
        "format",
        "applies",
        "addressees",
        "automation",
        "question",
        "condition",
        "procedure",
        "holds",
        "answer",
        "sign_offs_of",
        "evidence_of",
        "version",
        "regime",
    }

    def walk(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [walk(v, key) for v in value]
        plain = not isinstance(value, str) or key in keep or value.startswith("sha256:") or value[:2] == "20"
        return value if plain or not value else f"{value} {next(turns)}"

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["manifest"] = walk(whole["manifest"], "")
        whole["plan"]["classification"] = walk(whole["plan"]["classification"], "")
        whole["plan"]["probes"] = [
            {**p, **walk({k: p[k] for k in ("title", "question", "method", "limits")}, "")}
            for p in whole["plan"]["probes"]
        ]
        for row in whole["plan"]["requirements"]:
            row["reason"] += " " + next(turns)
            row["requirement"]["title"] += " " + next(turns)
            row["requirement"]["obligation"] += " " + next(turns)
        for finding in whole["findings"]:
            finding["reason"] += " " + next(turns)
            finding["to_do"] = [text + " " + next(turns) for text in finding.get("to_do", ())]
        whole["tool"] += " " + next(turns)
        for record in proof["subjects"]:
            record["path"] += " " + next(turns)
        proof["platform"] += " " + next(turns)
        proof["software"] = walk(proof["software"], "")
        proof["isolation"] = walk(proof["isolation"], "")

    return build(change)
