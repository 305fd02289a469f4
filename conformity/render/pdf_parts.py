"""What WeasyPrint is given so that one PDF is PDF/A-3a and PDF/UA-1 at once, and fetches nothing."""

from __future__ import annotations

import zlib
from typing import Any

_EXTENSION = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""States PDF/UA-1 beside PDF/A-3, with the schema that PDF/A asks for a property it does not know.

Source: ISO 14289-1:2014, 5; ISO 19005-3:2012, 6.6.2.3.
"""

_END = b"</rdf:RDF>"

_STREAM, _STREAM_END = b"\nstream\n", b"\nendstream"


def jail() -> Any:
    """Return a fetcher that opens ``data:`` addresses and nothing else."""
    from weasyprint.urls import URLFetcher

    class Jail(URLFetcher):  # type: ignore[misc] # the library has no types
        """Refuse every address that is not written into the document itself."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """Return the content of a ``data:`` address.

            Raises:
                ValueError: the address is of any other kind; WeasyPrint logs it, and the PDF is refused.
            """
            if not url.startswith("data:"):
                raise ValueError("documents may not load anything from outside")
            return super().fetch(url, headers)

    return Jail(allowed_protocols={"data"}, allow_redirects=False)


def finish(_document: Any, pdf: Any) -> None:
    """Complete the metadata, the table headings and the list of attached files of a PDF before it is written.

    WeasyPrint states one standard at a time and gives table headings no scope; both are added here. Streams
    are compressed here as well, because pydyf compresses each of them twice: to write it, and for the
    identifier of the file.
    """
    for thing in pdf.objects:
        if isinstance(thing, dict):
            _add_scope(thing, pdf.objects)
        elif getattr(thing, "extra", {}).get("Type") == "/Metadata":
            thing.stream = [_merged(b"".join(thing.stream))]
    if "AF" in pdf.catalog:
        # WeasyPrint names every attached file twice; each is named once here, in the same order.
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    for thing in pdf.objects:
        if getattr(thing, "compress", False):
            _compress(thing)


def _compress(stream: Any) -> None:
    """Replace the content of a stream by its compressed bytes, and say so (ISO 32000-1, 7.4.4)."""
    stream.compress = False
    plain = stream.data
    content = plain[plain.index(_STREAM) + len(_STREAM) : -len(_STREAM_END)]
    stream.stream = [zlib.compress(content)]
    stream.extra["Filter"] = "/FlateDecode"


def _add_scope(thing: Any, objects: Any) -> None:
    """Say of a table heading whether it heads a row or a column (ISO 14289-1, 7.5)."""
    if thing.get("S") == "/TH" and "A" in thing:
        row = _referred(thing["P"], objects)
        in_head = _referred(row["P"], objects)["S"] == "/THead"
        thing["A"]["Scope"] = "/Column" if in_head else "/Row"


def _referred(reference: Any, objects: Any) -> Any:
    """Return the object that a reference such as ``12 0 R`` means."""
    number = reference.split()[0]
    return objects[int(number)]


def _merged(metadata: bytes) -> bytes:
    """Return XMP metadata with the PDF/UA statement inside its description."""
    return metadata.replace(_END, _EXTENSION + _END)
