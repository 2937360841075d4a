-- Characters that files write for the same thing; the macros for times and numbers use them.

-- A text without surrounding spaces, Unicode spaces and invisible marks included; null if nothing is left.
create macro trim_text(t) as (nullif(regexp_replace(t, '^[\p{Z}\p{Cf}]+|[\p{Z}\p{Cf}]+$', '', 'g'), ''));

-- A time or number in ASCII: Unicode spaces become spaces, dashes and minus signs become '-', and runs of spaces become one.
create macro plain_characters(t) as (
  case when strlen(t) = length(t) and not regexp_matches(t, '\s\s|\t') then trim(t)
       else trim(regexp_replace(regexp_replace(regexp_replace(t, '\p{Cf}', '', 'g'), '[\s\p{Z}]+', ' ', 'g'), '[\p{Pd}\x{2212}]', '-', 'g')) end
);

-- The text true or false for a word for yes or no in the languages of exports; anything else unchanged.
create macro yes_or_no(t) as (
  case when lower(t) in ('ja', 'oui', 'si', 'sí', 'sim', 'kyllä', 'on', 'active', 'aktiv', 'actif', 'activo', 'attivo', 'ativo', 'actief', 'j') then 'true'
       when lower(t) in ('nein', 'non', 'nee', 'nei', 'nej', 'não', 'nao', 'ei', 'off', 'inactive', 'inaktiv', 'inactif', 'inactivo', 'inattivo', 'inativo', 'inactief') then 'false'
       else t end
);
