"""What WeasyPrint is given so that one PDF is PDF/A-3a and PDF/UA-1 at once, and fetches nothing."""

from __future__ import annotations

import zlib
from typing import Any

from conformity.render.pdf_tables import head_tables

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

    WeasyPrint states one standard at a time and gives table headings no scope; both are added here. Objects
    are turned into bytes and streams are compressed here as well, because pydyf does that twice: to write
    them, and for the identifier of the file.
    """
    head_tables(pdf.objects)
    for thing in pdf.objects:
        if getattr(thing, "extra", {}).get("Type") == "/Metadata":
            thing.stream = [_merged(b"".join(thing.stream))]
    if "AF" in pdf.catalog:
        # WeasyPrint names every attached file twice; each is named once here, in the same order.
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    for thing in pdf.objects:
        if getattr(thing, "compress", False):
            _compress(thing)
    _set(pdf.objects)


def _set(objects: Any) -> None:
    """Replace every object that is not a stream by one that holds its bytes; nothing changes it any more."""
    import pydyf

    class Set(pydyf.Object):  # type: ignore[misc] # the library has no types
        """An object in its bytes."""

        data = b""

    for place, thing in enumerate(objects):
        if thing.free == "f" or not thing.compressible:
            continue
        made = Set()
        made.number, made.data = thing.number, thing.data
        objects[place] = made


def _compress(stream: Any) -> None:
    """Replace the content of a stream by its compressed bytes, and say so (ISO 32000-1, 7.4.4)."""
    stream.compress = False
    plain = stream.data
    content = plain[plain.index(_STREAM) + len(_STREAM) : -len(_STREAM_END)]
    stream.stream = [zlib.compress(content)]
    stream.extra["Filter"] = "/FlateDecode"


def _merged(metadata: bytes) -> bytes:
    """Return XMP metadata with the PDF/UA statement inside its description."""
    return metadata.replace(_END, _EXTENSION + _END)
