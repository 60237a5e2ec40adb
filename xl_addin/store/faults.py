"""What the database below the ledger says, told in words that help, without importing it.

Not every click needs the database: its codes stand here by their numbers (sqlite3.h), a server's by its SQLSTATE.
"""

from __future__ import annotations

_LIBRARIES = frozenset(("sqlite3", "xl_addin.store.postgresql"))
BUSY = (5, 6, 15)
"""SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: another program holds the file, or the disk knows no locks."""
_DISK = {
    8: "底账是只读的",  # SQLITE_READONLY
    10: "磁盘读写出错",  # SQLITE_IOERR
    13: "磁盘已满",  # SQLITE_FULL
    14: "底账或者它所在的文件夹打不开",  # SQLITE_CANTOPEN
    3: "没有权限",  # SQLITE_PERM
    23: "没有权限",  # SQLITE_AUTH
}
_DAMAGED = {11: "文件已损坏", 26: "不是底账，或者已损坏"}  # SQLITE_CORRUPT, SQLITE_NOTADB
REBUILD = "请运行 xl-addin rebuild，由归档重建底账"


def is_database_error(error: BaseException) -> bool:
    """Whether the database below the ledger raised this, and not our own code."""
    return type(error).__module__ in _LIBRARIES


def primary_code(error: BaseException) -> int:
    """SQLite's code without the details: its extended codes carry it in the low byte."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_NOTHING_THERE = (
    "不在这个数据库里，或者这个用户没有权限读；请核对任务文件夹里 ledger.json 写的地址和用户名，"
    "数据库换过的请从备份恢复"
)
_CUT = "所在的数据库服务器断开了；请检查网络，过一会儿再运行一次"
_UNKNOWN_USER = (
    "所在的数据库不认用户名或密码；请把密码写进 libpq 的密码文件（~/.pgpass，或环境变量 PGPASSFILE 指的文件），"
    "或者运行 xl-addin move-ledger 时把带密码的地址再给一次，会存进系统密码库"
)
_NO_DATABASE = "所在的数据库不存在；请核对 ledger.json 里的地址，或请管理员建立这个数据库"
_NOT_ALLOWED = "所在的数据库不让这个用户登录或读写；请管理员给这个用户权限"
_STARTING = "所在的数据库服务器正在启动或关闭；请过一会儿再运行一次"
POOLED = (
    "前面有连接池（PgBouncer 一类），锁会失效，不能用；请管理员给出直接连到数据库服务器的地址和端口"
)
_CERTIFICATE = (
    "所在的数据库服务器证书核对不过，没有连；"
    "请管理员核对地址里的服务器名、sslrootcert 指的根证书和服务器的证书"
)
_NO_TLS = "所在的数据库服务器不支持加密连接（TLS），而地址要求加密，没有连；请管理员在服务器上开启"
_UNREACHABLE = (
    "所在的数据库服务器连不上；请检查网络、服务器是否开着、ledger.json 里的地址对不对，再运行一次"
)
# By SQLSTATE, or the class that it begins with.
_STATES = {
    "28P01": _UNKNOWN_USER,
    "28": _NOT_ALLOWED,
    "3D000": _NO_DATABASE,
    "42501": _NOT_ALLOWED,
    "42P01": _NOTHING_THERE,
    "57P03": _STARTING,
    "57P05": "等得太久，数据库服务器断开了；请再运行一次",
    "25P03": "等得太久，数据库服务器断开了；请再运行一次",
    "57P": _CUT,
    "57014": "这一步被数据库的管理员取消了；请再运行一次",
    "08": _CUT,
    "53100": "所在的数据库服务器磁盘满了；请管理员腾出空间，再运行一次",
    "53": "所在的数据库服务器没有余力（连接太多或内存不够）；请过一会儿再运行一次",
    "58": "所在的数据库服务器读写出错；请管理员检查服务器",
    "25006": "所在的数据库服务器现在只能读（是备用服务器）；请管理员核对 ledger.json 应当指向哪一台",
    "XX001": "所在的数据库有损坏；请管理员从备份恢复，或运行 xl-addin rebuild 由归档重建底账",
}
_OF_ADDRESS = {
    _UNKNOWN_USER: (
        "数据库不认用户名或密码；请核对地址里的用户名，把密码写进 libpq 的密码文件（~/.pgpass，或环境变量 PGPASSFILE "
        "指的文件），或者把密码写进地址（postgresql://用户名:密码@服务器/数据库名），会存进系统密码库"
    ),
    _NO_DATABASE: "没有这个数据库；请核对地址，或请管理员建立这个数据库",
    _UNREACHABLE: "数据库服务器连不上；请检查地址、网络和服务器是否开着，再运行一次",
}
# Before there is a session the server's refusals come without a code, in its own language.
_REFUSALS = (
    ("password authentication failed", _UNKNOWN_USER),
    ("no password supplied", _UNKNOWN_USER),
    ("认证失败", _UNKNOWN_USER),
    ('role "', _UNKNOWN_USER),
    ("角色", _UNKNOWN_USER),
    ("unsupported startup parameter", f"所在的数据库服务器{POOLED}"),
    ("certificate", _CERTIFICATE),
    ("does not support ssl", _NO_TLS),
    ("pg_hba.conf", _NOT_ALLOWED),
    ('database "', _NO_DATABASE),
    ("数据库 ", _NO_DATABASE),
    ("starting up", _STARTING),
    ("shutting down", _STARTING),
    ("recovery mode", _STARTING),
    ("not yet accepting connections", _STARTING),
    ("too many", "所在的数据库服务器连接太多；请过一会儿再运行一次"),
)


def _of_server(error: BaseException) -> str | None:
    """What became of the server or the way to it, in words that follow 底账; None for anything else."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return None
    if state == "55P03":
        return f"{error}；请等它结束，再运行一次"
    if not state:
        text = str(error).lower()
        return next((words for piece, words in _REFUSALS if piece in text), _UNREACHABLE)
    known = (_STATES.get(state[:length]) for length in (5, 3, 2))
    return next(filter(None, known), _CUT if getattr(error, "lost", False) else None)


def why_of_address(error: BaseException) -> str:
    """What is wrong with the way to a server whose address was just given: no file holds it yet."""
    told = _OF_ADDRESS.get(said := why(error), said)
    return told.removeprefix("所在的")


def is_operational(error: BaseException) -> bool:
    """Whether it came of the disk, the server or another program, and not of what was to be written."""
    return bool(primary_code(error)) or _of_server(error) is not None


def is_passing(error: BaseException) -> bool:
    """Whether it lies with the disk or another program, and not with what the file holds."""
    code = primary_code(error)
    return code in BUSY or code in _DISK or _of_server(error) is not None


def is_damage(error: BaseException) -> bool:
    """Whether the file does not hold what the database wrote."""
    return primary_code(error) in _DAMAGED


def why(error: BaseException) -> str:
    """What happened, and what to do, in two sentences' halves: ``底账…（why）；advice``."""
    code = primary_code(error)
    if said := _of_server(error):
        return said
    if code in BUSY:
        return (
            "正被别的程序使用；请等它结束或关闭它（同步盘、备份、杀毒软件也算），再运行一次。"
            "如果并没有别的程序在用而总是这样，是这块盘不支持文件锁，请把任务文件夹移到别的盘"
        )
    if code in _DISK:
        says = "请检查磁盘是否已满、网络盘是否连着、文件夹能不能写，再运行一次"
        return f"读写不了（{_DISK[code]}）；{says}"
    if code in _DAMAGED:
        return f"读不了（{_DAMAGED[code]}）；{REBUILD}"
    return f"读写出错（{error}）；请用 xl-addin verify 核对，损坏了就用 xl-addin rebuild 由归档重建底账"
