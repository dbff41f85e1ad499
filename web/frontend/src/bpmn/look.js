// How diagrams are drawn, the same in the editor and on the case page.

// No web font: Windows and the domestic desktops each have one of these.
export const FONTS = '"Noto Sans CJK SC","PingFang SC","Microsoft YaHei","WenQuanYi Zen Hei",sans-serif';

export const look = {
  textRenderer: {
    defaultStyle: { fontFamily: FONTS, fontSize: 13, lineHeight: 1.2 },
    externalStyle: { fontFamily: FONTS, fontSize: 13, lineHeight: 1.2 },
  },
  bpmnRenderer: { defaultStrokeColor: '#22303f', defaultLabelColor: '#16202b' },
};
