import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../src/catalog/definitions.ts';
import { isIdentifying } from '../../src/ingest/column-words.ts';
import { detectFormat, type DetectOptions, type DetectedFormat } from '../../src/ingest/detect-format.ts';
import type { Layout } from '../../src/ingest/layout.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const { catalog } = await openEngine();
const [sources, mappings] = [await catalog.sources(), await catalog.mappings()];
const folder = scratch();

const layoutOf = (header: string | readonly string[], format: Layout['format'] = 'csv'): Layout => ({
  format,
  names: typeof header === 'string' ? header.split(',') : [...header],
  lists: new Map(),
  delimiter: ',',
  path: '',
  compression: 'uncompressed',
});
const detect = (
  header: string | readonly string[],
  options: DetectOptions = {},
  format: Layout['format'] = 'csv',
  known: readonly Mapping[] = mappings,
): DetectedFormat[] => detectFormat(sources, known, layoutOf(header, format), 'the file', options);
const detectedNames = (...args: Parameters<typeof detect>): string[] =>
  detect(...args).map(({ format, source }) => format?.name ?? source.name);
const errorOf = (...args: Parameters<typeof detect>): string => {
  try {
    return `detected ${detectedNames(...args).join()}`;
  } catch (error) {
    return (error as { fullMessage: string }).fullMessage;
  }
};

const leeds = 'Charging event,User ID,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model';
const perth = 'CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model';
const ocpiToken = 'country_code,party_id,uid,type,contract_id,issuer,valid,whitelist,last_updated';
const ocpiSession =
  'country_code,party_id,id,start_date_time,kwh,cdr_token,auth_method,location_id,evse_uid,connector_id,currency,status,last_updated';

describe('a built-in mapping fits only a header it knows', () => {
  test.each([
    [perth, 'perth_kinross'],
    [`_id,${perth}`, 'perth_kinross'],
    [leeds, 'leeds'],
    [ocpiToken, 'ocpi_token'],
    ['timestamp,id,action,msg', 'ocpp_log'],
  ])('%s is %s', (header, expected) => {
    expect(detectedNames(header)).toEqual([expected]);
  });

  test.each([
    [
      'Charging event,Member,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
      'Charging event, Member',
    ],
    [`${perth},Cost`, 'Cost'],
    [`${perth},Session No.`, 'Session No.'],
    [`${leeds},Cost`, 'Cost'],
    [`${leeds},cardnumber`, 'cardnumber'],
    [`${leeds},Payment status`, 'Payment status'],
    ['timestamp,id,action,msg,customer_id', 'customer_id'],
    [
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session,Order Nr',
      'Order Nr',
    ],
  ])('%s is ambiguous', (header, columns) => {
    const message = errorOf(header);
    expect(message).toContain(`layout not recognized because of the columns ${columns}. Run \`wattduck map `);
    expect(message).not.toMatch(new RegExp(mappings.map(({ name }) => name).join('|')));
  });

  test.each([`${perth},Weather`, `${leeds},Weather,Duration (min)`])(
    '%s is imported without the further columns',
    (header) => {
      expect(detect(header).map(({ format }) => format?.name)).toHaveLength(1);
    },
  );

  test('a CSV file with a further column that also fits a source is ambiguous', () => {
    const header =
      'sessionId,dollars,created,ended,startTime,endTime,chargeTimeHrs,userId,stationId,locationId,managerVehicle,facilityType,kwhTotal';
    expect(detectedNames(header)).toEqual(['workplace_dataverse']);
    expect(errorOf(`${header},Weather`)).toContain('layout not recognized because of the columns Weather.');
  });

  test('JSON of a standard may have further keys, but no unknown ID, user, amount or status', () => {
    expect(detectedNames(`${ocpiSession},x_note,meter_id`, {}, 'ndjson')).toEqual(['ocpi_session']);
    expect(errorOf(`${ocpiSession},x_customer`, {}, 'ndjson')).toContain('because of the columns x_customer.');
  });

  test('--mapping imports it anyway', () => {
    const format = mappings.find(({ name }) => name === 'perth_kinross')!;
    expect(detectedNames(`${perth},Cost`, { format })).toEqual(['perth_kinross']);
  });
});

describe('with a source', () => {
  test.each([
    ['rfid,name', 'id_tags', 'id_tags'],
    ['station_id', 'charge_points', 'charge_points'],
    ['Charger,Name', 'charge_points', 'charge_points'],
    ['session_id,station_id,start_time', 'charging_sessions', 'charging_sessions'],
    [ocpiToken, 'id_tags', 'ocpi_token'],
    [perth, 'charging_sessions', 'perth_kinross'],
    // The columns of the source take precedence over a mapping.
    [`${perth},session_id,station_id,start_time`, 'charging_sessions', 'charging_sessions'],
    ['timestamp,id,action,msg,event_type,event_timestamp,customer_id', 'customer_events', 'customer_events'],
  ])('%s into %s is read as %s', (header, source, expected) => {
    expect(detectedNames(header, { source })).toEqual([expected]);
  });

  test.each([
    [
      'Charging event,Member,CP ID,Connector,Start Date,Start Time,End Date,End Time,Total kWh,Site,Model',
      'charging_sessions',
      'missing station_id.',
    ],
    ['session_id,start_time,energy_kwh', 'charging_sessions', 'missing station_id.'],
    ['name,note', 'id_tags', 'missing id_tag.'],
    ['event_type,customer_id', 'customer_events', 'missing event_timestamp.'],
  ])('%s into %s is rejected before a row is read', (header, source, expected) => {
    const message = errorOf(header, { source });
    expect(message).toContain(`does not fit source ${source}: ${expected}`);
    expect(message).toContain(`wattduck map 'the file' --source ${source}`);
  });

  test('only the key is needed on the command line', async () => {
    const path = join(folder, 'tags.csv');
    writeFileSync(path, 'rfid,name\nA1,Kim\nA2,Lee\n');
    const result = await wattduck(['ingest', path, '--source', 'id_tags', '--db', join(folder, 'tags.duckdb')]);
    expect(result).toMatchObject({ status: 0 });
    expect(result.stdout).toContain('2 rows read = 2 new');
  });
});

describe('a mapping of the user', () => {
  const sqlDir = mkdtempSync(join(folder, 'own-'));
  const write = (name: string, lines: string[]): string => {
    const path = join(sqlDir, 'mappings', `${name}.sql`);
    writeFileSync(path, lines.join('\n'));
    return path;
  };
  test('wins over a built-in one with more fields', async () => {
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(sqlDir, 'mappings'));
    write('ours', [
      '/*---',
      'title: Ours',
      'description: Our export.',
      'source: charging_sessions',
      'detect_by: [CP ID, Start Date]',
      '---*/',
      `select "Charging event" as session_id, "CP ID" as station_id, "Start Date" || ' ' || "Start Time" as start_time, "Member" as user_id from input`,
    ]);
    for (const header of [leeds, perth, `${perth},Charging event,Member`]) {
      const path = join(folder, 'file.csv');
      writeFileSync(path, `${header}\n${header.replaceAll(/[^,]+/g, '1')}\n`);
      const { stdout } = await wattduck(['ingest', path, '--dry-run', '--sql-dir', sqlDir]);
      expect(stdout).toContain('charging_sessions by ours');
    }
  });
});

describe('a file that fits nothing', () => {
  test.each([
    'Created,Finished,Charging point,Identifier,Vehicle,Start meter reading (kWh),Energy (kWh),Charging time,Price',
    'Start,End,Energy (kWh),Station',
    'event,customer,product,price',
    leeds.replace('User ID', 'Usr ID').replace('Model', 'Modell').replace('Site', 'Place'),
    'country_code,id,name,note',
    'foo,bar',
  ])('%s: the error shows the columns and the next step, and names no built-in format', (header) => {
    const message = errorOf(header);
    const names = header.split(',');
    expect(message).toBe(
      `the file: layout not recognized. Header: ${names.join(', ')}. Run \`wattduck map 'the file'\` to propose a mapping.`,
    );
  });
});

test.each(
  'id,Session ID,chargerUUID,Nr.,Invoice No.,User,driver_name,cardnumber,RFID,Total,Total cost,Fee,amountPaid,Currency,Payment status,State,Result,Kundennummer,Kosten,Prix total,userid,CustomerId'
    .split(',')
    .filter((header) => header !== 'Kundennummer'),
)('%s is identifying', (header) => expect(isIdentifying(header)).toBe(true));

test.each(
  'Weather,Notes,Total Duration,Total kWh,Site,Grid,Valid,Android,Temperature,Duration (min),Connector type,Latitude'.split(
    ',',
  ),
)('%s is not identifying', (header) => expect(isIdentifying(header)).toBe(false));

test('no column that looks like an ID, user, amount or status is dropped by a built-in mapping', () => {
  // Of a table of cells, every further column is imported or rejected.
  const csvMappings = mappings.filter(
    ({ unnest, unpivot, exactFields }) => unnest.length === 0 && unpivot === undefined && !exactFields,
  );
  const word = fc.constantFrom('Id', 'user', 'CARD', 'total_cost', 'Fee (EUR)', 'Status', 'member no', 'customerId');
  fc.assert(
    fc.property(
      fc.constantFrom(...csvMappings),
      fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('x', 'y', 'z', 'q') }),
      word,
      fc.boolean(),
      (mapping, prefix, identifying, isCsv) => {
        const further = `${prefix} ${identifying}`;
        const outcome = errorOf([...mapping.detectBy, further], {}, isCsv ? 'csv' : 'ndjson');
        expect(outcome).toContain(further);
        expect(outcome).toContain('layout not recognized because of the columns ');
      },
    ),
    { numRuns: runs(200), seed: 20260103 },
  );
});
