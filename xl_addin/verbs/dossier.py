"""``dossier``: a folder that an auditor can check without this program."""

from __future__ import annotations

from xl_addin.model.result import Result
from xl_addin.services.archived import bring_archive
from xl_addin.services.change_words import find_district
from xl_addin.services.dossier import gather
from xl_addin.services.dossier_folder import folder_for, write_dossier
from xl_addin.services.programme import Programme, Request
from xl_addin.system.errors import Refused, in_chinese
from xl_addin.system.light import pattern

_BETWEEN = pattern(r"[、,，;；\s]+")


def run(programme: Programme, request: Request) -> Result:
    """Gather everything first, then write it beside what was made before."""
    config = programme.config
    asked = [each for each in _BETWEEN.split(request.month) if each] or [""]
    months = sorted({programme.month(request._replace(month=each)) for each in asked})
    chosen = {find_district(config, text).code for text in request.paths}
    districts = [each for each in config.districts if not chosen or each.code in chosen]
    bring_archive(programme.folder)
    with programme.ledger.reading():
        dossier = gather(programme, districts, months)
    target = folder_for(programme, dossier)
    figures = len(dossier.tables[0].rows)
    said = f"{len(districts)} 个区县截至 {'、'.join(months)} 的 {figures} 个数"
    if request.rehearse:
        files = len(dossier.copies)
        outcome = f"预演，没有写入：{said}，{files} 份原件，会放进 {target}"
    else:
        try:
            files = write_dossier(programme, dossier, target)
        except OSError as error:
            says = f"{target}：写不进去（{in_chinese(error)}）；请腾出地方或检查权限后再试"
            raise Refused(says) from error
        outcome = f"{said}，{files} 个文件，在 {target}"
    return Result(
        {
            "verb": "dossier",
            "months": months,
            "districts": [each.code for each in districts],
            "folder": str(target),
            "figures": figures,
            "files": files,
            "left_out": list(dossier.left_out),
        },
        outcome,
        clean=not dossier.left_out,
        lines=tuple(f"没有放进来：{line}" for line in dossier.left_out),
    )
