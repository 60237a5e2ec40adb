#!/usr/bin/env bash
# Before a release: the tests that Windows can run, file by file, on what setup.sh made: run.sh DIR [TESTS...]
# All of it takes an hour under Wine; .ci/run takes a choice of it (on_windows there). A file that Wine hangs in is ended.
set -uo pipefail

python=$(cd "$1" && pwd)/python
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
if [ $# -gt 0 ]; then files=("$@"); else
    files=(tests/{system,model,xlsx,docx,formats,form,tasktable,store,judging,compare,mail,master,services,verbs}/test_*.py
        tests/benchmarks/test_*.py
        tests/journeys/test_*.py tests/tools/test_*.py tests/test_*.py)
fi
failed=0
for file in "${files[@]}"; do
    ! grep -q "_LINUX_ALONE.*\"${file#tests/}\"" tests/conftest.py || continue # pytest takes what is named
    printf '\n=== %s\n' "$file"
    timeout -s KILL 1800 "$python" -m pytest -q -p no:cacheprovider -o faulthandler_timeout=900 "$file" |
        iconv -c -f GBK -t UTF-8
    code=${PIPESTATUS[0]}
    if [ "$code" -eq 137 ]; then
        echo "ended after half an hour: $file"
        WINEPREFIX=$(dirname "$python")/prefix wineserver -k
    fi
    [ "$code" -eq 0 ] || [ "$code" -eq 5 ] || failed=1 # 5: nothing to run there
done
exit $failed
