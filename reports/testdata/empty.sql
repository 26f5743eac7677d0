-- A day without any line: the files exist and have no rows.
delete from row_ledger;
