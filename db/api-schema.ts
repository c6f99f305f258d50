import type { ColumnType, Generated } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;

export interface IdempotencyTable {
  api_key_id: string;
  key: string;
  request_digest: Buffer;
  status: number;
  body: JsonColumn<unknown>;
  created_at: Date;
}

export interface ApiKeyTable {
  id: string;
  name: string;
  role: string;
  digest: Buffer;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Generated<Date | null>;
  created_by: Generated<string | null>;
  revoked_by: Generated<string | null>;
}
