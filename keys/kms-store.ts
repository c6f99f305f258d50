import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { bindingOf, KeyStoreAway, notOpened, refused, type KeyStore } from './key-store.ts';

export interface KmsSettings {
  /** Id, ARN or alias of a symmetric key. */
  key: string;
  /** Left out: as the environment of the SDK says. */
  region: string | undefined;
  /** Left out: that of the region. */
  endpoint: string | undefined;
}

const STORE = 'AWS KMS';
const ATTEMPTS = 2;
const WITHIN = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
const NOT_OPENED = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);
/** Not the server's fault by its status, and over after a while all the same. */
const AWAY = new Set(['ThrottlingException', 'DependencyTimeoutException', 'KeyUnavailableException', 'RequestTimeout', 'CredentialsProviderError']);

/**
 * AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference/): Encrypt and Decrypt with the name in the encryption context.
 * Who we are comes from where the SDK looks for it: the role of the machine, or the environment.
 */
export function kmsStore({ key, region, endpoint }: KmsSettings): KeyStore {
  const client = new KMSClient({
    maxAttempts: ATTEMPTS,
    requestHandler: WITHIN,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    kind: 'aws-kms',
    key,
    async wrap(name, plain) {
      const command = new EncryptCommand({ KeyId: key, Plaintext: plain, EncryptionContext: bindingOf(name) });
      const { CiphertextBlob: wrapped } = await client.send(command).catch((error: unknown) => fail(error, name));
      return bytesOf(wrapped).toString('base64');
    },
    async unwrap(name, wrapped) {
      const ciphertext = Buffer.from(wrapped, 'base64');
      const command = new DecryptCommand({ KeyId: key, CiphertextBlob: ciphertext, EncryptionContext: bindingOf(name) });
      const { Plaintext: plain } = await client.send(command).catch((error: unknown) => fail(error, name));
      return bytesOf(plain);
    },
  };
}

function bytesOf(bytes: Uint8Array | undefined): Buffer {
  if (bytes === undefined) throw new KeyStoreAway(`${STORE} gives an answer that is none`);
  return Buffer.from(bytes);
}

/** The SDK's own words can quote a request: the kind of error has to do. */
function fail(error: unknown, name: string): never {
  const { name: kind = 'Error', $fault: fault, $metadata } = error as { name?: string; $fault?: string; $metadata?: { httpStatusCode?: number } };
  if (NOT_OPENED.has(kind)) throw notOpened(STORE, name);
  const status = $metadata?.httpStatusCode;
  if (fault !== 'client' || status === undefined || status >= 500 || AWAY.has(kind)) throw new KeyStoreAway(`${STORE} does not answer (${kind})`);
  throw refused(STORE, kind, 'see that AWS_KMS_KEY names an enabled symmetric key, and that this machine may encrypt and decrypt with it');
}
