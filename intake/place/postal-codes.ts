/** States by the first three digits of a ZIP. Source: USPS Publication 65; the armed forces' have none. */
const ZIP_RANGES = `
  005 NY, 006-007 PR, 008 VI, 009 PR, 010-027 MA, 028-029 RI, 030-038 NH, 039-049 ME, 050-054 VT, 055 MA, 056-059 VT, 060-069 CT, 063 NY,
  070-089 NJ, 100-149 NY, 150-196 PA, 197-199 DE, 200 DC, 201 VA, 202-205 DC, 206-219 MD, 220-246 VA, 247-268 WV, 270-289 NC, 290-299 SC,
  300-319 GA, 320-339 FL, 341-349 FL, 350-369 AL, 370-385 TN, 386-397 MS, 398-399 GA, 400-427 KY, 430-459 OH, 460-479 IN, 480-499 MI,
  500-528 IA, 530-549 WI, 550-567 MN, 569 DC, 570-577 SD, 580-588 ND, 590-599 MT, 600-629 IL, 630-658 MO, 660-679 KS, 680-693 NE,
  700-714 LA, 716-729 AR, 730-732 OK, 733 TX, 734-749 OK, 750-799 TX, 800-816 CO, 820-831 WY, 832-838 ID, 840-847 UT, 850-865 AZ,
  870-884 NM, 885 TX, 889-898 NV, 900-961 CA, 967 HI, 967 AS, 968 HI, 969 GU, 969 MP, 970-979 OR, 980-994 WA, 995-999 AK`;

/** Provinces by the first letter of a postal code. Source: Canada Post. */
const PROVINCES = new Map(Object.entries({
  A: ['NL'], B: ['NS'], C: ['PE'], E: ['NB'], G: ['QC'], H: ['QC'], J: ['QC'], K: ['ON'], L: ['ON'], M: ['ON'], N: ['ON'], P: ['ON'],
  R: ['MB'], S: ['SK'], T: ['AB'], V: ['BC'], X: ['NT', 'NU'], Y: ['YT'],
}));

const STATES = statesByZip();

/** The parts of a country that a postal code can lie in, without the country; none where the code does not tell. */
export function regionsOfPostalCode(country: string, postalCode: string): readonly string[] {
  const code = postalCode.trim().toUpperCase();
  if (country === 'US') return /^\d{5}(?:-?\d{4})?$/.test(code) ? STATES.get(code.slice(0, 3)) ?? [] : [];
  if (country === 'CA') return /^[A-Z]\d[A-Z](?: ?\d[A-Z]\d)?$/.test(code) ? PROVINCES.get(code.charAt(0)) ?? [] : [];
  return [];
}

function statesByZip(): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const range of ZIP_RANGES.split(',')) {
    const [span = '', state = ''] = range.trim().split(' ');
    const [first = '', last = first] = span.split('-');
    for (let zip = Number(first); zip <= Number(last); zip += 1) {
      const prefix = String(zip).padStart(3, '0');
      states.set(prefix, [...(states.get(prefix) ?? []), state]);
    }
  }
  return states;
}
