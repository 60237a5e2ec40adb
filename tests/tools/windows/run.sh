#!/usr/bin/env bash
# Before a release: the tests that Windows can run, room by room, on what setup.sh made: run.sh DIR [TESTS...]
# All of it takes hours under Wine; .ci/run takes a choice of it (on_windows there).
set -uo pipefail

python=$(cd "$1" && pwd)/python
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
if [ $# -gt 0 ]; then rooms=("$@"); else
    rooms=(tests/{system,model,xlsx,docx,formats,form,tasktable,store,judging,compare,mail,master,services,verbs}
        tests/journeys tests/tools tests/test_*.py)
fi
failed=0
for room in "${rooms[@]}"; do
    printf '\n=== %s\n' "$room"
    "$python" -m pytest -q -n "$(nproc)" --dist worksteal -p no:cacheprovider -o faulthandler_timeout=900 "$room" |
        iconv -c -f GBK -t UTF-8
    code=${PIPESTATUS[0]}
    [ "$code" -eq 0 ] || [ "$code" -eq 5 ] || failed=1 # 5: nothing to run there
done
exit $failed
