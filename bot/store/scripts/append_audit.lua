-- Append an entry to the audit record, chained to the one before; gives its id.
-- USES chain
-- KEYS audit head
-- ARGV kept digest fields...
return append(audit, head, kept, digest, fields)
