"""What lies in a programme's folder, by name."""

from __future__ import annotations

MASTER = "master.xlsm"
LEDGER = "ledger.db"
LOCK = "ledger.lock"
FORMS = "填报表"
RETURNS = "回收"
ARCHIVE = "归档"
RUN_LOGS = "记录"
MAILS = "邮件"
PROGRAMME = "programme.json"
PAGES = "区县单页"
BACKUPS = "备份"
LOGS = "日志"
ARCHIVED_MAIL = "邮件"
RETURNED = "退回"
BULLETINS = "通报"
TEMPLATES = "模板"
TRAILS = "溯源"
DOSSIERS = "审计包"
PRIVATE = (LEDGER, f"{ARCHIVE}/{PROGRAMME}", ARCHIVE)
"""What holds the key of the seals, or everything that was reported: for nobody but who works here."""
