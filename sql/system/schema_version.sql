-- Which layout of our own tables the file has.
create table schema_version (version integer not null);
