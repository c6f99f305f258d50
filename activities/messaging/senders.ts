import type { Db } from '../../db/connection.ts';
import type { Vault } from '../../db/vault.ts';
import { crmSender } from './crm-sender.ts';
import { createLogSender, type RequestLog } from './log-sender.ts';
import type { MessageSender } from './message-sender.ts';
import { createSmtpSender, type SmtpSettings } from './smtp-sender.ts';

/** By which way persons are written to. */
export type MessagingSettings = { adapter: 'crm' | 'log' } | ({ adapter: 'smtp' } & SmtpSettings);

interface Dependencies {
  db: Db;
  vault: Vault;
  log: RequestLog;
}

/** The one way that this deployment has. */
export function createSender(dependencies: Dependencies, settings: MessagingSettings): MessageSender {
  switch (settings.adapter) {
    case 'smtp': return createSmtpSender(dependencies, settings);
    case 'crm': return crmSender;
    case 'log': return createLogSender(dependencies.log);
  }
}
