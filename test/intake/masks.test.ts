import { describe, expect, it } from '@jest/globals';
import { maskEmail } from '../../intake/mask-email.ts';
import { maskPhone } from '../../intake/phone/mask-phone.ts';

describe('masks', () => {
  it.each([
    ['+12025550143', '+1202*****43'],
    ['+8613800138000', '+8613*******00'],
    ['+2908123', '+29***23'],
    ['', ''],
  ])('of the phone number %s shows %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });

  it.each([
    ['jane@example.com', 'j***@example.com'],
    ['j@example.com', 'j***@example.com'],
    ['"a@b"@example.com', '"***@example.com'],
    ['\u{1f600}x@example.com', '\u{1f600}***@example.com'],
    ['@example.com', '***'],
    ['no address', '***'],
  ])('of the address %s shows %s', (email, masked) => {
    expect(maskEmail(email)).toBe(masked);
  });
});
