-- Give an order to the operator: 1 given, 0 it was given before.
-- KEYS known stream
-- ARGV body signature ttl
if redis.call('SET', known, '1', 'NX', 'EX', ttl) == false then return 0 end
redis.call('XADD', stream, '*', 'body', body, 'signature', signature)
return 1
