const [EASTERN, CENTRAL, MOUNTAIN, PACIFIC] = ['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'];

/** A part of a country as addresses name it, with every zone that it has. Source: tz database; 49 CFR 71 for the US. */
type Region = readonly [name: string, ...zones: string[]];

export const REGIONS: Record<string, Region> = {
  'US-AK': ['Alaska', 'America/Anchorage', 'America/Adak'], 'US-AL': ['Alabama', CENTRAL], 'US-AR': ['Arkansas', CENTRAL],
  'US-AZ': ['Arizona', 'America/Phoenix', MOUNTAIN], 'US-CA': ['California', PACIFIC], 'US-CO': ['Colorado', MOUNTAIN],
  'US-CT': ['Connecticut', EASTERN], 'US-DC': ['District of Columbia', EASTERN], 'US-DE': ['Delaware', EASTERN],
  'US-FL': ['Florida', EASTERN, CENTRAL], 'US-GA': ['Georgia', EASTERN], 'US-HI': ['Hawaii', 'Pacific/Honolulu'],
  'US-IA': ['Iowa', CENTRAL], 'US-ID': ['Idaho', 'America/Boise', PACIFIC], 'US-IL': ['Illinois', CENTRAL],
  'US-IN': ['Indiana', EASTERN, CENTRAL], 'US-KS': ['Kansas', CENTRAL, MOUNTAIN], 'US-KY': ['Kentucky', EASTERN, CENTRAL],
  'US-LA': ['Louisiana', CENTRAL], 'US-MA': ['Massachusetts', EASTERN], 'US-MD': ['Maryland', EASTERN], 'US-ME': ['Maine', EASTERN],
  'US-MI': ['Michigan', EASTERN, CENTRAL], 'US-MN': ['Minnesota', CENTRAL], 'US-MO': ['Missouri', CENTRAL],
  'US-MS': ['Mississippi', CENTRAL], 'US-MT': ['Montana', MOUNTAIN], 'US-NC': ['North Carolina', EASTERN],
  'US-ND': ['North Dakota', CENTRAL, MOUNTAIN], 'US-NE': ['Nebraska', CENTRAL, MOUNTAIN], 'US-NH': ['New Hampshire', EASTERN],
  'US-NJ': ['New Jersey', EASTERN], 'US-NM': ['New Mexico', MOUNTAIN], 'US-NV': ['Nevada', PACIFIC, MOUNTAIN],
  'US-NY': ['New York', EASTERN], 'US-OH': ['Ohio', EASTERN], 'US-OK': ['Oklahoma', CENTRAL], 'US-OR': ['Oregon', PACIFIC, 'America/Boise'],
  'US-PA': ['Pennsylvania', EASTERN], 'US-RI': ['Rhode Island', EASTERN], 'US-SC': ['South Carolina', EASTERN],
  'US-SD': ['South Dakota', CENTRAL, MOUNTAIN], 'US-TN': ['Tennessee', EASTERN, CENTRAL], 'US-TX': ['Texas', CENTRAL, MOUNTAIN],
  'US-UT': ['Utah', MOUNTAIN], 'US-VA': ['Virginia', EASTERN], 'US-VT': ['Vermont', EASTERN], 'US-WA': ['Washington', PACIFIC],
  'US-WI': ['Wisconsin', CENTRAL], 'US-WV': ['West Virginia', EASTERN], 'US-WY': ['Wyoming', MOUNTAIN],
  'US-PR': ['Puerto Rico', 'America/Puerto_Rico'], 'US-VI': ['Virgin Islands', 'America/St_Thomas'], 'US-GU': ['Guam', 'Pacific/Guam'],
  'US-MP': ['Northern Mariana Islands', 'Pacific/Saipan'], 'US-AS': ['American Samoa', 'Pacific/Pago_Pago'],
  'CA-AB': ['Alberta', 'America/Edmonton'], 'CA-BC': ['British Columbia', 'America/Vancouver', 'America/Edmonton', 'America/Fort_Nelson'],
  'CA-MB': ['Manitoba', 'America/Winnipeg'], 'CA-NB': ['New Brunswick', 'America/Halifax'],
  'CA-NL': ['Newfoundland and Labrador', 'America/St_Johns', 'America/Goose_Bay'], 'CA-NS': ['Nova Scotia', 'America/Halifax'],
  'CA-NT': ['Northwest Territories', 'America/Edmonton'], 'CA-NU': ['Nunavut', 'America/Toronto', 'America/Winnipeg', 'America/Edmonton'],
  'CA-ON': ['Ontario', 'America/Toronto', 'America/Winnipeg'], 'CA-PE': ['Prince Edward Island', 'America/Halifax'],
  'CA-QC': ['Quebec', 'America/Toronto', 'America/Halifax'], 'CA-SK': ['Saskatchewan', 'America/Regina', 'America/Edmonton'],
  'CA-YT': ['Yukon', 'America/Whitehorse'],
  'AU-ACT': ['Australian Capital Territory', 'Australia/Sydney'],
  'AU-NSW': ['New South Wales', 'Australia/Sydney', 'Australia/Adelaide', 'Australia/Lord_Howe'],
  'AU-NT': ['Northern Territory', 'Australia/Darwin'], 'AU-QLD': ['Queensland', 'Australia/Brisbane'],
  'AU-SA': ['South Australia', 'Australia/Adelaide'], 'AU-TAS': ['Tasmania', 'Australia/Sydney'],
  'AU-VIC': ['Victoria', 'Australia/Sydney'], 'AU-WA': ['Western Australia', 'Australia/Perth', 'Australia/Eucla'],
};
