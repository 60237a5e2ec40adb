#!/bin/bash
# A double click: a terminal is opened where there is none, so that questions can be answered.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ ! -t 0 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${XL_ADDIN_TERMINAL:-}" ]; then
    export XL_ADDIN_TERMINAL=1
    for terminal in deepin-terminal mate-terminal gnome-terminal konsole xfce4-terminal xterm; do
        command -v "$terminal" >/dev/null || continue
        case $terminal in
        gnome-terminal) exec "$terminal" -- bash "$here/$(basename "$0")" "$@" ;;
        mate-terminal | xfce4-terminal) exec "$terminal" -x bash "$here/$(basename "$0")" "$@" ;;
        *) exec "$terminal" -e bash "$here/$(basename "$0")" "$@" ;;
        esac
    done
fi
if [ ! -f "$here/files/run.sh" ]; then
    echo "请先解压：在压缩包上点右键，选“解压到此处”，再到解压出来的文件夹里双击。"
    result=1
else
    XL_ADDIN_GIVEN="${1:-}" bash "$here/files/run.sh" {job}
    result=$?
fi
[ -t 0 ] && read -rp "按回车键关闭窗口。"
exit $result
