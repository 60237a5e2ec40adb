"""``bundle``: archives from which the program is installed without a network, by a double click."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from xl_addin import __version__
from xl_addin.model.result import Result
from xl_addin.services.own_wheel import build_own_wheel
from xl_addin.services.packing import PYTHONS, SUMS, TARGETS, Bundle, fetch_wheels, list_needs
from xl_addin.services.programme import Programme, Request
from xl_addin.system import atomic, held
from xl_addin.system.errors import Misused


def run(programme: Programme, request: Request) -> Result:
    """One archive a platform into the folder that is named; a rehearsal only asks the index."""
    names = _chosen(request, "platform", [target.name for target in TARGETS])
    targets = [target for target in TARGETS if target.name in names]
    pythons = _chosen(request, "python", PYTHONS)
    folder = Path(request.paths[0] if request.paths else f"xl_addin-{__version__}").absolute()
    jobs = [(target, python) for target in targets for python in pythons]
    if request.rehearse:
        needs = {
            f"{target.name} {python}": list_needs(target, python)
            for target, python in programme.progress.over(jobs, len(jobs), "查程序包")
        }
        lines = tuple(f"{name}：{'、'.join(needs[name])}" for name in needs)
        data = {"verb": "bundle", "folder": str(folder), "needs": needs}
        return Result(
            data, f"会在 {folder} 做 {len(targets)} 个安装包（预演，没有写入）", lines=lines
        )
    folder.mkdir(parents=True, exist_ok=True)
    with held.temporary_folder() as scratch:
        own = build_own_wheel(Path(scratch))
        made = []
        for target, python in programme.progress.over(jobs, len(jobs), "取程序包"):
            if python == pythons[0]:
                bundle = Bundle(target, own)
            bundle.add(python, fetch_wheels(target, python, Path(scratch, target.name, python)))
            if python == pythons[-1]:
                made.append(bundle.write(folder))
    sums = {path.name: hashlib.sha256(held.read_bytes(path)).hexdigest() for path in made}
    listed = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    atomic.write(folder / SUMS, listed.encode())
    files = [
        {"file": str(path), "bytes": path.stat().st_size, "sha256": sums[path.name]}
        for path in made
    ]
    lines = tuple(f"{path.name}：{path.stat().st_size / 1e6:.0f} MB" for path in made)
    return Result(
        {"verb": "bundle", "folder": str(folder), "files": files, "pythons": list(pythons)},
        f"做好了 {len(made)} 个安装包，在 {folder}；拷到要用的电脑上，解压后双击“安装”，不用上网",
        lines=lines,
    )


def _chosen(request: Request, option: str, known: Sequence[str]) -> tuple[str, ...]:
    """What was asked for of what there is, in its order; all of it where nothing was."""
    asked = request.options.get(option, "").split()
    wrong = [each for each in asked if each not in known]
    if wrong:
        raise Misused(f"用法不对：--{option} 没有“{wrong[0]}”；可用的有：{'、'.join(known)}")
    return tuple(each for each in known if each in asked or not asked)
