// What the behaviours say. The Chinese text stands for itself; {name} in it is filled in. The page says its language.

const ENGLISH = {
  取消: 'Cancel',
  确定: 'OK',
  删除: 'Delete',
  知道了: 'OK',
  键盘操作: 'Keys',
  下一行: 'Next row',
  上一行: 'Previous row',
  打开: 'Open',
  '列出 {n} 项': '{n} rows are listed',
  领取: 'Take',
  查找: 'Search',
  显示这份说明: 'Show this list',
  '这一行已经填了内容，确定删除吗？': 'Something is filled in here. Delete the row?',
  '登录已过期，请刷新页面重新登录。': 'Your session has ended. Reload the page and sign in again.',
  '没有这项权限，或页面已过期，请刷新后再试。': 'Not allowed, or the page is too old. Reload it and try again.',
  '服务器出错，操作没有完成，请稍后再试。': 'Something went wrong and nothing was done. Please try again later.',
  '网络不通，操作没有完成。': 'No connection; nothing was done.',
  '“{name}”有 {size} MB，超过 {most} MB，请压缩或分开后再选。': '“{name}” has {size} MB, more than {most} MB. Please compress or divide it.',
  '“{name}”是空文件。': '“{name}” is empty.',
  '{year}年{month}月{day}日出生，{age} 岁，{sex}': 'Born {year}-{month}-{day}, {age} years old, {sex}',
  男: 'male',
  女: 'female',
  '只能是 17 位数字加 1 位数字或 X': 'Must be 17 digits and a digit or X',
  '出生日期不对': 'The date of birth is wrong',
  '校验位不对，请核对每一位': 'The check digit is wrong; please compare every digit',
};

export const english = typeof document !== 'undefined' && document.documentElement.lang.startsWith('en');

/** Says a text in the language of the page. */
export function word(text, values = {}) {
  const found = (english && ENGLISH[text]) || text;
  return found.replace(/{(\w+)}/g, (all, name) => (name in values ? values[name] : all));
}
