CREATE TABLE programme(key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE blanks(digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE dispatches(
  id INTEGER PRIMARY KEY, month TEXT NOT NULL, district TEXT NOT NULL, round INTEGER NOT NULL,
  mac TEXT NOT NULL, sha256 TEXT NOT NULL, file TEXT NOT NULL, issued_at TEXT NOT NULL);
CREATE INDEX dispatch_month ON dispatches(month, district);
CREATE TABLE receipts(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, file TEXT NOT NULL, received_at TEXT NOT NULL,
  month TEXT NOT NULL, asked TEXT NOT NULL, district TEXT NOT NULL, round INTEGER NOT NULL,
  verdict TEXT NOT NULL CHECK(verdict IN
    ('accepted','rejected','held','duplicate','blank','foreign','unreadable')),
  note TEXT NOT NULL,
  CHECK(verdict <> 'accepted' OR (month <> '' AND district <> '')));
CREATE INDEX receipt_sha ON receipts(sha256);
CREATE INDEX receipt_month ON receipts(month, district, verdict);
CREATE TABLE figures(
  receipt INTEGER NOT NULL REFERENCES receipts, indicator TEXT NOT NULL, measure TEXT NOT NULL,
  state TEXT NOT NULL CHECK((state = 'number') = (value IS NOT NULL)), value NUMERIC,
  cell TEXT NOT NULL, PRIMARY KEY(receipt, indicator)) WITHOUT ROWID;
CREATE TABLE problems(
  receipt INTEGER NOT NULL REFERENCES receipts, position INTEGER NOT NULL, code TEXT NOT NULL,
  severity TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, found TEXT NOT NULL,
  message TEXT NOT NULL, expected TEXT NOT NULL, PRIMARY KEY(receipt, position)) WITHOUT ROWID;
CREATE TABLE events(
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, verb TEXT NOT NULL, month TEXT NOT NULL,
  outcome TEXT NOT NULL, who TEXT NOT NULL);
CREATE VIEW counting AS
  SELECT month, district, id AS receipt, MAX(received_at || printf('%012d', id)) AS latest
  FROM receipts WHERE verdict = 'accepted' GROUP BY month, district;
CREATE TRIGGER dispatches_update BEFORE UPDATE ON dispatches BEGIN SELECT RAISE(ABORT, 'dispatches is append-only'); END;
CREATE TRIGGER dispatches_delete BEFORE DELETE ON dispatches BEGIN SELECT RAISE(ABORT, 'dispatches is append-only'); END;
CREATE TRIGGER receipts_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
CREATE TRIGGER receipts_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
CREATE TRIGGER figures_update BEFORE UPDATE ON figures BEGIN SELECT RAISE(ABORT, 'figures is append-only'); END;
CREATE TRIGGER figures_delete BEFORE DELETE ON figures BEGIN SELECT RAISE(ABORT, 'figures is append-only'); END;
CREATE TRIGGER problems_update BEFORE UPDATE ON problems BEGIN SELECT RAISE(ABORT, 'problems is append-only'); END;
CREATE TRIGGER problems_delete BEFORE DELETE ON problems BEGIN SELECT RAISE(ABORT, 'problems is append-only'); END;
CREATE TRIGGER events_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
PRAGMA user_version=1;
INSERT INTO programme VALUES('id', '0123456789ab'), ('secret', x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'), ('year', 2023), ('created', '2023-01-01 08:00:00');
INSERT INTO dispatches VALUES(1, '2023-01', 'A', 1, 'mac', 'sha', '填报表_2023-01_A_A.xlsx', '2023-01-25 09:00:00');
INSERT INTO receipts VALUES(1, 's1', '1.xlsx', '2023-02-01 09:00:00', '2023-01', '2023-01', 'A', 1, 'accepted', '');
INSERT INTO receipts VALUES(2, 's2', '2.xlsx', '2023-02-02 09:00:00', '2023-01', '2023-01', 'A', 1, 'accepted', '');
INSERT INTO receipts VALUES(3, 's3', '3.xlsx', '2023-02-03 09:00:00', '2023-01', '2023-01', 'A', 1, 'rejected', '');
INSERT INTO figures VALUES(1, 'I01', 'flow', 'number', 5, 'F7'), (2, 'I01', 'flow', 'number', 8, 'F7'), (3, 'I01', 'flow', 'number', -1, 'F7');
INSERT INTO problems VALUES(3, 0, 'negative', 'error', '任务进度', 'F7', '-1', 'm', 'e');
INSERT INTO events VALUES(1, '2023-01-25 09:00:00', 'distribute', '2023-01', 'o', 'w'), (2, '2023-02-04 09:00:00', 'collect', '2023-01', 'o', 'w');
