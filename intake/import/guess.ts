import type { ImportMapping, ImportTarget } from './parameters.ts';

/** What columns are called in the exports of CRMs, forms and spreadsheets; compared without case, accents, blanks and signs. */
const NAMES = {
  phone: [
    'phone', 'phone number', 'phone no', 'mobile', 'mobile phone', 'mobile number', 'cell', 'cell phone', 'telephone', 'telephone number', 'tel',
    'contact number', 'work phone', 'home phone', 'msisdn', 'telefon', 'telefonnummer', 'handy', 'handynummer', 'rufnummer', 'mobil', 'mobilnummer',
    'téléphone', 'numéro de téléphone', 'portable', 'teléfono', 'móvil', 'celular', 'telefono', 'cellulare', 'telefone', '电话', '手机', '手机号', '手机号码', '电话号码', '電話番号',
  ],
  region: ['country code', 'phone region', 'phone country', 'region code'],
  acquiredAt: [
    'acquired at', 'acquired', 'acquisition date', 'signed up', 'signed up at', 'sign up date', 'signup date', 'created', 'created at', 'created date', 'create date',
    'created time', 'date created', 'submitted', 'submitted at', 'submission date', 'timestamp', 'date', 'lead date', 'registered at', 'registration date',
    'erstellt', 'erstellt am', 'eingang', 'datum', 'angelegt am', 'créé le', 'date de création', 'fecha', 'fecha de creación', '创建时间', '提交时间', '注册时间', '日期',
  ],
  campaign: ['campaign', 'campaign name', 'utm campaign', 'kampagne', 'campagne', 'campaña', '活动'],
  method: ['method', 'lead method', 'channel of acquisition'],
  reference: ['reference', 'lead id', 'record id', 'external reference', 'referenz'],
  'subject.name': ['name', 'full name', 'contact name', 'lead name', 'customer name', 'vollständiger name', 'nom complet', 'nombre completo', '姓名', '名字', '氏名'],
  'subject.email': ['email', 'e mail', 'email address', 'e mail address', 'mail', 'email adresse', 'e mail adresse', 'courriel', 'adresse e mail', 'correo', 'correo electrónico', '邮箱', '电子邮件'],
  'subject.address.street': ['street', 'street address', 'address', 'address line 1', 'straße', 'strasse', 'anschrift', 'rue', 'calle', '地址'],
  'subject.address.city': ['city', 'town', 'stadt', 'ort', 'ville', 'ciudad', '城市'],
  'subject.address.region': ['state', 'province', 'state province', 'bundesland', '省', '省份'],
  'subject.address.postalCode': ['zip', 'zip code', 'postal code', 'postcode', 'plz', 'postleitzahl', 'code postal', 'código postal', '邮编'],
  'subject.address.country': ['country', 'land', 'pays', 'país', '国家'],
  'attributes.company': ['company', 'company name', 'organisation', 'organization', 'firma', 'unternehmen', 'entreprise', 'société', 'empresa', '公司'],
  'attributes.job_title': ['job title', 'title', 'position', 'beruf', 'poste', 'cargo', '职位'],
  'attributes.industry': ['industry', 'branche', 'secteur', 'sector', '行业'],
  'attributes.language': ['language', 'locale', 'sprache', 'langue', 'idioma', '语言'],
} satisfies Partial<Record<ImportTarget, readonly string[]>>;

const FIRST_NAMES = new Set(['first name', 'given name', 'vorname', 'prénom', 'nombre'].map(plainly));
const LAST_NAMES = new Set(['last name', 'surname', 'family name', 'nachname', 'nom', 'apellido', 'apellidos'].map(plainly));
const TARGETS = new Map(
  Object.entries(NAMES).flatMap(([target, names]) => names.map((name) => [plainly(name), target as ImportTarget] as const)),
);

/**
 * The mapping that a header suggests: the columns whose names are common for something, the first of each kind. Names of any
 * other kind are left out, so that the answer cannot hold a person from a file that has no header.
 */
export function guessMapping(header: readonly string[]): ImportMapping {
  const guess: ImportMapping = {};
  for (const cell of header) {
    const target = TARGETS.get(plainly(cell));
    if (target) guess[target] ??= cell.trim();
  }
  const parts = [FIRST_NAMES, LAST_NAMES].flatMap((names) => header.find((cell) => names.has(plainly(cell)))?.trim() ?? []);
  if (parts.length > 0) guess['subject.name'] ??= parts;
  return guess;
}

/** The mapping that the cells of a file without header suggest, its columns counted from 1. */
export function guessColumns(rows: readonly (readonly string[])[], looksLikePhone: (cell: string) => boolean): ImportMapping {
  const kinds: [ImportTarget, (cell: string) => boolean][] = [
    ['phone', looksLikePhone],
    ['subject.email', (cell) => /^[^\s@]+@[^\s@]+$/.test(cell.trim())],
    ['acquiredAt', (cell) => /^(?:19|20)\d\d-\d\d-\d\d/.test(cell.trim())],
  ];
  const guess: ImportMapping = {};
  for (const [target, isOne] of kinds) {
    const counts = (rows[0] ?? []).map((_, column) => rows.filter((cells) => isOne(cells[column] ?? '')).length);
    const most = Math.max(0, ...counts);
    if (most > rows.length / 2) guess[target] = counts.indexOf(most) + 1;
  }
  return guess;
}

/** The mapping that a header suggests, and, for what no name says, the cells below it. */
export function guessTable(
  header: readonly string[], rows: readonly (readonly string[])[], looksLikePhone: (cell: string) => boolean,
): ImportMapping {
  const guess = guessMapping(header);
  const taken = new Set(Object.values(guess).flat());
  for (const [target, column] of Object.entries(guessColumns(rows, looksLikePhone))) {
    const name = header[Number(column) - 1]?.trim();
    if (name && !taken.has(name)) guess[target as ImportTarget] ??= name;
  }
  return guess;
}

/** `E-Mail`, `e_mail` and `email` are one name. */
function plainly(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
