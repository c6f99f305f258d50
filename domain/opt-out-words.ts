/** Words by which people answer a message, of one language, and where it is written that they count. */
interface WordList {
  language: string;
  source: string;
  /** Count wherever they are the whole message, and are looked into wherever they occur in one. */
  stop: readonly string[];
  /** Count as the whole message only: inside one they say too little. */
  alone?: readonly string[];
  start?: readonly string[];
  help?: readonly string[];
}

/** The languages of every jurisdiction that has a page of law, English first: its words are understood everywhere. */
export const OPT_OUT_WORDS: readonly WordList[] = [
  {
    language: 'en',
    source: '47 CFR 64.1200(a)(10); the rest as carriers understand them (CTIA Messaging Principles 5.1)',
    stop: ['stop', 'quit', 'revoke', 'opt out', 'cancel', 'unsubscribe', 'stop all', 'remove me', 'do not contact me'],
    alone: ['end', 'remove'],
    start: ['start', 'unstop'],
    help: ['help', 'info'],
  },
  {
    language: 'fr',
    source: 'charter of the French operators for short numbers (STOP, CONTACT); CASL practice in Canada (ARRET)',
    stop: ['arret', 'arreter', 'desabonner', 'desinscrire', 'desabonnement', 'desinscription', 'annuler', 'resilier'],
    alone: ['fin', 'arretez', 'arrete'],
    help: ['aide', 'contact'],
  },
  {
    language: 'de',
    source: 'UWG 7(3) no. 4; practice of the German carriers',
    stop: ['stopp', 'abmelden', 'abbestellen', 'widerruf', 'widerrufen', 'austragen', 'kündigen'],
    alone: ['ende', 'aus'],
    help: ['hilfe'],
  },
  {
    language: 'it',
    source: 'D.Lgs. 196/2003 art. 130; practice of the Italian carriers',
    stop: ['ferma', 'annulla', 'cancella', 'cancellami', 'disiscrivi', 'disiscrivimi', 'revoca', 'rimuovi'],
    alone: ['basta', 'fine'],
    help: ['aiuto'],
  },
  {
    language: 'es',
    source: '47 CFR 64.1200(a)(10), any reasonable means; CTIA Messaging Principles 5.1 on messages in other languages',
    stop: ['parar', 'cancelar', 'detener', 'revocar', 'desuscribir', 'darme de baja', 'anular suscripción'],
    alone: ['baja', 'alto', 'pare', 'fin'],
    start: ['comenzar'],
    help: ['ayuda'],
  },
  {
    language: 'zh',
    source: 'practice of the Chinese carriers: 回复TD退订; MIIT measures on commercial text messages (2015) 18',
    stop: ['退订', '退訂', '取消订阅', '取消訂閱', '拒收', '停止', '不要再发'],
    alone: ['t', 'td', 'qx', '取消'],
    start: ['订阅', '訂閱'],
    help: ['帮助', '幫助'],
  },
  {
    language: 'hi',
    source: 'TRAI TCCCPR 2018, messages to 1909 and short codes; the translation is unconfirmed',
    stop: ['बंद', 'बंद करें', 'रोकें', 'रद्द करें', 'सदस्यता समाप्त'],
    alone: ['रुको'],
    help: ['मदद', 'सहायता'],
  },
  {
    language: 'ms',
    source: 'Spam Control Act 2007 (Singapore), Second Schedule; the translation is unconfirmed',
    stop: ['berhenti', 'henti', 'batal', 'nyahlanggan'],
    help: ['bantuan'],
  },
  {
    language: 'ta',
    source: 'Spam Control Act 2007 (Singapore), Second Schedule; the translation is unconfirmed',
    stop: ['நிறுத்து', 'நிறுத்தவும்'],
    help: ['உதவி'],
  },
];

/** Not the word for it, but what somebody writes who wants no more of this: a person has to read it. */
const HINTS = [
  'dont text', 'do not text', 'dont call', 'do not call', 'dont contact', 'no more', 'leave me alone', 'not interested', 'wrong number',
  'take me off', 'stopping', 'stopped', 'opting out', 'unsubscribing', 'never call', 'never text', 'never contact', 'never message', 'no calls', 'no texts',
  'no messages', 'lose my number', 'lose this number', 'delete my number', 'delete my data', 'fuck off', 'cease', 'harassing', 'harassment', 'spam', 'lawyer', 'attorney',
  'kein interesse', 'keine werbung', 'keine anrufe', 'keine nachrichten', 'keine sms', 'nicht mehr', 'nicht anrufen', 'lass mich', 'lassen sie mich', 'in ruhe',
  'daten löschen', 'meine nummer löschen', 'löschen sie meine', 'belästigung',
  'pas interesse', 'plus de message', 'plus de messages', 'plus dappel', 'plus dappels', 'mappelez plus', 'mecrivez plus', 'me contactez plus', 'plus me contacter',
  'laissez moi', 'supprimez mon', 'supprimez mes', 'harcelement',
  'cancellare', 'cancellarmi', 'disiscrivermi', 'non chiamare', 'non chiamatemi', 'non chiamarmi', 'non chiamate', 'non scrivetemi', 'non scrivermi',
  'non contattatemi', 'non contattarmi', 'non mi interessa', 'smettetela', 'smettila',
  'no me llame', 'no me llames', 'no me llamen', 'no llame', 'no llamen', 'no llamar', 'no me escriba', 'no me escriban', 'no me escribas', 'no me contacte', 'no me contacten',
  'no quiero', 'no me interesa', 'dejen de', 'deje de', 'borren mi', 'borre mi',
  '不要', '别发', '別發', '别打', '別打', '别再', '別再', '勿扰', '勿擾', '骚扰', '騷擾',
];

export type MessageMeaning = 'opt_out' | 'start' | 'help' | 'unclear' | 'other';

/**
 * What a message from a person means: the words above by themselves, however they are written; `unclear` where one of them, or
 * something like it, stands among others.
 */
export function readMessage(text: string): MessageMeaning {
  const plain = plainOf(text);
  const compact = plain.replaceAll(' ', '');
  if (STOP.has(compact)) return 'opt_out';
  if (START.has(compact)) return 'start';
  if (HELP.has(compact)) return 'help';
  return mayMeanStop(plain) ? 'unclear' : 'other';
}

function mayMeanStop(plain: string): boolean {
  const padded = ` ${plain} `;
  return INSIDE.some((word) => (SPACED.test(word) ? padded.includes(` ${word} `) : plain.includes(word)));
}

/** Writing that puts spaces between words. */
const SPACED = /^[\p{Script=Latin}\p{Script=Devanagari}\p{Script=Tamil}\p{M} ]+$/u;

/** One spelling for all: width, case, accents, apostrophes, punctuation and blanks do not matter. */
function plainOf(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f'’`\p{Cf}]/gu, '')
    .normalize('NFC')
    .replace(/[\p{P}\p{S}\p{Z}\p{Cc}]+/gu, ' ')
    .trim();
}

function compactSet(pick: (list: WordList) => readonly string[] | undefined): ReadonlySet<string> {
  return new Set(OPT_OUT_WORDS.flatMap((list) => pick(list) ?? []).map((word) => plainOf(word).replaceAll(' ', '')));
}

const STOP = compactSet(({ stop, alone = [] }) => [...stop, ...alone]);
const START = compactSet(({ start }) => start);
const HELP = compactSet(({ help }) => help);
const INSIDE = [...OPT_OUT_WORDS.flatMap(({ stop }) => stop), ...HINTS].map(plainOf);
