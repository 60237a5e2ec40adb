#!/usr/bin/env bash
# A real Windows Python 3.11 under Wine, from Debian's and PyPI's packages: setup.sh DIR, then DIR/python ...
#
# panda3d's Windows wheel carries the PSF's python311.dll with its compiled modules; the rest of the standard
# library is Python and this machine's own; python.exe is python.c. Wine shows no job limits, no alternate
# streams (mark of the web), no true console and no limit of path lengths.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
target=$(cd "$1" && pwd)
python=$target/python311
host=${PYTHON:-python3}
gcc=x86_64-w64-mingw32-gcc
objdump=x86_64-w64-mingw32-objdump

if ! command -v wine >/dev/null || ! command -v $gcc >/dev/null; then
    packages=(wine wine64 gcc-mingw-w64-x86-64 locales unzip)
    if [ "$(id -u)" -eq 0 ]; then as_root=(); else as_root=(sudo -E); fi
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
# Wine takes the code page 936 of Chinese offices from the locale.
localedef -i zh_CN -f UTF-8 zh_CN.UTF-8 2>/dev/null || true

"$host" -c 'import sys; assert sys.version_info[:2] == (3, 11), "the standard library must be of 3.11"'
foreign=(--only-binary=:all: --platform win_amd64 --python-version 311 --implementation cp)
mkdir -p "$target/wheels" "$python/DLLs" "$python/Lib/site-packages"
"$host" -m pip download --quiet --no-deps "${foreign[@]}" --dest "$target/wheels" panda3d
unzip -q -o "$target"/wheels/panda3d-*.whl 'deploy_libs/*' -d "$target/wheels"
cp "$target"/wheels/deploy_libs/*.dll "$python/"
cp "$target"/wheels/deploy_libs/*.pyd "$python/DLLs/"
find "$python" -maxdepth 1 \( -name 'libcrypto*' -o -name 'libssl*' -o -name 'libffi*' -o -name 'sqlite3*' \) \
    -exec mv -t "$python/DLLs" {} +
library=$("$host" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
tar -C "$library" --exclude=site-packages --exclude=__pycache__ --exclude=./test --exclude='*.so' \
    --exclude='./config-*' -cf - . | tar -C "$python/Lib" -xf -

$gcc -municode -O1 "$here/python.c" -o "$python/python.exe"
mkdir -p "$python/Lib/venv/scripts/nt"
$gcc -municode -O1 "$here/launcher.c" -o "$python/Lib/venv/scripts/nt/python.exe"
{
    printf 'LIBRARY python3.dll\nEXPORTS\n'
    $objdump -p "$python/python311.dll" |
        awk '/\[Ordinal\/Name Pointer\] Table/ {inside = 1; next} inside && /\[ *[0-9]+\]/ {print $NF}' |
        sed -nE 's/^_?Py.*/& = python311.&/p'
} >"$target/python3.def"
$gcc -shared -nostdlib -Wl,--entry=0 "$here/forward.c" "$target/python3.def" -o "$python/python3.dll" 2>/dev/null ||
    $gcc -shared "$here/forward.c" "$target/python3.def" -o "$python/python3.dll"
$gcc -shared "$here/random.c" -ladvapi32 -o "$python/bcryptprimitives.dll"

# What the project asks for, as pip settles it; what it asks for on Windows alone is named here. numpy 2
# wants a function of the C library that Wine 8 has not.
"$host" - "$root/pyproject.toml" >"$target/requirements.txt" <<'PY'
import sys, tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
print(*project["dependencies"], *project["optional-dependencies"]["test"], sep="\n")
print("numpy==1.26.4", "pandas==2.2.3", "pywin32", "pywin32-ctypes", "colorama", "tzdata", sep="\n")
PY
"$host" -m pip install --quiet "${foreign[@]}" --target "$python/Lib/site-packages" --upgrade \
    --requirement "$target/requirements.txt"
# Wine's clock is finer than Windows': Dask takes that for noise and reads it for ever.
sed -i 's/^if WINDOWS and sys.version_info < (3, 13):/if False:/' "$python/Lib/site-packages/distributed/metrics.py"
cp "$python"/Lib/site-packages/pywin32_system32/*.dll "$python/"
printf 'win32\nwin32/lib\nPythonwin\n' >"$python/Lib/site-packages/pywin32.pth"
cp "$here/sitecustomize.py" "$python/Lib/site-packages/"
# As pip install -e does it; 体检 looks there for what the program asks for.
printf 'Z:%s\n' "${root//\//\\}" >"$python/Lib/site-packages/checkout.pth"
rm -rf "$python"/Lib/site-packages/xl_addin-*.dist-info
"$host" - "$root" "$python/Lib/site-packages" <<'PY'
import sys, tomllib
from pathlib import Path

root, site = map(Path, sys.argv[1:])
sys.path.insert(0, str(root))
from xl_addin import __version__

project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
about = site / f"xl_addin-{__version__}.dist-info"
about.mkdir()
needs = "".join(f"Requires-Dist: {each}\n" for each in project["dependencies"])
(about / "METADATA").write_text(
    f"Metadata-Version: 2.1\nName: xl-addin\nVersion: {__version__}\n"
    f"Requires-Python: {project['requires-python']}\n{needs}",
    encoding="utf-8",
)
PY

cat >"$target/python" <<RUN
#!/usr/bin/env bash
# All three streams are pipes: for files and /dev/null Wine 8 gives Python handles that it cannot use.
export WINEPREFIX=$target/prefix WINEDEBUG=\${WINEDEBUG:--all} WINEDLLOVERRIDES="mscoree,mshtml=" LC_ALL=zh_CN.UTF-8
set -o pipefail
{
    cat </dev/null | wine $python/python.exe "\$@" 2>&3 3>&- | cat
    exit \${PIPESTATUS[1]}
} 3> >(cat >&2)
RUN
chmod +x "$target/python"
# Windows 10 without a screen: none is drawn. As what Wine says of itself, 7, Python's pools of processes hang.
"$target/python" -c 'import winreg as w
for key, name, value in ((r"\Drivers", "Graphics", "null"), ("", "Version", "win10")):
    w.SetValueEx(w.CreateKey(w.HKEY_CURRENT_USER, r"Software\Wine" + key), name, 0, w.REG_SZ, value)'
"$target/python" -c 'import locale, os, sqlite3, ssl, sys; print(sys.version, os.name, locale.getencoding())'
