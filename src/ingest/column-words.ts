import type { Source } from '../catalog/definitions.ts';

/** Words of a header in lower case and without accents: `chargerID` and `Charger-ID` are charger and id. */
export const wordsOf = (header: string): string[] =>
  header
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/** Words for an ID, in the languages of charging networks' exports. */
const idWords =
  'id ids uid uuid guid nr no num number numero nummer nummero kennung identifier identificatore ref reference'.split(
    ' ',
  );

/** Words for a user, an amount or a status. */
const valueWords =
  `user users userid member driver customer client account holder owner employee tenant email mail phone card badge rfid tag token
  contract vehicle vin plate licence license invoice receipt
  cost costs price fee fees amount paid payment revenue charged billed bill total subtotal net gross vat tax discount credit refund debit currency tip
  status state result outcome event error reason
  nutzer benutzer kunde fahrer karte konto vertrag fahrzeug kennzeichen rechnung kosten preis betrag gebuhr waehrung wahrung zustand ergebnis
  utilisateur client conducteur carte compte contrat vehicule facture cout prix montant devise statut etat
  utente cliente conducente tessera conto contratto veicolo fattura costo prezzo importo valuta stato
  usuario conductor tarjeta cuenta contrato vehiculo factura coste precio importe moneda estado`.split(/\s+/);

const valueWordSet: ReadonlySet<string> = new Set(valueWords);
const idWordSet: ReadonlySet<string> = new Set(idWords);

/** Things that are numbered: with an ID word behind them, they make one word such as sessionid. */
const thingWords =
  'session transaction station charger chargepoint connector event order visit device site location plug'.split(' ');

const joinedWord = new RegExp(
  `^(?:${[...valueWords, ...thingWords].join('|')})(?:${[...idWords, ...valueWords].join('|')})$`,
);

/** Words that make a total a quantity other than an amount. */
const quantityWords: ReadonlySet<string> = new Set(
  'duration time times hours hour minutes minute seconds energy kwh wh power distance'.split(' '),
);

/** Whether a header looks like an ID, a user, an amount or a status: such a column must not be dropped silently. */
export function isIdentifying(header: string): boolean {
  const words = wordsOf(header);
  const isQuantity = words.some((word) => quantityWords.has(word));
  return words.some(
    (word) =>
      idWordSet.has(word) || (valueWordSet.has(word) && !(word === 'total' && isQuantity)) || joinedWord.test(word),
  );
}

/** Words for what a source records, besides the words of its columns. */
const topicWords: Readonly<Record<string, string>> = {
  charging_sessions:
    'charging charge session sessions start started begin began created connected plugin end ended finished stop stopped finish disconnected energy kwh wh consumption meter duration soc charger chargepoint station connector plug vehicle',
  charge_point_events:
    'status heartbeat connector error fault firmware boot ocpp frame message reported event charger chargepoint',
  customer_events: 'event customer visitor product page cart purchase order quantity visit view click sku url',
};

/**
 * How much the headers of a file speak of each source: words that only few sources use count most.
 * @returns the score of each source by name; 0 if no word fits
 */
export function topicScores(sources: readonly Source[], headers: readonly string[]): Map<string, number> {
  const vocabularies = new Map(
    sources.map((source): [string, Set<string>] => [
      source.name,
      new Set([
        ...source.columns.flatMap(({ name, aliases }) => [name, ...aliases].flatMap(wordsOf)),
        ...(topicWords[source.name] ?? '').split(' '),
      ]),
    ]),
  );
  const weight = (word: string): number => {
    const uses = [...vocabularies.values()].filter((words) => words.has(word)).length;
    return uses === 0 ? 0 : 1 / uses;
  };
  const headerWords = headers.slice(0, 200).map((header) => [...new Set(wordsOf(header.slice(0, 200)))]);
  return new Map(
    [...vocabularies].map(([name, vocabulary]) => [
      name,
      headerWords.reduce(
        (sum, words) => sum + Math.max(0, ...words.filter((word) => vocabulary.has(word)).map(weight)),
        0,
      ),
    ]),
  );
}
