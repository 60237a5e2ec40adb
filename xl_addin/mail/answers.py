"""What a mail server's refusal is about and what helps, by its words: codes alone say too little.

The words are those of Postfix, Exim, Courier, Cyrus, Dovecot, Exchange and of the large Chinese providers.
"""

from __future__ import annotations

import re

from xl_addin.system.light import pattern

_ADDRESS = pattern(r"\S+@\S+")
# The first that fits says it: what is too large speaks of limits too, and a full box of quota.
_TOO_MANY = (
    "服务器限制次数和速度：请过十几分钟（每天限量的到第二天）再按一次，发过的不会重发；"
    "总是这样就把“设置”的“每分钟最多几封”改小"
)
_WRONG_ADDRESS = "多半是地址写错或者停用了：请核对“区县名录”里的邮箱"
_BOX_FULL = "收信的邮箱满了：请收信人清理邮箱"
_ENABLE = "请在邮箱网页的设置里开启 SMTP、IMAP（POP3），或与邮箱管理员联系"
_STOPPED = f"这个账户被停用、锁定，或者没有开启这项服务：{_ENABLE}"
"""Where it is our own: a recipient's that is disabled is an address that no longer serves."""
_ADVICE = tuple(
    (pattern(words, re.IGNORECASE), says)
    for words, says in (
        (
            r"size.{0,20}(limit|exceed|maximum)|(message|mail|file).{0,20}(size|too (large|big|long))|mailsize"
            r"|5\.3\.4|太大|超过.{0,8}大小",
            "信太大：请邮箱管理员放宽一封信的大小，或点“分发包”，把文件另外发给区县",
        ),
        (
            r"4\.3\.1|system storage",
            "服务器自己的存储满了，不是收信人的邮箱：请把这句话告诉邮箱管理员，过一会儿再试",
        ),
        (
            r"over ?quota|quota.{0,20}(exceed|full)|exceed.{0,20}quota"
            r"|(mailbox|mail box|user).{0,12}full|not enough (disk )?space"
            r"|insufficient.{0,20}(storage|space)|[45]\.2\.2|邮箱.{0,6}满|空间.{0,4}(不足|已满)",
            _BOX_FULL,
        ),
        (
            r"gr[ae]y ?-?list",
            "对方服务器第一次见到这个发件人，要隔一会儿才收（灰名单），不是故障：请过十几分钟再按一次",
        ),
        (
            r"virus|malware|infected|病毒|attachment|附件",
            "服务器不收这个附件：请把这句话告诉邮箱管理员，或点“分发包”，把文件另外发给区县",
        ),
        (
            r"block(ed|ing)? ?list|black ?list|deny ?list|\brbl\b|dnsbl|spamhaus|reputation|DT:RBL|HL:ITC"
            r"|\bip\b.{0,20}(reject|block|denied)|blocked using|黑名单",
            "这台电脑出口的网络地址被服务器列入了黑名单：请网络管理员申请解除，或换一个发信服务器",
        ),
        (
            r"spam|junk|DT:SPM|content (denied|reject)|suspicious|垃圾",
            "服务器把信当成了垃圾邮件：请邮箱管理员把发件人邮箱加入白名单，或把“发送方式”改为“邮件文件”由人来发",
        ),
        (
            r"too many.{0,20}(connection|session)|concurrent|simultaneous|connection limit|\[limit\]",
            "同时连接的太多：请关掉别的收发信程序（别的电脑和手机上的也算），过几分钟再按一次",
        ),
        (
            r"\b421\b|\brate\b|ratelimit|\blimit|overlimit|too (many|much|fast|quick)|throttl|frequen|maximum"
            r"|频|过快|过多|(?<!权)限|MI:(SFQ|CEL|DMC|STC|CCL)|HL:(ICC|IFC|REP)|RP:(CEL|DRC|CCL)",
            _TOO_MANY,
        ),
        (
            r"no permission|not enabled|未开启|没有开启|未开通",
            f"这个账户没有开启这项服务，或者被停用：{_ENABLE}",
        ),
        (r"disabled|suspended|deactivated|account.{0,12}lock|停用|冻结", _STOPPED),
        (
            r"in-use|\block(ed)?\b|already (open|in use)|正在使用|锁定",
            "邮箱正被别的收信程序占用：请关掉它，过几分钟再试",
        ),
        (
            r"privacyrequired|encryption (needed|required)|must issue a starttls|plaintext.{0,20}(disabled|disallowed)",
            "服务器要先加密才让登录：请核对“设置”里的端口和加密",
        ),
        (
            r"relay",
            "这个服务器不替这个账户往外面的邮箱转信：请核对“SMTP 服务器”是发件人邮箱自己的服务器，单位内部的服务器请"
            "邮箱管理员放开往外发信",
        ),
        (
            r"unknown (user|recipient|local)|user unknown|unrouteable|no such (user|recipient|mailbox)"
            r"|does(n.t| not) exist|invalid (user|recipient|mailbox)|mailbox (not found|unavailable)"
            r"|user not found|5\.1\.[1-3]|no mailbox here|不存在|查无",
            _WRONG_ADDRESS,
        ),
        (
            r"temporar|internal|\bsystem\b|scanner|unavailable|try (again )?later|sys/temp|4\.3\.\d|暂时",
            "服务器自己暂时有故障，不是设置的问题：请过一会儿再试，一直这样请把这句话告诉邮箱管理员",
        ),
    )
)


def advice(said: str, *, ours: bool = False) -> str:
    """The cause that a server's answer names and what to do, a Chinese sentence; empty where it names none.

    ``ours`` says that the answer is known to be about our own account and not about a recipient.
    """
    text = _ADDRESS.sub("", said)
    for words, says in _ADVICE:
        if words.search(text) and not (ours and says in (_WRONG_ADDRESS, _BOX_FULL)):
            return _WRONG_ADDRESS if says == _STOPPED and not ours else says
    return ""


def is_about_the_address(said: str) -> bool:
    """Whether an answer says that there is no such mailbox, or nothing by which one could know better."""
    return advice(said) in ("", _WRONG_ADDRESS)


def is_too_fast(said: str) -> bool:
    """Whether the answer asks for fewer letters in the same time."""
    return advice(said) == _TOO_MANY
