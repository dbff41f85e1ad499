// The 18-digit identity number (GB 11643): area, date of birth, order (odd for men), check digit. No page in here, for tests.

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';

/** Answers {birth: [y, m, d], sex, age} or {problem}. */
export function readIdNumber(text, today = new Date()) {
  const number = text.trim().toUpperCase();
  if (!/^\d{17}[\dX]$/.test(number)) {
    return { problem: number.length === 18 ? '只能是 17 位数字加 1 位数字或 X' : '应为 18 位，现在是 {n} 位' };
  }
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  const birth = new Date(year, month - 1, day);
  const real = birth.getFullYear() === year && birth.getMonth() === month - 1 && birth.getDate() === day;
  if (!real || year < 1880 || birth > today) return { problem: '出生日期不对' };
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  if (CHECKS[sum % 11] !== number[17]) return { problem: '校验位不对，请核对每一位' };
  const hadBirthday = today.getMonth() > month - 1 || (today.getMonth() === month - 1 && today.getDate() >= day);
  return {
    birth: [year, month, day],
    sex: Number(number[16]) % 2 ? '男' : '女',
    age: today.getFullYear() - year - (hadBirthday ? 0 : 1),
  };
}
