/*---
title: Who am I
description: The name of the token that asks.
params:
  me: { description: A token, role: caller }
columns:
  name: { description: Its name, nullable: true }
key: [name]
sort: { default: name, allow: [] }
page: { kind: none }
answer: { shape: tinybird }
---*/
select $me::varchar as name
