"""Words from which synthetic people and texts are made."""

from __future__ import annotations

import re

FIRST = tuple(
    re.findall(
        "[^ ]+",
        "Anna Ben Clara David Elif Felix Greta Hugo Ines Jakub Karin Luca Maria Nils Olga Pavel "
        "Quentin Rosa Sofia Tomas Ulla Viktor Wanda Xenia Yusuf Zoe André Jürgen Åsa Małgorzata "
        "Šárka José Björn Éva",
    )
)
LAST = tuple(
    re.findall(
        "[^ ]+",
        "Schmidt Müller Rossi Garcia Novak Kowalski Jansen Dubois Nielsen Virtanen Popescu Horvat "
        "Silva Murphy Papadopoulos Ivanov Kask Ozols Nagy Borg Weber Svensson Lefèvre Muñoz "
        "Łukasik Østergaard O'Brien",
    )
)
STREETS = tuple(
    re.findall(
        "[^;]+",
        "Hauptstraße;Rue de la Paix;Calle Mayor;Via Roma;Kerkstraat;Storgatan;ul. Długa;"
        "Bahnhofstr.;Main Street;Avenida da Liberdade;Mannerheimintie;Vodičkova",
    )
)
WORDS = tuple(
    re.findall(
        "[^ ]+",
        "delivery late invoice paid box item returned ok service window green table order waiting "
        "since monday please check again system error printer slow customer happy good bad price "
        "lower than before new old",
    )
)
