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

/** Whether a word of a header stands for an ID. */
export const hasIdWord = (header: string): boolean => wordsOf(header).some((word) => idWordSet.has(word));
