/*---
title: Clear the quarantine
description: "Deletes rejected rows: all of them, or those of one source or file."
params:
  source: { description: Only this source, example: charging_sessions }
  file: { description: Only rows of this file, example: sessions-2024.csv }
---*/
delete from quarantine
where ($source::varchar is null or source = $source::varchar)
  and ($file::varchar is null or file = $file::varchar)
