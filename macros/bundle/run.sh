#!/bin/bash
# run.sh install or remove: looks for a Python that fits and hands over to start.py, which says 90 of one that does not.
job=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
place=${XDG_DATA_HOME:-$HOME/.local/share}/xl_addin
code=90
unset PYTHONHOME PYTHONPATH

search() {
    local python found
    for python in "$place/python/bin/python3" python3 python3.13 python3.12 python3.14 python3.11 \
        /usr/local/bin/python3* /opt/python3*/bin/python3; do
        found=$(command -v "$python") || continue
        "$found" -I "$here/start.py" "$job"
        code=$?
        case $code in 0) return ;; 91) code=1; return ;; esac
        code=90
    done
}

offer() {
    local file
    file=$(find "$here/.." -maxdepth 1 -name "cpython-3.*-$(uname -m)-unknown-linux-gnu-install_only*.tar.gz" | tail -n 1)
    [ "$job" = install ] && [ -n "$file" ] || return
    echo "这台电脑上没有能用的 Python；安装包里放着一个（$(basename "$file")），可以现在装上，只给当前用户用。"
    read -rp "装上请直接回车；不装请输入 N 再回车：" answer
    [ -z "$answer" ] || [ "$answer" = y ] || [ "$answer" = Y ] || return
    mkdir -p "$place" && tar -xzf "$file" -C "$place" && search
}

search
[ $code -ne 90 ] || offer
if [ $code -eq 90 ]; then
    code=1
    cat <<TEXT

没有找到能用的 Python，什么也没有装。请这样做（任选一种）：

1. 系统的软件仓库里有 3.11 到 3.14 的，请管理员装上（例如 apt install python3.11），再双击“安装.sh”。
2. 在能上网的电脑上打开 https://github.com/astral-sh/python-build-standalone/releases ，
   下载名字像 cpython-3.12.……-$(uname -m)-unknown-linux-gnu-install_only.tar.gz 的文件，
   拷到“安装.sh”旁边（不用解压），再双击“安装.sh”，它会帮您装上。

TEXT
fi
[ $code -eq 0 ] && [ "$job" = remove ] && [ -d "$place/python" ] && rm -rf "$place"
exit $code
