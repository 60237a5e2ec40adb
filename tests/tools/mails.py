"""Mails as districts' mail programs write them."""

from __future__ import annotations

from email.message import EmailMessage

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def letter(sender, *files, subject="报送", text="见附件", **headers):
    """A mail as a mail program writes it; files are (name, bytes)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "hq@hq.test", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    for name, data in files:
        message.add_attachment(data, maintype=XLSX[0], subtype=XLSX[1], filename=name)
    return message.as_bytes()
